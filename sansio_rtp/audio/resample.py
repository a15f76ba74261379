"""Changing the sample rate by a rational factor with a polyphase filter."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError

_PASS_EDGE = 0.85  # of the lower Nyquist frequency: 3400 Hz at 8 kHz, the telephone band
_STOP_DB = 72.0  # attenuation from the lower Nyquist frequency on, where aliases and images begin
_MAX_COEFFICIENTS = 4_000_000
_BLOCK = 1024  # outputs a matrix product: bounds the memory of a long call


@lru_cache(maxsize=16)
def filter_bank(up: int, down: int) -> npt.NDArray[np.float32]:
    """Return the taps of each phase, shape (up, n_taps): a sinc under a Kaiser window (Kaiser 1974).

    Pass band to 85 % of the lower Nyquist frequency within 0.1 dB; 60 dB down from that frequency on.

    Raises:
        LocalProtocolError: The rates have no common divisor of use, so the bank would be too large.
    """
    low = min(1.0, up / down)  # lower of both rates, in units of the input rate
    n_taps = 2 * math.ceil((_STOP_DB - 8.0) / (2.285 * math.pi * (1.0 - _PASS_EDGE) * low) / 2)
    if up * n_taps > _MAX_COEFFICIENTS:
        raise LocalProtocolError(f"sample rates with a ratio of {up}/{down} are not supported")
    half = n_taps // 2
    distance = np.arange(1 - half, half + 1) - np.arange(up)[:, None] / up
    beta = 0.1102 * (_STOP_DB - 8.7)
    window = np.i0(beta * np.sqrt(np.maximum(0.0, 1.0 - (distance / half) ** 2)))
    taps = np.sinc(distance * low * (1.0 + _PASS_EDGE) / 2.0) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)


class Resampler:
    """A filter that takes audio of one rate in pieces of any length and gives it at another.

    Pass band to 85 % of the lower Nyquist frequency, within 0.1 dB; from that frequency on all is at least
    60 dB down. The output is not delayed, but some milliseconds wait inside for what follows: `flush()` gets
    them.

    Attributes:
        input_rate: Samples a second taken, in Hz.
        output_rate: Samples a second given, in Hz.
    """

    __slots__ = (
        "_bank",
        "_buffer",
        "_down",
        "_given",
        "_n_taps",
        "_position",
        "_taken",
        "_up",
        "input_rate",
        "output_rate",
    )

    def __init__(self, input_rate: int, output_rate: int) -> None:
        """Create a resampler at the start of a stream.

        Raises:
            LocalProtocolError: A rate is not positive, or their ratio has no small terms.
        """
        if input_rate <= 0 or output_rate <= 0:
            raise LocalProtocolError(f"sample rates must be positive, not {input_rate} and {output_rate} Hz")
        divisor = math.gcd(input_rate, output_rate)
        self.input_rate, self.output_rate = input_rate, output_rate
        self._up, self._down = output_rate // divisor, input_rate // divisor
        self._bank: npt.NDArray[np.float32] = filter_bank(self._up, self._down)
        self._n_taps = len(self._bank[0])
        self._start()

    def process(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Take int16 samples, shape (n_samples,), and return those of the new rate that are ready."""
        self._taken += len(samples)
        if self._up == self._down:
            return samples
        output = self._filter(samples.astype(np.float32))
        self._given += len(output)
        return output

    def flush(self) -> npt.NDArray[np.int16]:
        """Return the rest, as if silence followed, and begin a new stream.

        All output together has the length of all input times the ratio, rounded up.
        """
        due = -(-self._taken * self._up // self._down) - self._given
        rest = np.zeros(0, np.int16)
        if self._up != self._down:
            rest = self._filter(np.zeros(self._n_taps, np.float32))[:due]
        self._start()
        return rest

    def _start(self) -> None:
        # The window of an output reaches half the taps back: the first one reaches into silence.
        self._buffer = np.zeros(self._n_taps // 2 - 1, np.float32)
        self._position = 0  # of the next output's window in the buffer, in 1/up input samples
        self._taken = self._given = 0

    def _filter(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
        self._buffer = np.concatenate((self._buffer, samples))
        whole_windows = len(self._buffer) - self._n_taps + 1
        count = max(0, -(-(whole_windows * self._up - self._position) // self._down))
        output = np.empty(count, np.int16)
        for first in range(0, count, _BLOCK):
            output[first : first + _BLOCK] = self._outputs(first, min(first + _BLOCK, count))
        self._position += count * self._down
        drop = min(self._position // self._up, len(self._buffer))
        self._buffer = self._buffer[drop:]
        self._position -= drop * self._up
        return output

    def _outputs(self, first: int, end: int) -> npt.NDArray[np.int16]:
        place = self._position + np.arange(first, end) * self._down
        windows = np.lib.stride_tricks.sliding_window_view(self._buffer, self._n_taps)
        wide: npt.NDArray[np.float32] = np.einsum(
            "nk,nk->n", windows[place // self._up], self._bank[place % self._up]
        )
        return np.asarray(np.clip(np.rint(wide), -32768, 32767), np.int16)
