"""How fast commands may come."""

from __future__ import annotations

__all__ = ["Rate"]

_ROUNDING = 1e-6  # who has waited for as long as he was told has a whole one, whatever the sum says


class Rate:
    """A bucket that fills by so many tokens a second.

    Args:
        rate: Commands a second on the whole.
        burst: Commands that may come at once.
    """

    __slots__ = ("_burst", "_full", "_seen", "rate")

    def __init__(self, rate: float, burst: int) -> None:
        self.rate = rate
        self._burst = burst
        self._full = float(burst)
        self._seen = float("-inf")

    def take(self, now: float) -> float:
        """Take one at a time in seconds; return 0, or how long to wait because there is none left."""
        self._full = min(self._burst, self._full + max(0.0, now - self._seen) * self.rate)
        self._seen = now
        if self._full >= 1 - _ROUNDING:
            self._full -= 1
            return 0.0
        return (1 - self._full) / self.rate
