"""Making comfort noise and measuring the noise there is (RFC 3389 §5 leaves both to us)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .comfort_noise import MAX_LEVEL, ComfortNoise

_FULL_SCALE = 32768.0
_TAPS = 256
"""Length of the impulse response: longer ones, of very sharp resonances, are cut off."""
_TRUST = 0.999  # keeps the filter stable where a spectrum is nothing but one tone


def _predictor(reflection: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Return the prediction coefficients a of 1/(1 + a1 z^-1 + ...) (the step-up recursion)."""
    predictor = np.zeros(0)
    for each in reflection:
        predictor = np.concatenate((predictor + each * predictor[::-1], [each]))
    return predictor


def _impulse_response(reflection: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Return the first taps of the synthesis filter, with a power of 1."""
    predictor = _predictor(reflection)[::-1]
    order = predictor.size
    taps = np.zeros(order + (_TAPS if order else 1))
    taps[order] = 1.0
    for at in range(order + 1, taps.size):
        taps[at] = -(taps[at - order : at] @ predictor)
    response = taps[order:]
    return np.asarray(response / math.sqrt(response @ response), np.float64)


class NoiseGenerator:
    """Fills pauses with noise of the level and colour that the peer has described, without a seam.

    Attributes:
        noise: What it makes.
    """

    __slots__ = ("_past", "_random", "_response", "noise")

    def __init__(self, random: np.random.Generator, noise: ComfortNoise) -> None:
        """Begin with a description; all chance comes out of `random`."""
        self._random = random
        self._past = np.zeros(0)
        self.update(noise)

    def update(self, noise: ComfortNoise) -> None:
        """Make another noise from now on."""
        self.noise = noise
        response = _impulse_response(noise.reflection)
        self._response = response * _FULL_SCALE * 10 ** (-noise.level / 20)

    def make(self, n_samples: int) -> npt.NDArray[np.int16]:
        """Return the next `n_samples` samples, int16, shape (n_samples,)."""
        memory = self._response.size - 1
        missing = memory - self._past.size
        fresh = self._random.standard_normal(n_samples + max(missing, 0))
        white = np.concatenate((self._past, fresh))[-(n_samples + memory) :]
        self._past = white[n_samples:]
        # Silence is silence: the least level is 0.01 of a step, which only rounding could make heard.
        samples = np.convolve(white, self._response, "valid")
        return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def measure_noise(samples: npt.NDArray[np.int16], order: int = 8) -> ComfortNoise:
    """Describe noise, so that a peer can make it.

    Args:
        samples: Background noise, int16, shape (n_samples,); 20 ms and more.
        order: How many coefficients to describe its spectrum with, 0 for none.
    """
    wave = samples.astype(np.float64)
    power = float(wave @ wave) / max(wave.size, 1) / _FULL_SCALE**2
    level = MAX_LEVEL if power <= 0 else round(-10 * math.log10(power))
    if level >= MAX_LEVEL:
        return ComfortNoise(MAX_LEVEL)
    windowed = wave * np.hanning(wave.size)
    size = wave.size
    lags = [windowed[: size - lag] @ windowed[lag:] for lag in range(min(order, size - 1) + 1)]
    return ComfortNoise(max(level, 0), _reflection(np.array(lags)))


def _reflection(lags: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Return the reflection coefficients of an autocorrelation (the Levinson-Durbin recursion)."""
    if lags[0] <= 0:
        return ()
    error, predictor, found = float(lags[0]), np.zeros(0), list[float]()
    for order in range(1, lags.size):
        each = -float(lags[order] + predictor @ lags[order - 1 : 0 : -1]) / error
        each = min(max(each, -_TRUST), _TRUST)
        predictor = np.concatenate((predictor + each * predictor[::-1], [each]))
        error *= 1 - each * each
        found.append(each)
    return tuple(found)
