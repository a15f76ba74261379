"""Taking our own loudspeaker out of our microphone: an adaptive filter in the frequency domain.

The echo of what is played is estimated by a filter as long as the room answers, cut into blocks of 10 ms, and
subtracted. How much is learnt at each frequency is decided by a Kalman filter with diagonal covariance
(Enzner and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control", 2006): as much as the
filter may still be wrong, against all else that the microphone hears. So nobody has to find out whether the
near end speaks: while it does, little is learnt, and nothing of it is taken away.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError

_Audio = npt.NDArray[np.int16]
_Block = npt.NDArray[np.float64]
_Spectra = npt.NDArray[np.complex128]

_BLOCK_MS = 10
_PERSISTENCE = 0.998
"""How much of the room is the same a block later: 2 % of it changes in 0.1 s."""
_UNCERTAINTY = 0.05
"""Square of the answer of the room that is expected of each block of it, before anything is known."""
_NEAR_MEMORY = 0.7
"""Weight of the past in the power of what the filter leaves, block by block."""
_SILENT = 30.0**2
"""Mean square of what is played below which there is no echo to learn from: -61 dBov."""
_LEVEL_MEMORY = 0.95
"""Weight of the past in `attenuation_db`, block by block: about 0.2 s."""
_SHARE = 0.5
"""Of a transform of two blocks one is new: what is measured has half the energy of what it comes from."""


class EchoCanceller:
    """A filter of one stream that takes the echo of what is played out of what is recorded.

    Both ends are given in step: the samples that go to the loudspeaker and those that come from the
    microphone meanwhile. Whatever the devices hold back in between is part of the room, and `tail_ms` has to
    cover it. While nothing is played the near end passes as it is.
    """

    __slots__ = ("_far", "_left", "_n_block", "_near_power", "_recorded", "_room", "_spectra",
                 "_uncertainty")  # fmt: skip

    def __init__(self, sample_rate: int = 8000, *, tail_ms: int = 160) -> None:
        """Create a filter that knows nothing of the room.

        Args:
            sample_rate: Samples a second of both ends, in Hz: a multiple of 100, 8000 to 48000.
            tail_ms: How long the room answers, delays of the devices included: 10 to 500 ms.

        Raises:
            LocalProtocolError: A value is out of range; the text names it.
        """
        if not 8000 <= sample_rate <= 48_000 or sample_rate % 100:
            raise LocalProtocolError(f"sample_rate is {sample_rate}, not a multiple of 100 in 8000..48000 Hz")
        if not _BLOCK_MS <= tail_ms <= 500:
            raise LocalProtocolError(f"tail_ms is {tail_ms}, not in {_BLOCK_MS}..500")
        self._n_block = n_block = sample_rate * _BLOCK_MS // 1000
        shape = (math.ceil(tail_ms / _BLOCK_MS), n_block + 1)
        # Row i belongs to what was played i blocks ago.
        self._spectra: _Spectra = np.zeros(shape, np.complex128)
        self._room: _Spectra = np.zeros(shape, np.complex128)
        self._uncertainty: _Block = np.full(shape, _UNCERTAINTY)
        self._near_power: _Block = np.zeros(n_block + 1)
        self._far: _Block = np.zeros(n_block)
        self._recorded = self._left = 0.0

    def process(self, near: _Audio, far: _Audio) -> _Audio:
        """Return what was recorded without the echo.

        Args:
            near: What the microphone gave, int16, shape (n_samples,): whole times 10 ms.
            far: What the loudspeaker got meanwhile, int16, of the same shape.

        Raises:
            LocalProtocolError: The two differ in shape, or are no whole times 10 ms.
        """
        if near.shape != far.shape or near.ndim != 1 or near.size % self._n_block:
            shapes = f"near has shape {near.shape} and far {far.shape}"
            raise LocalProtocolError(f"{shapes}, not both whole times {self._n_block} samples")
        cleaned = np.empty(near.shape, np.float64)
        for first in range(0, near.size, self._n_block):
            block = slice(first, first + self._n_block)
            cleaned[block] = self._block(near[block].astype(np.float64), far[block].astype(np.float64))
        return np.asarray(np.clip(np.rint(cleaned), -32768, 32767), np.int16)

    @property
    def attenuation_db(self) -> float | None:
        """By how much what is recorded was made softer lately, in dB; None before anything was played.

        While the near end is silent that is the echo return loss enhancement (ITU-T G.168).
        """
        if not self._recorded:
            return None
        return 10.0 * math.log10(self._recorded / max(self._left, 1e-9 * self._recorded))

    def _block(self, near: _Block, played: _Block) -> _Block:
        far: _Block = np.concatenate((self._far, played))
        self._far = far[self._n_block :]
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(far)
        # Of the circular convolution of two blocks only the second one is free of wrapping (overlap-save).
        echo = np.fft.irfft((self._room * self._spectra).sum(axis=0), 2 * self._n_block)[self._n_block :]
        left = near - echo
        if np.mean(far**2) >= _SILENT:
            self._learn(left)
            self._recorded = _LEVEL_MEMORY * self._recorded + float(np.dot(near, near))
            self._left = _LEVEL_MEMORY * self._left + float(np.dot(left, left))
        return np.asarray(left, np.float64)

    def _learn(self, left: _Block) -> None:
        """Move the answer of the room towards what would have left less."""
        n_block, spectra, uncertainty = self._n_block, self._spectra, self._uncertainty
        error = np.fft.rfft(np.concatenate((np.zeros(n_block), left)))
        self._near_power = _NEAR_MEMORY * self._near_power + (1 - _NEAR_MEMORY) * np.abs(error) ** 2
        power = np.abs(spectra) ** 2
        misjudged = _SHARE * (power * uncertainty).sum(axis=0)
        gain = uncertainty / (misjudged + self._near_power + 1.0)
        step = np.fft.irfft(gain * spectra.conj() * error, 2 * n_block, axis=1)
        step[:, n_block:] = 0.0  # a block of the room is no longer than a block
        self._room = _PERSISTENCE * (self._room + np.fft.rfft(step, axis=1))
        drift = (1 - _PERSISTENCE**2) * np.abs(self._room) ** 2
        self._uncertainty = _PERSISTENCE**2 * (1 - _SHARE * gain * power) * uncertainty + drift
