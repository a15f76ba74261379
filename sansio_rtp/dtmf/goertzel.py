"""DTMF in the audio itself: which digit sounds in a window of 20 ms (ITU-T Q.23, Q.24)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .digits import DTMF_COLUMNS_HZ, DTMF_KEYPAD, DTMF_ROWS_HZ

NO_DIGIT = -1
HOP_MS = 5
"""From one window to the next."""
WINDOW_MS = 20

_OFFSETS = (-0.015, -0.0075, 0.0, 0.0075, 0.015)
"""Each tone is looked for at five places: telephones may be off by 1.5 %."""
_LOUD_ENOUGH = 32768.0**2 / 2 * 10.0**-3.9
"""Mean square of a sine of -36 dBm0: softer tones must not, louder ones than -29 dBm0 must be taken."""
_SHARE = 0.85
"""Share of all energy that the two tones must have: a voice has more than two harmonics."""
_ROW_OVER_COLUMN = 10.0**0.95
"""Twist: the row may be 8 dB (and some tolerance) louder than the column ..."""
_COLUMN_OVER_ROW = 10.0**0.55
"""... and the column 4 dB louder than the row (ITU-T Q.24, North America)."""
_DIGITS = "".join(DTMF_KEYPAD)


@lru_cache(maxsize=8)
def _waves(sample_rate: int) -> npt.NDArray[np.float32]:
    """Return the sines and cosines to correlate with, shape (n_window, 2 * 8 * 5)."""
    n_window = WINDOW_MS * sample_rate // 1000
    tones = np.array(DTMF_ROWS_HZ + DTMF_COLUMNS_HZ, np.float64)
    frequencies = (tones[:, None] * (1.0 + np.array(_OFFSETS))).ravel()
    angles = 2.0 * np.pi * np.arange(n_window)[:, None] * frequencies / sample_rate
    return np.asarray(np.concatenate((np.cos(angles), np.sin(angles)), axis=1) / n_window, np.float32)


def sounding_digits(windows: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.int64]:
    """Return which digit sounds in each window: Goertzel's filters as one matrix product.

    Args:
        windows: float32, shape (n_windows, 20 ms of samples).
        sample_rate: Samples a second, in Hz.

    Returns:
        int64, shape (n_windows,): place of the digit in `123A456B789C*0#D`, or `NO_DIGIT`.
    """
    parts = np.matmul(windows, _waves(sample_rate)).reshape(len(windows), 2, 8, len(_OFFSETS))
    # A sine of amplitude a gives a/2 in its filter, and has the mean square a²/2.
    power = 2.0 * (parts[:, 0] ** 2 + parts[:, 1] ** 2).max(axis=2)
    rows, columns = power[:, :4], power[:, 4:]
    row, column = rows.argmax(axis=1), columns.argmax(axis=1)
    low, high = rows.max(axis=1), columns.max(axis=1)
    energy = np.einsum("ij,ij->i", windows, windows) / np.float32(windows.shape[1])
    heard = (
        (np.minimum(low, high) > _LOUD_ENOUGH)
        & (low + high > _SHARE * energy)
        & (low < high * _ROW_OVER_COLUMN)
        & (high < low * _COLUMN_OVER_ROW)
    )
    return np.where(heard, row * 4 + column, NO_DIGIT)


def digit_at(place: int) -> str:
    """Return the digit at a place that `sounding_digits` gave."""
    return _DIGITS[place]
