"""Adding audio, and moving it between one channel and two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError

_KNEE = 24576.0


def saturate(total: npt.NDArray[np.int32]) -> npt.NDArray[np.int16]:
    """Limit int32 sums of any shape to the range of int16 instead of letting them wrap around."""
    return np.clip(total, -32768, 32767).astype(np.int16)


def soft_limit(total: npt.NDArray[np.int32]) -> npt.NDArray[np.int16]:
    """Limit int32 sums of any shape to int16 with a bend: linear to 3/4 of full scale, then ever flatter.

    Sums of speech that go beyond full scale now and then sound compressed instead of crackling.
    """
    loud = np.abs(total) > _KNEE
    if not loud.any():
        return total.astype(np.int16)
    bent = total.astype(np.float32)
    beyond = np.abs(bent[loud]) - _KNEE
    bent[loud] = np.sign(bent[loud]) * (_KNEE + (32767.0 - _KNEE) * np.tanh(beyond / (32767.0 - _KNEE)))
    return np.asarray(np.rint(bent), np.int16)


def mix(frames: Sequence[npt.NDArray[np.int16]]) -> npt.NDArray[np.int16]:
    """Add frames, each int16 (n_samples,), into one as long as the longest; shorter ones end in silence.

    Raises:
        LocalProtocolError: `frames` is empty, so nobody knows how long the result should be.
    """
    if not frames:
        raise LocalProtocolError("there is no frame to mix")
    if len(frames) == 1:
        return frames[0].copy()
    total = np.zeros(max(len(frame) for frame in frames), np.int32)
    for frame in frames:
        total[: len(frame)] += frame
    return saturate(total)


def mix_minus_self(frames: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Return for each member of a conference what the others say.

    Args:
        frames: int16, shape (n_members, n_samples).

    Returns:
        int16 of the same shape: the sum of all rows minus the own one, saturated after the subtraction.
    """
    wide = frames.astype(np.int32)
    return saturate(wide.sum(axis=0, dtype=np.int32) - wide)


def to_mono(frames: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Average the channels of int16 (n_samples, n_channels) into int16 (n_samples,)."""
    if frames.shape[1] == 1:
        return frames[:, 0]
    total = frames.sum(axis=1, dtype=np.int32)
    return np.asarray(total // frames.shape[1], np.int16)


def to_stereo(left: npt.NDArray[np.int16], right: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Put two channels, int16 (n_samples,), side by side as (n_samples, 2); the shorter ends in silence."""
    frames = np.zeros((max(len(left), len(right)), 2), np.int16)
    frames[: len(left), 0] = left
    frames[: len(right), 1] = right
    return frames
