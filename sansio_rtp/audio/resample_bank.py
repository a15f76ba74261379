"""Changing the sample rate of many streams at once, by matrix products."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from ..errors import LocalProtocolError
from .resample import filter_bank

_BLOCK_SAMPLES = 16
"""Input samples that are filtered by one product, or a few more: so much of its matrix is not zero."""
_SMALL_PRODUCT = 262_144
"""Multiplications of a product that linear algebra libraries do at once; a larger one wakes up threads, whose
waiting for each other costs more CPU than the work."""


class _Kernel(NamedTuple):
    """How a frame is filtered, block by block.

    Attributes:
        matrix: From the window of a block to its outputs: each column holds the taps of one output.
        block: Input samples by which the windows lie apart.
        n_blocks: Blocks in a frame.
        n_history: Samples before the frame that the first window begins with.
        delay: Samples of output by which all comes later: a window reaches ahead by half of the filter.
    """

    matrix: npt.NDArray[np.float32]
    block: int
    n_blocks: int
    n_history: int
    delay: int


@lru_cache(maxsize=32)
def _kernel(up: int, down: int, n_input: int) -> _Kernel:
    if up == down:
        return _Kernel(np.eye(n_input, dtype=np.float32), n_input, 1, 0, 0)
    bank = filter_bank(up, down)
    n_taps = bank.shape[1]
    half = n_taps // 2
    delay = -(-half // down) * down  # whole outputs
    sizes = range(down, n_input + 1, down)
    block = next((size for size in sizes if size >= _BLOCK_SAMPLES and n_input % size == 0), n_input)
    n_output = block * up // down
    matrix = np.zeros((block - 1 + n_taps, n_output), np.float32)
    for index in range(n_output):
        whole, phase = divmod(index * down, up)
        matrix[whole : whole + n_taps, index] = bank[phase]
    return _Kernel(matrix, block, n_input // block, half - 1 + delay, delay * up // down)


class ResamplerBank:
    """`Resampler` for many streams with frames of one length: row i is stream i.

    The quality is that of `Resampler`. What it gives comes `delay_samples` later, because no row waits for
    what follows.

    Attributes:
        delay_samples: Delay of the output, in samples of the output.
    """

    __slots__ = ("_history", "_kernel", "delay_samples")

    def __init__(self, n_streams: int, input_rate: int, output_rate: int, frame_samples: int) -> None:
        """Create a bank at the start of all streams.

        Args:
            n_streams: Rows.
            input_rate: Samples a second taken, in Hz.
            output_rate: Samples a second given, in Hz.
            frame_samples: Samples in each frame taken.

        Raises:
            LocalProtocolError: A rate is not positive, or a frame makes no whole number of samples.
        """
        if input_rate <= 0 or output_rate <= 0:
            raise LocalProtocolError(f"sample rates must be positive, not {input_rate} and {output_rate} Hz")
        divisor = math.gcd(input_rate, output_rate)
        up, down = output_rate // divisor, input_rate // divisor
        if frame_samples % down:
            raise LocalProtocolError(f"frame_samples {frame_samples} is no multiple of {down}")
        self._kernel = _kernel(up, down, frame_samples)
        self.delay_samples = self._kernel.delay
        self._history: npt.NDArray[np.float32] = np.zeros((n_streams, self._kernel.n_history), np.float32)

    def process(
        self, frames: npt.NDArray[np.int16], rows: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.int16]:
        """Return the frames at the new rate.

        Args:
            frames: int16, shape (n_streams, frame_samples).
            rows: int64, shape (n_streams,): whose frames they are, each at most once; None means all streams
                in their order. For the others no time passes.

        Returns:
            int16, shape (n_streams, frame_samples * output_rate / input_rate), saturated.
        """
        before = self._history if rows is None else self._history[rows]
        wide = np.concatenate((before, frames.astype(np.float32)), axis=1)
        history = wide[:, wide.shape[1] - self._kernel.n_history :]
        if rows is None:
            self._history = history.copy()
        else:
            self._history[rows] = history
        output = self._filtered(wide)
        return np.asarray(np.clip(np.rint(output, out=output), -32768, 32767, out=output), np.int16)

    def _filtered(self, wide: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        matrix, block, n_blocks, _, _ = self._kernel
        n_rows, (width, n_output) = len(wide), matrix.shape
        row, sample = wide.strides
        windows = as_strided(wide, (n_rows, n_blocks, width), (row, block * sample, sample), writeable=False)
        output = np.empty((n_rows, n_blocks, n_output), np.float32)
        step = max(1, _SMALL_PRODUCT // (n_blocks * matrix.size))
        for first in range(0, n_rows, step):
            piece = windows[first : first + step].reshape(-1, width)
            np.matmul(piece, matrix, out=output[first : first + step].reshape(-1, n_output))
        return output.reshape(n_rows, n_blocks * n_output)

    def grow(self, n_streams: int) -> None:
        """Make place for more streams; with as many or fewer than there are, nothing happens."""
        more = n_streams - len(self._history)
        if more > 0:
            rows = np.zeros((more, self._kernel.n_history), np.float32)
            self._history = np.concatenate((self._history, rows))

    def prime(self, frames: npt.NDArray[np.int16], rows: npt.NDArray[np.int64]) -> None:
        """Let streams begin in the middle of a sound: what was before their first frames is these, mirrored.

        Otherwise the delay would begin with silence, and the sound with a step.

        Args:
            frames: int16, shape (n_rows, frame_samples): what `process` gets next of them.
            rows: int64, shape (n_rows,): the streams.
        """
        back = np.minimum(np.arange(self._kernel.n_history)[::-1], frames.shape[1] - 1)
        self._history[rows] = frames[:, back]

    def reset(self, rows: npt.NDArray[np.int64]) -> None:
        """Forget what the streams `rows`, int64 (n_rows,), have sent: others will use the rows."""
        self._history[rows] = 0.0
