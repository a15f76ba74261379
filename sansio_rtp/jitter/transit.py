"""The fastest and the slowest packet of the last seconds."""

from __future__ import annotations

_BUCKET = 256
"""Packets in a bucket; two buckets are remembered, 5 to 10 s of 20 ms packets.

The fastest packet is the ground on which the delay stands: a window lets it follow a clock that drifts. The
slowest one is the delay that would have lost nothing. The E-model takes about as much for 1 % of loss as for
200 ms of delay, so the slowest is a good aim while it stays within `max_delay_ms`.
"""


class TransitWindow:
    """Minimum and maximum of the relative transit time over a sliding window, in constant time.

    Attributes:
        fastest: Smallest transit time in the window, in timestamp units.
        slowest: Largest one.
    """

    __slots__ = ("_count", "_high", "_low", "_previous_high", "_previous_low", "fastest", "slowest")

    def __init__(self, transit: float) -> None:
        """Begin with one packet."""
        self._count = 1
        self._low = self._high = transit
        self._previous_low = self._previous_high = transit
        self.fastest = self.slowest = transit

    @property
    def room(self) -> int:
        """How many packets go into the present bucket."""
        return _BUCKET - self._count

    def add(self, transit: float) -> None:
        """Take the transit time of one more packet."""
        if self._count == _BUCKET:
            self._previous_low, self._previous_high = self._low, self._high
            self._low = self._high = transit
            self._count = 0
            self.fastest = min(self._previous_low, transit)
            self.slowest = max(self._previous_high, transit)
        self._count += 1
        if transit < self._low:
            self._low = transit
            if transit < self.fastest:
                self.fastest = transit
        elif transit > self._high:
            self._high = transit
            if transit > self.slowest:
                self.slowest = transit
