"""Measuring a test tone: which frequency, how loud, how clean."""

from __future__ import annotations

import math

import attrs
import numpy as np
import numpy.typing as npt

from .level import SILENCE_DBOV, ratio_db

# 4-term Blackman-Harris: side lobes at -92 dB hide nothing that G.711 (about 38 dB) could leave.
_WINDOW_TERMS = (0.35875, -0.48829, 0.14128, -0.01168)
_LOBE_BINS = 4
_MIN_SAMPLES = 128


@attrs.frozen
class ToneMeasurement:
    """What `find_tone` measured.

    Attributes:
        frequency_hz: The strongest sine, interpolated between FFT bins; 0.0 when there is none.
        level_dbov: Its level in dBov, -127.0 when there is none (a full-scale sine has -3.01).
        sndr_db: Its power over that of everything else except DC, in dB, between -127.0 and 127.0.
    """

    frequency_hz: float
    level_dbov: float
    sndr_db: float


_NOTHING = ToneMeasurement(0.0, SILENCE_DBOV, SILENCE_DBOV)


def find_tone(samples: npt.NDArray[np.int16], sample_rate: int) -> ToneMeasurement:
    """Find the strongest sine in `samples` and compare it with the rest.

    The tone should fill the samples: cut silence off first (`trim_silence`). A gap or a jump in phase inside
    counts as distortion, which makes this a check of whole recordings too.

    Args:
        samples: One channel, int16, shape (n_samples,); fewer than 128 samples measure as nothing.
        sample_rate: Samples a second, in Hz.
    """
    if len(samples) < _MIN_SAMPLES:
        return _NOTHING
    window = _window(len(samples))
    power = np.abs(np.fft.rfft(samples * window)) ** 2
    # Bins at DC and at Nyquist count once in the energy, all others stand for two (Parseval).
    power[1:-1] *= 2.0
    total = float(power[_LOBE_BINS + 1 :].sum())
    if total <= 0.0:
        return _NOTHING
    top = int(power[_LOBE_BINS + 1 :].argmax()) + _LOBE_BINS + 1
    lobe = slice(top - _LOBE_BINS, top + _LOBE_BINS + 1)
    tone = float(power[lobe].sum())
    rms = math.sqrt(tone / len(samples) / float((window**2).sum()))
    return ToneMeasurement(
        frequency_hz=_interpolated(power, top) * sample_rate / len(samples),
        level_dbov=ratio_db(rms / 32768.0),
        sndr_db=_power_ratio_db(
            tone, total - float(power[max(lobe.start, _LOBE_BINS + 1) : lobe.stop].sum())
        ),
    )


def _window(size: int) -> npt.NDArray[np.float64]:
    angle = 2.0 * np.pi * np.arange(size) / size
    window = np.zeros(size, np.float64)
    for order, term in enumerate(_WINDOW_TERMS):
        window += term * np.cos(order * angle)
    return window


def _interpolated(power: npt.NDArray[np.float64], top: int) -> float:
    """Return the place of the peak in bins: the vertex of the parabola through three logarithms."""
    if top + 1 >= len(power) or not power[top - 1 : top + 2].all():
        return float(top)
    before, at, after = (float(value) for value in np.log(power[top - 1 : top + 2]))
    return top + 0.5 * (before - after) / (before - 2.0 * at + after)


def _power_ratio_db(tone: float, rest: float) -> float:
    if rest <= tone * 10.0**-12.7:
        return -SILENCE_DBOV
    return max(SILENCE_DBOV, 10.0 * math.log10(tone / rest))
