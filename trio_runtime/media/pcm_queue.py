"""A bounded queue of samples: pieces of any length in, pieces of any length out."""

from __future__ import annotations

from collections import deque

import numpy as np

from trio_runtime.media.types import AudioFrame

__all__ = ["PcmQueue"]

_NOTHING: AudioFrame = np.zeros(0, np.int16)


class PcmQueue:
    """Holds at most `limit` samples, as copies of what was put in.

    Attributes:
        limit: Samples that may wait.
        waiting: Samples that wait.
        taken: Samples taken out so far.
        dropped: Samples thrown away so far.
    """

    __slots__ = ("_pieces", "dropped", "limit", "taken", "waiting")

    def __init__(self, limit: int) -> None:
        """Create an empty queue."""
        self._pieces: deque[AudioFrame] = deque()
        self.limit = limit
        self.waiting = self.taken = self.dropped = 0

    def put(self, samples: AudioFrame) -> AudioFrame:
        """Put in what there is room for and return the rest."""
        room = self.limit - self.waiting
        if room <= 0:
            return samples
        piece = samples[:room]
        if piece.size:
            self._pieces.append(piece.copy())
            self.waiting += piece.size
        return samples[room:]

    def force(self, samples: AudioFrame) -> None:
        """Put everything in, dropping the oldest samples that there is no room for."""
        excess = samples.size - self.limit
        if excess > 0:
            self.dropped += excess
            samples = samples[excess:]
        surplus = self.waiting + samples.size - self.limit
        if surplus > 0:
            self._remove(surplus)
            self.dropped += surplus
        self.put(samples)

    def take(self, n_samples: int) -> AudioFrame:
        """Take out up to `n_samples` samples, int16, shape (n,)."""
        if not self.waiting:
            return _NOTHING
        pieces = self._remove(min(n_samples, self.waiting))
        frame = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        self.taken += frame.size
        return frame

    def clear(self) -> None:
        """Throw everything away."""
        self.dropped += self.waiting
        self.waiting = 0
        self._pieces.clear()

    def _remove(self, n_samples: int) -> list[AudioFrame]:
        self.waiting -= n_samples
        pieces: list[AudioFrame] = []
        while n_samples:
            piece = self._pieces.popleft()
            if piece.size > n_samples:
                self._pieces.appendleft(piece[n_samples:])
                piece = piece[:n_samples]
            pieces.append(piece)
            n_samples -= piece.size
        return pieces
