"""How loud audio is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

SILENCE_DBOV = -127.0
"""Level of digital silence, the floor of the scale (RFC 6464 §3)."""

FULL_SCALE_SINE_DBM0 = 3.14
"""Level of the loudest sine that A-law carries (ITU-T G.711 table 5): full scale of 16-bit samples."""

_OVERLOAD = 32768.0
_BLOCK_MS = 10


def rms(samples: npt.NDArray[np.int16]) -> float:
    """Return the root mean square of int16 samples of any shape, 0.0 for none."""
    if samples.size == 0:
        return 0.0
    wide = samples.astype(np.float64).ravel()
    return math.sqrt(float(wide @ wide) / wide.size)


def peak(samples: npt.NDArray[np.int16]) -> int:
    """Return the largest magnitude of int16 samples, 0 to 32768, 0 for none."""
    if samples.size == 0:
        return 0
    return max(int(samples.max()), -int(samples.min()))


def dbov(samples: npt.NDArray[np.int16]) -> float:
    """Return the level in dBov, -127.0 to 0.0 (RFC 6464 §3); a full-scale sine has -3.01."""
    return ratio_db(rms(samples) / _OVERLOAD)


def ratio_db(amplitude_ratio: float) -> float:
    """Return an amplitude ratio in dB, not below -127.0."""
    return max(SILENCE_DBOV, 20.0 * math.log10(amplitude_ratio)) if amplitude_ratio > 0.0 else SILENCE_DBOV


def dbm0_amplitude(level_dbm0: float) -> float:
    """Return the peak of a sine of this level in dBm0, in units of int16 samples."""
    return 32767.0 * float(10.0 ** ((level_dbm0 - FULL_SCALE_SINE_DBM0) / 20.0))


def trim_silence(
    samples: npt.NDArray[np.int16], sample_rate: int, threshold_dbov: float = -50.0
) -> npt.NDArray[np.int16]:
    """Return what lies between the first and the last block of `samples`, int16 (n_samples,), with sound.

    Args:
        samples: One channel.
        sample_rate: Samples a second, in Hz.
        threshold_dbov: Blocks of 10 ms below this level are silent; only whole blocks are kept.
    """
    block = sample_rate * _BLOCK_MS // 1000
    blocks = samples[: len(samples) // block * block].reshape(-1, block).astype(np.float64)
    floor = (_OVERLOAD * 10.0 ** (threshold_dbov / 20.0)) ** 2
    loud = np.flatnonzero((blocks**2).mean(axis=1) >= floor)
    if len(loud) == 0:
        return samples[:0]
    return samples[int(loud[0]) * block : (int(loud[-1]) + 1) * block]
