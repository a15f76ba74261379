"""Arithmetic on counters that wrap, and the memory of which sequence numbers came (RFC 3550 A.1)."""

from __future__ import annotations

SEQUENCE_MODULUS = 1 << 16
TIMESTAMP_MODULUS = 1 << 32

MAX_DROPOUT = 3000
"""A jump forward of this many packets or more is not a loss but a restart (RFC 3550 A.1)."""
MAX_MISORDER = 100
"""A packet this far behind the highest is not reordered but a restart (RFC 3550 A.1)."""
MIN_SEQUENTIAL = 2
"""Packets in sequence that make an unknown source valid (RFC 3550 A.1)."""

_WINDOW = 512
_WINDOW_MASK = (1 << _WINDOW) - 1


def seq_delta(newer: int, older: int) -> int:
    """Return how far `newer` is ahead of `older`, both 16 bits: -32768 to 32767."""
    return ((newer - older + 0x8000) & 0xFFFF) - 0x8000


def timestamp_delta(newer: int, older: int) -> int:
    """Return how far `newer` is ahead of `older`, both 32 bits: -2**31 to 2**31 - 1."""
    return ((newer - older + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class SequenceWindow:
    """Remembers which of the last 512 extended sequence numbers have come.

    Attributes:
        highest: The highest extended sequence number so far (it does not wrap).
    """

    __slots__ = ("_bits", "highest")

    def __init__(self, first: int) -> None:
        """Start at `first`, before any number has come."""
        self.highest = first
        self._bits = 0

    def add(self, number: int) -> bool:
        """Record `number`; return False when it came before or is too old to tell."""
        ahead = number - self.highest
        if ahead > 0:
            self._bits = (self._bits << ahead | 1) & _WINDOW_MASK if ahead < _WINDOW else 1
            self.highest = number
            return True
        if ahead <= -_WINDOW:
            return False
        bit = 1 << -ahead
        if self._bits & bit:
            return False
        self._bits |= bit
        return True

    def extend(self, count: int) -> None:
        """Record the next `count` numbers after the highest, which have all come in their order."""
        if count:
            run = min(count, _WINDOW)
            self._bits = (self._bits << run | (1 << run) - 1) & _WINDOW_MASK
            self.highest += count

    def missing(self, low: int, high: int) -> int:
        """Count the numbers from `low` to `high` (included, at most `highest`) that have not come."""
        if high < low:
            return 0
        span = self._bits >> (self.highest - high) & ((1 << (high - low + 1)) - 1)
        return high - low + 1 - span.bit_count()
