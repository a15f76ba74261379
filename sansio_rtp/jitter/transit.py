"""How long packets took: the fastest ones of the last seconds, and how far the others lay above them."""

from __future__ import annotations

from itertools import accumulate
from math import ceil

import numpy as np
import numpy.typing as npt

from .histogram import BIN_MS

_BUCKET = 20
"""Packets in a bucket, 0.4 s of 20 ms; two buckets are the present, the rest is remembered as a histogram.

Long enough that a spike of the network stays above the ground, short enough that the ground follows a queue
that fills.
"""
_FORGET = 0.995
"""Weight of the past after each bucket: it is forgotten in about 80 s."""
_HEAVIEST = 1e9
"""Weight of a packet from which on all weights are made smaller, so that none runs over."""


class TransitHistory:
    """Transit times of one stream, in timestamp units.

    The fastest packet of the present is the *ground* on which the delay stands: it follows a clock that
    drifts and a queue that fills. The past counts as delay above the ground of its own time, so that another
    path or a drift does not look like jitter.

    Attributes:
        fastest: Smallest transit time of the present.
    """

    __slots__ = ("_bin", "_current", "_low", "_past", "_previous", "_previous_low", "_weight", "fastest")

    def __init__(self, transit: float, *, clock_rate: int, max_delay_ms: float) -> None:
        """Begin with the transit time of one packet."""
        self._bin = BIN_MS * clock_rate / 1000
        self._past = [0.0] * (max(1, -int(-max_delay_ms // BIN_MS)) + 1)
        self._weight = 1.0
        self._previous: list[float] = []
        self._current = [transit]
        self._low = self._previous_low = transit
        self.fastest = transit

    @property
    def room(self) -> int:
        """How many packets still go into the present bucket."""
        return _BUCKET - len(self._current)

    def add(self, transit: float) -> None:
        """Take the transit time of one more packet."""
        if len(self._current) == _BUCKET:
            self._turn(transit)
        self._current.append(transit)
        if transit < self._low:
            self._low = transit
            if transit < self.fastest:
                self.fastest = transit

    def extend(self, transits: list[float]) -> None:
        """Take the transit times of more packets, for which there is `room`."""
        if transits:
            self._current += transits
            self._low = min(self._low, *transits)
            self.fastest = min(self.fastest, self._low)

    def counts(self) -> npt.NDArray[np.float64]:
        """Return packets by delay above the ground, float64, shape (n_bins,), each bin `BIN_MS` wide."""
        counts = [weight / self._weight for weight in self._past]
        ground = self.fastest
        self._count(counts, [transit - ground for transit in self._previous + self._current], 1.0)
        return np.array(counts)

    def _turn(self, transit: float) -> None:
        """Begin a new bucket: the one before the last becomes the past."""
        # Instead of making all that is past lighter, what comes is made heavier.
        self._weight /= _FORGET
        self._count(self._past, self._above_ground(), self._weight)
        if self._weight > _HEAVIEST:
            self._past = [weight / self._weight for weight in self._past]
            self._weight = 1.0
        self._previous, self._previous_low = self._current, self._low
        self._current, self._low = [], transit
        self.fastest = min(self._previous_low, transit)

    def _above_ground(self) -> list[float]:
        """Return the delays of the previous bucket above the ground of their time.

        That is the higher one of what was fastest until then and of what is fastest from then on: a spike
        stands on the same ground on both sides, a packet of a slower path on that of its followers.
        """
        from_then_on = list(accumulate(reversed(self._previous), min, initial=self._low))
        until = accumulate(self._previous, min)
        return [
            transit - max(ground, after)
            for transit, ground, after in zip(self._previous, until, reversed(from_then_on), strict=False)
        ]

    def _count(self, counts: list[float], delays: list[float], weight: float) -> None:
        # What lies on an edge is in time at that edge, so it belongs to the bin below it.
        first, last = self._bin * (1 + 1e-9), len(counts) - 1
        later = [delay for delay in delays if delay > first]  # few, nearly always
        counts[0] += weight * (len(delays) - len(later))
        for delay in later:
            counts[min(ceil(delay / self._bin - 1e-9) - 1, last)] += weight
