"""Fades: the beginning or the end of audio without a click."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def fade_in(samples: npt.NDArray[np.int16], n_fade: int) -> npt.NDArray[np.int16]:
    """Return int16 samples, shape (..., n_samples), whose first `n_fade` rise evenly from silence."""
    n_fade = min(n_fade, samples.shape[-1])
    faded = samples.copy()
    faded[..., :n_fade] = np.rint(samples[..., :n_fade] * _rise(n_fade))
    return faded


def fade_out(samples: npt.NDArray[np.int16], n_fade: int) -> npt.NDArray[np.int16]:
    """Return int16 samples, shape (..., n_samples), whose last `n_fade` fall evenly to silence."""
    n_fade = min(n_fade, samples.shape[-1])
    first = samples.shape[-1] - n_fade
    faded = samples.copy()
    faded[..., first:] = np.rint(samples[..., first:] * _rise(n_fade)[::-1])
    return faded


def cross_fade(before: npt.NDArray[np.int16], after: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Return audio that goes from one to the other evenly: both int16, of one shape (..., n_samples)."""
    rise = _rise(before.shape[-1])
    return np.asarray(np.rint(before * (1.0 - rise) + after * rise), np.int16)


def _rise(n_samples: int) -> npt.NDArray[np.float64]:
    return np.arange(1, n_samples + 1) / (n_samples + 1)
