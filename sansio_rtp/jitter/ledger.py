"""Which packets came, which were played, and what is missing between them."""

from __future__ import annotations

from ..packet.sequence import SequenceWindow
from .losses import LossRecord


class Ledger:
    """Counts packets by extended sequence number.

    Attributes:
        last: The highest number that was played, or None.
        lost: Numbers that were passed by and have not come.
        late: Packets that came after their turn.
        duplicates: Packets that came twice.
        reordered: Packets that came after a later one.
        bursts: Runs of missing numbers, as they were when their turn came.
        played: Packets played.
        discarded: Good packets dropped unplayed without being late.
        losses: How what was missing clusters.
    """

    __slots__ = ("_first", "_window", "bursts", "discarded", "duplicates", "last", "late", "losses", "lost",
                 "played", "reordered")  # fmt: skip

    def __init__(self, number: int) -> None:
        """Begin before the packet `number`."""
        self._window = SequenceWindow(number)
        self._first = number  # the first number played of the segment: before it nothing counts as lost
        self.last: int | None = None
        self.lost = self.late = self.duplicates = self.reordered = self.bursts = self.played = 0
        self.discarded = 0
        self.losses = LossRecord()

    @property
    def loss(self) -> float:
        """Share of the packets that the network lost, 0 to 1."""
        return self.lost / (self.lost + self.played) if self.lost > 0 else 0.0

    def loss_after(self, played: int) -> float:
        """Return what `loss` will be once so many more packets are played."""
        return self.lost / (self.lost + self.played + played) if self.lost > 0 else 0.0

    def arrive(self, number: int) -> bool:
        """Note that `number` came; return False when it came before."""
        highest = self._window.highest
        if not self._window.add(number):
            self.duplicates += 1
            return False
        if number < highest:
            self.reordered += 1
        return True

    def run_on(self, arrived: int, played: int, skipped: int) -> None:
        """Note that the next `arrived` numbers came in sequence, and the next ones were played or skipped."""
        self._window.extend(arrived)
        self.played += played
        self.last = (self.last or 0) + played + skipped

    def missing_before(self, number: int, segment: int) -> int:
        """Count the packets that are missing between the last one played and `number`."""
        last = self.last
        if last is None or number == last + 1 or last < segment <= number:
            return 0
        return self._window.missing(last + 1, number - 1)

    def play(self, number: int, segment: int) -> None:
        """Note that `number` is played, and count what was missing before it."""
        self.pass_by(number, segment)
        self.played += 1

    def pass_by(self, number: int, segment: int) -> None:
        """Note that the turn of `number` is over, and count what was missing before it."""
        last = self.last
        if last is None or last < segment <= number:
            self._first = number
        elif number != last + 1:
            missing = self._window.missing(last + 1, number - 1)
            if missing:
                self.lost += missing
                self.bursts += 1
                self.losses.lose(self.played, missing)
        if last is None or number > last:
            self.last = number

    def arrive_late(self, number: int) -> None:
        """Note that `number`, which just came, missed its turn: late, not lost."""
        self.late += 1
        if self.last is not None and self._first < number < self.last:
            self.lost -= 1
            self.losses.excuse()
        else:
            self.losses.discard(self.played)

    def discard(self) -> None:
        """Note that a packet that came is dropped unplayed."""
        self.discarded += 1
        self.losses.discard(self.played)
