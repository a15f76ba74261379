"""Packet loss concealment by pitch repetition (ITU-T G.711 Appendix I)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .continuation import MERGE_MS, SILENT_MS, continue_rows, history_samples, merge_samples


class Concealer:
    """A filter on the decoded stream of one direction that fills the gaps.

    The voice goes on with its last pitch periods: at full level for 10 ms, silent from 60 ms on. The first
    good frame after a gap is blended in over 4 to 10 ms. Nothing is delayed. `ConcealerBank` is the same for
    many streams.

    Attributes:
        concealed_samples: Samples made up so far.
    """

    __slots__ = ("_gap", "_history", "_sample_rate", "_wave", "concealed_samples")

    def __init__(self, sample_rate: int = 8000) -> None:
        """Create a concealer that has heard nothing; `sample_rate` is in Hz, 8000 to 48,000."""
        self._sample_rate = sample_rate
        self._history: npt.NDArray[np.int16] = np.zeros((1, history_samples(sample_rate)), np.int16)
        self._wave: npt.NDArray[np.float32] = np.zeros((1, 0), np.float32)
        self._gap = 0
        self.concealed_samples = 0

    @property
    def concealing(self) -> bool:
        """Whether the last frame was made up, so that the next one is blended in."""
        return bool(self._gap)

    def good(self, frame: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Take a received frame, int16, shape (n_samples,), and return what to play in its place.

        That is the frame itself, except after a gap, where its beginning is blended.
        """
        if self._gap:
            frame = frame.copy()
            _merge(frame[None, :], self._wave, np.array([self._gap]), self._sample_rate)
            self._gap = 0
        self._remember(frame)
        return frame

    def lost(self, n_samples: int) -> npt.NDArray[np.int16]:
        """Return `n_samples` int16 samples, shape (n_samples,), for audio that did not come."""
        if not self._gap:
            self._wave = continue_rows(self._history, self._sample_rate)
        wave = _part(self._wave, np.array([self._gap]), n_samples)[0]
        frame: npt.NDArray[np.int16] = np.rint(wave).astype(np.int16)
        self._gap += n_samples
        self.concealed_samples += n_samples
        self._remember(frame)
        return frame

    def _remember(self, frame: npt.NDArray[np.int16]) -> None:
        history = self._history[0]
        n_samples = len(frame)
        if n_samples >= len(history):
            history[:] = frame[n_samples - len(history) :]
        elif n_samples:
            history[:-n_samples] = history[n_samples:]
            history[-n_samples:] = frame


class ConcealerBank:
    """`Concealer` for many streams with frames of one length: row i is stream i.

    Attributes:
        concealed_samples: int64, shape (n_streams,): samples made up so far.
    """

    __slots__ = ("_gap", "_next", "_past", "_sample_rate", "_wave", "concealed_samples")

    def __init__(self, n_streams: int, frame_samples: int, sample_rate: int = 8000) -> None:
        """Create a bank that has heard nothing.

        Args:
            n_streams: Rows.
            frame_samples: Samples in each frame.
            sample_rate: Samples a second, in Hz, 8000 to 48,000.
        """
        n_frames = -(-history_samples(sample_rate) // frame_samples)
        self._sample_rate = sample_rate
        self._past: npt.NDArray[np.int16] = np.zeros((n_streams, n_frames, frame_samples), np.int16)
        self._next = 0
        n_wave = (SILENT_MS + MERGE_MS) * sample_rate // 1000
        self._wave: npt.NDArray[np.float32] = np.zeros((n_streams, n_wave), np.float32)
        self._gap: npt.NDArray[np.int64] = np.zeros(n_streams, np.int64)
        self.concealed_samples: npt.NDArray[np.int64] = np.zeros(n_streams, np.int64)

    def process(self, frames: npt.NDArray[np.int16], lost: npt.NDArray[np.bool_]) -> None:
        """Fill the rows of `frames` that are lost and blend those after a gap, in place.

        Args:
            frames: int16, shape (n_streams, frame_samples): the tick of every stream.
            lost: bool, shape (n_streams,): rows for which no audio came.
        """
        n_samples = frames.shape[1]
        gap = self._gap
        (begins,) = np.nonzero(lost & (gap == 0))
        if len(begins):
            self._wave[begins] = continue_rows(self._history(begins), self._sample_rate)
        (ends,) = np.nonzero(~lost & (gap > 0))
        if len(ends):
            rows = frames[ends]
            _merge(rows, self._wave[ends], gap[ends], self._sample_rate)
            frames[ends] = rows
            gap[ends] = 0
        (rows_lost,) = np.nonzero(lost)
        if len(rows_lost):
            frames[rows_lost] = np.rint(_part(self._wave[rows_lost], gap[rows_lost], n_samples))
            gap[rows_lost] += n_samples
            self.concealed_samples[rows_lost] += n_samples
        self._past[:, self._next] = frames
        self._next = (self._next + 1) % self._past.shape[1]

    def reset(self, rows: npt.NDArray[np.int64]) -> None:
        """Forget what the streams `rows`, int64 (n_rows,), have heard: others will use the rows."""
        self._past[rows] = 0
        self._gap[rows] = 0
        self.concealed_samples[rows] = 0

    def _history(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int16]:
        n_frames = self._past.shape[1]
        order = np.arange(self._next, self._next + n_frames, dtype=np.int64) % n_frames
        frames = self._past[rows[:, None], order[None, :]].reshape(len(rows), -1)
        return np.asarray(frames[:, -history_samples(self._sample_rate) :], np.int16)


def _part(
    wave: npt.NDArray[np.float32], first: npt.NDArray[np.int64], n_samples: int
) -> npt.NDArray[np.float32]:
    """Return `n_samples` of each row from its `first` sample on; behind the end is silence."""
    place = first[:, None] + np.arange(n_samples)
    part = np.take_along_axis(wave, np.minimum(place, wave.shape[1] - 1), axis=1)
    return np.where(place < wave.shape[1], part, np.float32(0.0))


def _merge(
    frames: npt.NDArray[np.int16],
    wave: npt.NDArray[np.float32],
    gap: npt.NDArray[np.int64],
    sample_rate: int,
) -> None:
    """Blend the beginning of each row into what would have gone on there, in place."""
    length = merge_samples(gap, sample_rate)
    n_samples = min(int(length.max()), frames.shape[1])
    rise = np.minimum(np.arange(1, n_samples + 1) / (length[:, None] + 1), 1.0).astype(np.float32)
    tail = _part(wave, gap, n_samples)
    frames[:, :n_samples] = np.rint(frames[:, :n_samples] * rise + tail * (1.0 - rise))
