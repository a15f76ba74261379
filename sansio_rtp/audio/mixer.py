"""Conferences: everybody hears everybody else, many rooms at once in a few numpy operations a tick."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .mix import saturate, soft_limit
from .room_rows import RoomRows


class ConferenceMixer(RoomRows):
    """An N-1 mixer over rows: row i is a stream, and every row may be a member of one room.

    In each room all is added once and each member's own part subtracted (`add.reduceat` over rows sorted by
    room), so that a member costs the same in a room of three and of a thousand. Gains move in a ramp over
    one frame, so that joining, leaving, muting and turning up never click. Who shall not hear whom, as the
    customer a supervisor who whispers, is taken out of single mixes. All members have one sample rate; a
    `ResamplerBank` brings others to it.
    """

    __slots__ = ("_frame", "_ramp", "_soft")

    def __init__(self, n_rows: int, frame_samples: int, *, soft: bool = True) -> None:
        """Create a mixer without members.

        Args:
            n_rows: Streams that it has place for.
            frame_samples: Samples in the frame of a tick.
            soft: Bend loud sums before full scale instead of clipping them.
        """
        super().__init__(n_rows)
        self._frame = frame_samples
        self._soft = soft
        self._ramp = np.arange(1, frame_samples + 1, dtype=np.float32) / np.float32(frame_samples)

    def mix(self, frames: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Return what each row hears of this tick.

        Args:
            frames: int16, shape (n_rows, frame_samples): what each row says.

        Returns:
            int16 of the same shape; rows in no room hear silence.
        """
        output = np.zeros(frames.shape, np.int16)
        order = self._order
        if not len(order):
            return output
        own = frames[order].astype(np.int32)
        target = np.where(self._leaving | self._muted, np.float32(0.0), self._wanted)
        (scaled,) = np.nonzero((self._gain[order] != 1.0) | (target[order] != 1.0))
        if len(scaled):
            rows = order[scaled]
            gain = self._ramped(self._gain[rows], target[rows])
            own[scaled] = np.rint(own[scaled] * gain)
        total = np.add.reduceat(own, self._starts, axis=0)
        total = total[self._places] - own
        if len(self._hidden):
            self._hidden.take_away(total, own, order, self._ramp)
        mixed = soft_limit(total) if self._soft else saturate(total)
        hears = np.where(self._leaving, np.float32(0.0), np.float32(1.0))
        (faded,) = np.nonzero((self._heard[order] != 1.0) | self._leaving[order])
        if len(faded):
            rows = order[faded]
            mixed[faded] = np.rint(mixed[faded] * self._ramped(self._heard[rows], hears[rows]))
        output[order] = mixed
        self._gain, self._heard = target, hears
        self._speakers.update(own, order, self._starts, self._places)
        if self._leaving[order].any():
            self._remove()
        return output

    def _ramped(
        self, begin: npt.NDArray[np.float32], end: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        gain = begin[:, None] + (end - begin)[:, None] * self._ramp
        return np.asarray(gain, np.float32)
