"""Receiving DTMF in the audio: one digit a press, for many streams at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from .digits import Digit, DigitSource
from .goertzel import HOP_MS, NO_DIGIT, WINDOW_MS, digit_at, sounding_digits

_BEGIN_HOPS = 4
"""Windows in a row with the same digit that begin a press: 40 ms of tone have them, 20 ms do not (Q.24)."""
_END_HOPS = 7
"""Windows in a row without it that end it: a break of 10 ms does not (Q.24)."""


class InbandDigit(NamedTuple):
    """A digit that was heard, and the row of the stream it was heard in."""

    row: int
    digit: Digit


class InbandDetector:
    """A filter from frames of audio to digits: row i is stream i.

    A press is told when its tone ends. Four windows of 20 ms in a row, every 5 ms, must hold both tones of a
    digit and little else, with no more twist than telephones have.
    """

    __slots__ = ("_candidate", "_hits", "_hop", "_misses", "_past", "_pressed", "_sample_rate")

    def __init__(self, n_streams: int, sample_rate: int = 8000) -> None:
        """Create a detector that has heard nothing.

        Args:
            n_streams: Rows.
            sample_rate: Samples a second, in Hz: a multiple of 200, from 8000 on.

        Raises:
            LocalProtocolError: The rate is another one.
        """
        if sample_rate < 8000 or sample_rate % 200:
            raise LocalProtocolError(f"sample_rate is {sample_rate}, not a multiple of 200 from 8000 Hz on")
        self._sample_rate = sample_rate
        self._hop = HOP_MS * sample_rate // 1000
        n_past = WINDOW_MS * sample_rate // 1000 - self._hop
        self._past: npt.NDArray[np.float32] = np.zeros((n_streams, n_past), np.float32)
        self._candidate: npt.NDArray[np.int64] = np.full(n_streams, NO_DIGIT, np.int64)
        self._hits: npt.NDArray[np.int64] = np.zeros(n_streams, np.int64)
        self._misses: npt.NDArray[np.int64] = np.zeros(n_streams, np.int64)
        self._pressed: npt.NDArray[np.bool_] = np.zeros(n_streams, np.bool_)

    def process(self, frames: npt.NDArray[np.int16]) -> list[InbandDigit]:
        """Take a tick of all streams and return the digits that ended in it.

        Args:
            frames: int16, shape (n_streams, n_samples): whole times 5 ms.

        Raises:
            LocalProtocolError: The frames are not whole times 5 ms long.
        """
        if frames.shape[1] % self._hop:
            raise LocalProtocolError(f"frames of {frames.shape[1]} samples are not whole times {HOP_MS} ms")
        audio = np.concatenate((self._past, frames.astype(np.float32)), axis=1)
        n_window = self._past.shape[1] + self._hop
        found: list[InbandDigit] = []
        for first in range(0, frames.shape[1], self._hop):
            window = audio[:, first : first + n_window]
            self._hear(sounding_digits(window, self._sample_rate), found)
        self._past = audio[:, audio.shape[1] - self._past.shape[1] :].copy()
        return found

    def reset(self, rows: npt.NDArray[np.int64]) -> None:
        """Forget what the streams `rows`, int64 (n_rows,), have sent: others will use the rows."""
        self._past[rows] = 0.0
        self._candidate[rows] = NO_DIGIT
        self._hits[rows] = self._misses[rows] = 0
        self._pressed[rows] = False

    def _hear(self, heard: npt.NDArray[np.int64], found: list[InbandDigit]) -> None:
        same = heard == self._candidate
        self._hits += same & (heard != NO_DIGIT)
        self._misses = np.where(same, 0, self._misses + 1)
        for row in np.flatnonzero(self._pressed & (self._misses >= _END_HOPS)).tolist():
            digit = digit_at(int(self._candidate[row]))
            # The first window and the last one may lie outside the tone by 15 % of their length.
            duration_ms = int(self._hits[row]) * HOP_MS + WINDOW_MS // 2
            found.append(InbandDigit(row, Digit(digit, duration_ms, 0, True, DigitSource.INBAND)))
            self._pressed[row] = False
        # Another digit takes over at once while none is pressed, and after the end of a press.
        fresh = ~self._pressed & ~same
        self._candidate = np.where(fresh, heard, self._candidate)
        self._hits = np.where(fresh, heard != NO_DIGIT, self._hits).astype(np.int64)
        self._misses = np.where(fresh, 0, self._misses)
        self._pressed |= (self._hits >= _BEGIN_HOPS) & (self._candidate != NO_DIGIT)
