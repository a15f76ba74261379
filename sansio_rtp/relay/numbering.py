"""How one outgoing source goes on while the sources that feed it change: sequence numbers and timestamps."""

from __future__ import annotations

from ..packet import seq_delta, timestamp_delta


class Numbering:
    """Sequence numbers and timestamps of a source that comes, moved to those of a source that goes.

    Both are moved by an offset that stays for as long as the source stays, so that a gap stays a gap and a
    packet out of order keeps its place. An anchor begins a new offset: the next packet follows the last one
    that was sent, whatever that was. What is older than the anchor would get numbers that are in use already.

    Attributes:
        sequence: Sequence number of the newest packet that came.
        number: Sequence number of the newest packet that went.
        since: Packets that it lies behind the anchor; -1 before the first one.
        shift: What is added to timestamps.
        previous: Timestamp of the newest packet of audio, as it came.
        step: Timestamp units between packets of audio that follow each other, as they came lately.
    """

    __slots__ = ("number", "previous", "sequence", "shift", "since", "step")

    def __init__(self, step: int) -> None:
        """Begin without an anchor; packets are `step` timestamp units long until they show it."""
        self.sequence = self.number = self.since = self.shift = self.previous = 0
        self.step = step

    def anchor(self, sequence: int, timestamp: int, number: int, due: int) -> None:
        """Let a packet that comes with `sequence` and `timestamp` go with `number` and at `due`."""
        self.sequence, self.number, self.since = (sequence - 1) & 0xFFFF, (number - 1) & 0xFFFF, -1
        self.shift = (due - timestamp) & 0xFFFFFFFF
        self.previous = timestamp

    def ahead(self, sequence: int) -> int | None:
        """Return how far a packet is ahead of the newest one; None when it is older than the anchor."""
        ahead = seq_delta(sequence, self.sequence)
        return ahead if self.since + ahead >= 0 else None

    def advance(self, ahead: int) -> None:
        """Note that a packet is the newest, and has gone."""
        self.sequence = (self.sequence + ahead) & 0xFFFF
        self.number = (self.number + ahead) & 0xFFFF
        self.since += ahead

    def pass_over(self, ahead: int) -> None:
        """Note that a packet is the newest, and does not go: the next one gets its number."""
        self.sequence = (self.sequence + ahead) & 0xFFFF
        self.number = (self.number + ahead - 1) & 0xFFFF
        self.since = -1

    def time(self, timestamp: int, longest: int) -> None:
        """Note the timestamp of the newest packet of audio, and how far it lies behind the one before."""
        step = timestamp_delta(timestamp, self.previous)
        if 0 < step <= longest:
            self.step = step
        self.previous = timestamp
