"""Tones: sines, DTMF, and what a caller hears from the exchange."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from ..dtmf.digits import DTMF_COLUMNS_HZ, DTMF_KEYPAD, DTMF_ROWS_HZ
from ..errors import LocalProtocolError
from .level import dbm0_amplitude


@attrs.frozen
class Tone:
    """What a tone is made of.

    Attributes:
        frequencies_hz: Its sines, all of the same level.
        cadence_s: Seconds on, off, on, off … repeated; empty for a tone without pause.
    """

    frequencies_hz: tuple[float, ...]
    cadence_s: tuple[float, ...] = ()


SILENCE = Tone(())
"""No sine at all."""
DIAL_TONE = Tone((425.0,))
"""The line is free: 425 Hz (ITU-T E.180)."""
RINGBACK_TONE = Tone((425.0,), (1.0, 4.0))
"""The other end rings (E.180)."""
BUSY_TONE = Tone((425.0,), (0.5, 0.5))
"""The other end is busy (E.180)."""
CONGESTION_TONE = Tone((425.0,), (0.25, 0.25))
"""The network is busy (E.180)."""


def sine(frequency_hz: float) -> Tone:
    """Return a tone of one sine."""
    return Tone((float(frequency_hz),))


def dtmf_tone(digit: str) -> Tone:
    """Return the two sines of a DTMF digit (ITU-T Q.23).

    Raises:
        LocalProtocolError: `digit` is not one of `0-9 * # A-D`.
    """
    for row, keys in zip(DTMF_ROWS_HZ, DTMF_KEYPAD, strict=True):
        if len(digit) == 1 and digit in keys:
            return Tone((float(row), float(DTMF_COLUMNS_HZ[keys.index(digit)])))
    raise LocalProtocolError(f"{digit!r} is not a DTMF digit (0-9 * # A-D)")


class ToneSource:
    """An endless source of one tone whose phase runs on from frame to frame.

    Attributes:
        sample_rate: Samples a second, in Hz.
    """

    __slots__ = ("_amplitude", "_edges", "_index", "_phases", "_steps", "sample_rate")

    def __init__(self, tone: Tone, sample_rate: int = 8000, *, level_dbm0: float = -10.0) -> None:
        """Create a source at its first sample.

        Args:
            tone: What to play.
            sample_rate: Samples a second, in Hz.
            level_dbm0: Level of each sine, in dBm0.

        Raises:
            LocalProtocolError: A frequency or the cadence is out of range.
        """
        for frequency_hz in tone.frequencies_hz:
            if not 0 < frequency_hz < sample_rate / 2:
                raise LocalProtocolError(f"{frequency_hz:g} Hz is not between 0 and {sample_rate // 2} Hz")
        if len(tone.cadence_s) % 2 or any(seconds <= 0 for seconds in tone.cadence_s):
            raise LocalProtocolError("cadence_s must be pairs of times on and off above zero")
        self.sample_rate = sample_rate
        self._amplitude = dbm0_amplitude(level_dbm0)
        self._steps = np.array(tone.frequencies_hz, np.float64) / sample_rate  # cycles a sample
        self._phases = np.zeros(len(tone.frequencies_hz))  # cycles at the next sample
        self._edges = np.rint(np.cumsum(tone.cadence_s) * sample_rate).astype(np.int64)
        self._index = 0

    def read(self, n_samples: int) -> npt.NDArray[np.int16]:
        """Return the next `n_samples` samples, int16, shape (n_samples,), saturated."""
        offsets = np.arange(n_samples)
        cycles = self._phases[:, None] + self._steps[:, None] * offsets
        wave = self._amplitude * np.sin(2 * np.pi * cycles).sum(axis=0)
        self._phases = (self._phases + self._steps * n_samples) % 1.0
        if len(self._edges):
            wave *= self._gate(offsets)
        return np.asarray(np.clip(np.rint(wave), -32768, 32767), np.int16)

    def _gate(self, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        period = int(self._edges[-1])
        place = (self._index + offsets) % period
        self._index = (self._index + len(offsets)) % period
        return np.asarray(np.searchsorted(self._edges, place, side="right") % 2 == 0, np.bool_)
