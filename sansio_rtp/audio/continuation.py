"""What a voice would go on with: the waveform that fills a gap (ITU-T G.711 Appendix I)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .pitch import LONGEST_MS, WINDOW_MS, find_period

FULL_MS = 10
"""Full level until here."""
SILENT_MS = 60
"""Silence from here on."""
MERGE_MS = 10
"""The longest blend of a continuation with the audio that follows it."""
_MOST_PERIODS = 3
"""Periods repeated in turn from 20 ms on; one alone would buzz."""


def history_samples(sample_rate: int) -> int:
    """Return how much of the past `continue_rows` wants: three periods and a quarter of the longest."""
    longest = LONGEST_MS * sample_rate // 1000
    return max(_MOST_PERIODS * longest + longest // 4, longest + WINDOW_MS * sample_rate // 1000)


def continue_rows(history: npt.NDArray[np.int16], sample_rate: int) -> npt.NDArray[np.float32]:
    """Return how each row would go on for 70 ms: the last pitch periods again, fading out.

    For 10 ms one period is repeated, then two in turn, from 20 ms on three. The first sample follows the last
    one of the history without a step: what the history differs from its own past by is led on and faded out.

    Args:
        history: int16, shape (n_rows, `history_samples(sample_rate)`), newest sample last.
        sample_rate: Samples a second, in Hz.

    Returns:
        float32, shape (n_rows, 70 ms), full level to 10 ms, silent from 60 ms on.
    """
    audio = history.astype(np.float32)
    period = find_period(audio, sample_rate)[:, None]
    quarter = period // 4
    time = np.arange((SILENT_MS + MERGE_MS) * sample_rate // 1000)[None, :]
    wave = _repeated(audio, period, quarter, time)
    for periods in range(2, _MOST_PERIODS + 1):
        since = time - (periods - 1) * FULL_MS * sample_rate // 1000
        share = np.clip(since / quarter, 0.0, 1.0)
        wave += (_repeated(audio, period * periods, quarter, time) - wave) * share
    wave += _led_on(audio, period, quarter, time)
    silent, full = SILENT_MS * sample_rate // 1000, FULL_MS * sample_rate // 1000
    return np.asarray(wave * np.clip((silent - time) / (silent - full), 0.0, 1.0), np.float32)


def merge_samples(gap: npt.NDArray[np.int64], sample_rate: int) -> npt.NDArray[np.int64]:
    """Return over how many samples the end of a gap is blended: 4 ms, up to 10 ms after a longer one.

    Args:
        gap: Length of the gap in samples, int64 of any shape.
        sample_rate: Samples a second, in Hz.
    """
    per_ms = sample_rate // 1000
    return np.asarray(np.clip(4 * per_ms + gap * 2 // 5, 0, MERGE_MS * per_ms), np.int64)


def _repeated(
    audio: npt.NDArray[np.float32],
    length: npt.NDArray[np.int64],
    overlap: npt.NDArray[np.int64],
    time: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Repeat the last `length` samples; the end of each turn is led into its beginning."""
    end = audio.shape[1]
    place = time % length
    wave = np.take_along_axis(audio, end - length + place, axis=1)
    earlier = np.take_along_axis(audio, np.maximum(end - 2 * length + place, 0), axis=1)
    # In the first turn as well: its end meets its own beginning too.
    share = np.clip((place - length + overlap + 1) / (overlap + 1), 0.0, 1.0)
    return np.asarray(wave + (earlier - wave) * share, np.float32)


def _led_on(
    audio: npt.NDArray[np.float32],
    period: npt.NDArray[np.int64],
    fade: npt.NDArray[np.int64],
    time: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    last = audio.shape[1] - 1
    there = np.take_along_axis(audio, last - period, axis=1)
    share = 0.5 + 0.5 * np.cos(np.pi * np.minimum(time / fade, 1.0))
    return np.asarray((audio[:, last:] - there) * share, np.float32)
