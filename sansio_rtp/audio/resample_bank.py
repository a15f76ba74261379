"""Changing the sample rate of many streams at once: one matrix product a tick."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from .resample import filter_bank


@lru_cache(maxsize=32)
def _matrix(up: int, down: int, n_input: int) -> tuple[npt.NDArray[np.float32], int, int]:
    """Return the matrix from history and frame to output, the length of the history, and the delay.

    Each column holds the taps of one output. The window reaches ahead, so all is delayed by its half, rounded
    up to whole outputs.
    """
    if up == down:
        return np.eye(n_input, dtype=np.float32), 0, 0
    bank = filter_bank(up, down)
    n_taps = bank.shape[1]
    half = n_taps // 2
    delay = -(-half // down) * down
    n_history = half - 1 + delay
    n_output = n_input * up // down
    matrix = np.zeros((n_history + n_input, n_output), np.float32)
    for index in range(n_output):
        whole, phase = divmod(index * down, up)
        first = n_history + whole + 1 - half - delay
        matrix[first : first + n_taps, index] = bank[phase]
    return matrix, n_history, delay * up // down


class ResamplerBank:
    """`Resampler` for many streams with frames of one length: row i is stream i.

    The quality is that of `Resampler`. What it gives comes `delay_samples` later, because no row waits for
    what follows.

    Attributes:
        delay_samples: Delay of the output, in samples of the output.
    """

    __slots__ = ("_history", "_matrix", "_n_history", "delay_samples")

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
        self._matrix, self._n_history, self.delay_samples = _matrix(up, down, frame_samples)
        self._history: npt.NDArray[np.float32] = np.zeros((n_streams, self._n_history), np.float32)

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
        history = wide[:, wide.shape[1] - self._n_history :]
        if rows is None:
            self._history = history.copy()
        else:
            self._history[rows] = history
        output = np.matmul(wide, self._matrix)
        return np.asarray(np.clip(np.rint(output), -32768, 32767), np.int16)

    def grow(self, n_streams: int) -> None:
        """Make place for more streams; with as many or fewer than there are, nothing happens."""
        more = n_streams - len(self._history)
        if more > 0:
            rows = np.zeros((more, self._n_history), np.float32)
            self._history = np.concatenate((self._history, rows))

    def prime(self, frames: npt.NDArray[np.int16], rows: npt.NDArray[np.int64]) -> None:
        """Let streams begin in the middle of a sound: what was before their first frames is these, mirrored.

        Otherwise the delay would begin with silence, and the sound with a step.

        Args:
            frames: int16, shape (n_rows, frame_samples): what `process` gets next of them.
            rows: int64, shape (n_rows,): the streams.
        """
        back = np.minimum(np.arange(self._n_history)[::-1], frames.shape[1] - 1)
        self._history[rows] = frames[:, back]

    def reset(self, rows: npt.NDArray[np.int64]) -> None:
        """Forget what the streams `rows`, int64 (n_rows,), have sent: others will use the rows."""
        self._history[rows] = 0.0
