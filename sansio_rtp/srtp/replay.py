"""Which packet of a stream this is, and whether it came before (RFC 3711 §3.3.1, §3.3.2)."""

from __future__ import annotations

from array import array
from typing import TypeAlias

MAX_INDEX = (1 << 48) - 1
"""The last index that an RTP packet can have (RFC 3711 §3.3.1)."""

Ring: TypeAlias = "array[int] | memoryview[int]"


def estimate_index(highest: int, sequence: int) -> int:
    """Return the index of a packet: roll-over counter and sequence number in one (RFC 3711 appendix A).

    Args:
        highest: Highest index so far, `2**16 * ROC + s_l`.
        sequence: Sequence number of the packet.
    """
    step = sequence - (highest & 0xFFFF)
    if step > 0x8000:
        # Before the first roll-over no packet can be of the time before: it is ahead after a great loss.
        step -= 0x10000 if highest > 0xFFFF else 0
    elif step < -0x8000:
        step += 0x10000
    return highest + step


class ReplayList:
    """The packets of one stream that came: a ring of indices, one place for each of the last `window`.

    A place holds the whole index, so that nothing needs clearing when the window moves ahead, and the list of
    many streams is one array.

    Attributes:
        highest: Highest index so far, -1 before the first packet.
        ring: The indices; -1 where none came.
    """

    __slots__ = ("_window", "highest", "ring")

    def __init__(self, window: int) -> None:
        """Begin before the first packet."""
        self._window = window
        self.highest = -1
        self.ring: Ring = array("q", (-1,)) * window

    def has(self, index: int) -> bool:
        """Tell whether `index` came before or is too old to tell."""
        highest = self.highest
        return index <= highest and (
            index <= highest - self._window or self.ring[index % self._window] == index
        )

    def add(self, index: int) -> None:
        """Note `index`, which `has` not come."""
        self.ring[index % self._window] = index
        if index > self.highest:
            self.highest = index

    def resume(self, highest: int) -> None:
        """Go on after `highest`; everything up to it counts as come."""
        self.highest = highest
        for index in range(max(0, highest - self._window + 1), highest + 1):
            self.ring[index % self._window] = index
