"""Which stretch of the past a voice repeats: the search that concealment and time stretching share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SHORTEST_MS = 5
LONGEST_MS = 15
"""Periods that are searched (ITU-T G.711 Appendix I); of a higher voice several periods fit."""
WINDOW_MS = 20
"""How much of the newest audio is compared with the audio before it."""
_COARSE_RATE = 8000


def find_period(history: npt.NDArray[np.float32], sample_rate: int) -> npt.NDArray[np.int64]:
    """Return for each row the lag at which its end resembles what stood before it most.

    The search is coarse at 8 kHz first and then fine around the best lag.

    Args:
        history: float32, shape (n_rows, n_samples), newest sample last, at least 35 ms.
        sample_rate: Samples a second, in Hz: 8000 to 48,000.

    Returns:
        int64, shape (n_rows,): 5 to 15 ms in samples.
    """
    step = sample_rate // _COARSE_RATE
    low, high = SHORTEST_MS * sample_rate // 1000, LONGEST_MS * sample_rate // 1000
    if step == 1:
        best = _likeness(history, low, high, WINDOW_MS * sample_rate // 1000).argmax(axis=1)
        return np.asarray(low + best, np.int64)
    n_samples = history.shape[1] // step * step
    coarse = history[:, history.shape[1] - n_samples :].reshape(len(history), -1, step).mean(axis=2)
    window = WINDOW_MS * sample_rate // 1000
    best = _likeness(coarse, low // step, high // step, window // step).argmax(axis=1)
    lags = np.asarray((low // step + best) * step, np.int64)
    return _refined(history, lags, step, low, high, window)


def _likeness(audio: npt.NDArray[np.float32], low: int, high: int, window: int) -> npt.NDArray[np.float32]:
    """Return the normalised correlation at the lags `low` to `high`, shape (n_rows, high - low + 1)."""
    end = audio.shape[1]
    recent = audio[:, end - window :]
    past = np.lib.stride_tricks.sliding_window_view(audio[:, end - window - high : end - low], window, axis=1)
    product = np.matmul(past, recent[:, :, None])[:, ::-1, 0]
    energy = np.einsum("rlw,rlw->rl", past, past)[:, ::-1]
    return np.asarray(product / np.sqrt(energy + 1.0), np.float32)


def _refined(
    audio: npt.NDArray[np.float32], lags: npt.NDArray[np.int64], step: int, low: int, high: int, window: int
) -> npt.NDArray[np.int64]:
    """Search around coarse `lags` at the full rate; each row has candidates of its own."""
    candidates = np.clip(lags[:, None] + np.arange(-step, step + 1), low, high)
    end = audio.shape[1]
    place = end - window - candidates[:, :, None] + np.arange(window)
    past = np.take_along_axis(audio[:, None, :], place, axis=2)
    product = np.einsum("rlw,rw->rl", past, audio[:, end - window :])
    energy = np.einsum("rlw,rlw->rl", past, past)
    best = (product / np.sqrt(energy + 1.0)).argmax(axis=1)
    return np.asarray(np.take_along_axis(candidates, best[:, None], axis=1)[:, 0], np.int64)
