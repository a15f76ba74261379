"""Short signals as whole arrays: DTMF digits, a beep, a sweep."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from .fade import fade_in, fade_out
from .level import dbm0_amplitude
from .tones import ToneSource, dtmf_tone, sine

_EDGE_MS = 5


def dtmf_digits(
    digits: str,
    sample_rate: int = 8000,
    *,
    tone_ms: int = 100,
    pause_ms: int = 100,
    level_dbm0: float = -10.0,
) -> npt.NDArray[np.int16]:
    """Return digits as the tones of a telephone, int16 (n_samples,), each with its pause behind it.

    Args:
        digits: Any of `0-9 * # A-D`.
        sample_rate: Samples a second, in Hz.
        tone_ms: Length of each tone, above 0.
        pause_ms: Length of each pause.
        level_dbm0: Level of each of the two sines.

    Raises:
        LocalProtocolError: Something is no digit, or a time is out of range.
    """
    if tone_ms <= 0 or pause_ms < 0:
        raise LocalProtocolError(f"tone_ms is {tone_ms} and pause_ms {pause_ms}, not above 0 and from 0 on")
    pause = np.zeros(pause_ms * sample_rate // 1000, np.int16)
    pieces = [np.zeros(0, np.int16)]
    for digit in digits:
        source = ToneSource(dtmf_tone(digit), sample_rate, level_dbm0=level_dbm0)
        pieces += [source.read(tone_ms * sample_rate // 1000), pause]
    return np.concatenate(pieces)


def beep(
    sample_rate: int = 8000,
    *,
    frequency_hz: float = 1000.0,
    duration_ms: int = 200,
    level_dbm0: float = -10.0,
) -> npt.NDArray[np.int16]:
    """Return a beep with soft edges, int16 (n_samples,).

    Raises:
        LocalProtocolError: The frequency is not below half the sample rate.
    """
    tone = ToneSource(sine(frequency_hz), sample_rate, level_dbm0=level_dbm0)
    n_samples = duration_ms * sample_rate // 1000
    edge = min(_EDGE_MS * sample_rate // 1000, n_samples)
    return fade_out(fade_in(tone.read(n_samples), edge), edge)


def sweep(
    sample_rate: int = 8000,
    *,
    begin_hz: float = 100.0,
    end_hz: float = 3400.0,
    duration_ms: int = 2000,
    level_dbm0: float = -10.0,
) -> npt.NDArray[np.int16]:
    """Return a sine that glides from one frequency to another in even octaves, int16 (n_samples,).

    Raises:
        LocalProtocolError: A frequency is not between 0 and half the sample rate.
    """
    for frequency_hz in (begin_hz, end_hz):
        if not 0 < frequency_hz < sample_rate / 2:
            raise LocalProtocolError(f"{frequency_hz:g} Hz is not between 0 and {sample_rate // 2} Hz")
    n_samples = duration_ms * sample_rate // 1000
    course = np.geomspace(begin_hz, end_hz, n_samples)
    cycles = np.cumsum(course) / sample_rate
    wave = dbm0_amplitude(level_dbm0) * np.sin(2.0 * np.pi * cycles)
    return np.asarray(np.clip(np.rint(wave), -32768, 32767), np.int16)
