"""Making audio a little longer or shorter without changing its pitch: by one period of the voice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..jitter import SHORTEST_MS
from .level import rms

_LONGEST_MS = 15
_ALIKE = 0.5
"""Correlation from which on two stretches are periods of one voice."""
_QUIET = 65.0
"""RMS (-54 dBov) below which nobody hears what is done."""
_PATIENCE = 25
"""Frames refused in a row after which a place that suits less is taken: noise and music have no period."""


class TimeStretcher:
    """A filter on decoded frames that grants the wishes of a jitter buffer.

    A frame is overlapped with itself, shifted by the period that it repeats: one period more, or one less. A
    quiet frame is changed by just what is wished, so far as its length allows.

    Attributes:
        inserted_samples: Samples that were added so far.
        removed_samples: Samples that were taken away so far.
    """

    __slots__ = ("_longest", "_refused", "_shortest", "inserted_samples", "removed_samples")

    def __init__(self, sample_rate: int = 8000) -> None:
        """Create a stretcher for frames of `sample_rate` Hz."""
        self._shortest = SHORTEST_MS * sample_rate // 1000
        self._longest = _LONGEST_MS * sample_rate // 1000
        self._refused = 0
        self.inserted_samples = 0
        self.removed_samples = 0

    def process(self, frame: npt.NDArray[np.int16], wish: int) -> npt.NDArray[np.int16]:
        """Return `frame`, int16 (n_samples,), longer or shorter by about `wish` samples, or as it is.

        Args:
            frame: What to play.
            wish: Samples to add, or to take away when negative. Less than a period is taken away from a quiet
                frame only; a whole period is added for less.
        """
        longest = min(self._longest, len(frame) - self._shortest)
        if wish < 0:
            longest = min(longest, -wish)
        if wish < 0 < longest < self._shortest and rms(frame) < _QUIET:
            self.removed_samples += longest
            return _shorter(frame, longest)
        if not wish or longest < self._shortest:
            return frame
        period = self._period(frame, longest, wish)
        if not period:
            self._refused += 1
            return frame
        self._refused = 0
        if wish > 0:
            self.inserted_samples += period
            return _longer(frame, period)
        self.removed_samples += period
        return _shorter(frame, period)

    def _period(self, frame: npt.NDArray[np.int16], longest: int, wish: int) -> int:
        if rms(frame) < _QUIET:
            return min(max(abs(wish), self._shortest), longest)
        wave = frame.astype(np.float64)
        lags = range(self._shortest, longest + 1)
        power = np.concatenate(([0.0], np.cumsum(wave**2)))
        # An overlap at the edge of the frame is short: what is compared is what will be blended.
        likeness = [
            float(wave[:-lag] @ wave[lag:])
            / float(np.sqrt(power[len(wave) - lag] * (power[-1] - power[lag])) + 1.0)
            for lag in lags
        ]
        best = int(np.argmax(likeness))
        return lags[best] if likeness[best] >= _ALIKE or self._refused >= _PATIENCE else 0


def _shorter(frame: npt.NDArray[np.int16], period: int) -> npt.NDArray[np.int16]:
    return _blend(frame[:-period], frame[period:])


def _longer(frame: npt.NDArray[np.int16], period: int) -> npt.NDArray[np.int16]:
    middle = _blend(frame[period:], frame[:-period])
    return np.concatenate((frame[:period], middle, frame[-period:]))


def _blend(first: npt.NDArray[np.int16], second: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    share = np.arange(1, len(first) + 1) / (len(first) + 1)
    return np.asarray(np.rint(first * (1.0 - share) + second * share), np.int16)
