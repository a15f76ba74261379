"""Packet loss concealment by fading repetition of what was last heard."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_BLEND_MS = 5
_FULL_MS = 10
_SILENT_MS = 60


class Concealer:
    """A filter on the decoded stream of one direction that fills the gaps.

    The last milliseconds heard are played backwards and forwards in turn, which leaves no step at the joins.
    The level is full for 10 ms and falls to silence at 60 ms (the times of ITU-T G.711 Appendix I). The first
    good frame after a gap is blended in over 5 ms.

    Attributes:
        concealed_samples: Samples made up so far.
    """

    __slots__ = ("_blend", "_full", "_gap", "_history", "_history_size", "_silent", "concealed_samples")

    def __init__(self, sample_rate: int = 8000, *, history_ms: int = 20) -> None:
        """Create a concealer that has heard nothing.

        Args:
            sample_rate: Samples a second, in Hz.
            history_ms: How much of the past is repeated, in milliseconds.
        """
        per_ms = sample_rate // 1000
        self._blend, self._full, self._silent = _BLEND_MS * per_ms, _FULL_MS * per_ms, _SILENT_MS * per_ms
        self._history_size = history_ms * per_ms
        self._history: npt.NDArray[np.int16] = np.zeros(0, np.int16)
        self._gap = 0
        self.concealed_samples = 0

    @property
    def concealing(self) -> bool:
        """Whether the last frame was made up, so that the next one is blended in."""
        return bool(self._gap)

    def good(self, frame: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Take a received frame, int16, shape (n_samples,), and return what to play in its place.

        That is the frame itself, except after a gap, where its first 5 ms are blended.
        """
        if self._gap:
            frame = self._blended(frame)
            self._gap = 0
        if len(frame) >= self._history_size:
            self._history = frame[-self._history_size :].copy()
        else:
            self._history = np.concatenate((self._history, frame))[-self._history_size :]
        return frame

    def lost(self, n_samples: int) -> npt.NDArray[np.int16]:
        """Return `n_samples` int16 samples, shape (n_samples,), for audio that did not come."""
        frame = self._repetition(n_samples)
        self._gap += n_samples
        self.concealed_samples += n_samples
        return frame

    def _repetition(self, n_samples: int) -> npt.NDArray[np.int16]:
        size = len(self._history)
        if size < 2 or self._gap >= self._silent:
            return np.zeros(n_samples, np.int16)
        since = np.arange(self._gap, self._gap + n_samples)
        # A triangle over the history: newest sample backwards to the oldest, then forwards again.
        phase = (since + 1) % (2 * size - 2)
        index = np.abs(size - 1 - phase)
        gain = np.clip((self._silent - since) / (self._silent - self._full), 0.0, 1.0)
        return np.rint(self._history[index] * gain).astype(np.int16)

    def _blended(self, frame: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        n_samples = min(self._blend, len(frame))
        rise = np.arange(1, n_samples + 1) / (n_samples + 1)
        tail = self._repetition(n_samples)
        blended = frame.copy()
        blended[:n_samples] = np.rint(frame[:n_samples] * rise + tail * (1.0 - rise)).astype(np.int16)
        return blended
