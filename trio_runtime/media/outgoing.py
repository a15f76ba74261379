"""What a call says: the mix of its sources, cut into packets."""

from __future__ import annotations

import numpy as np

from sansio_rtp.audio import mix
from trio_runtime.base.errors import LimitExceededError
from trio_runtime.media.types import AudioFrame, AudioSource

__all__ = ["OutgoingAudio", "Packetizer"]


class OutgoingAudio:
    """The sources of one call, which mix.

    Attributes:
        sources: The sources; another tuple after each change.
        silence: A frame in which nothing sounds.
    """

    def __init__(self, n_samples: int, *, max_sources: int = 32) -> None:
        """Mix frames of `n_samples` samples."""
        self._n_samples = n_samples
        self._max_sources = max_sources
        self.sources: tuple[AudioSource, ...] = ()
        self.silence = np.zeros(n_samples, np.int16)
        self.silence.setflags(write=False)

    def add(self, source: AudioSource) -> None:
        """Let a source sound; adding it twice does nothing.

        Raises:
            LimitExceededError: There are too many already.
        """
        if any(other is source for other in self.sources):
            return
        if len(self.sources) >= self._max_sources:
            raise LimitExceededError(f"a call mixes {self._max_sources} audio sources at most")
        self.sources = (*self.sources, source)

    def remove(self, source: AudioSource) -> None:
        """Silence a source; one that is not there is no error."""
        self.sources = tuple(other for other in self.sources if other is not source)

    def next_frame(self, *, can_send: bool, room: AudioFrame | None = None) -> AudioFrame:
        """Return the next frame of the mix; while the stream may not send, live audio passes unheard.

        Args:
            can_send: Whether the stream may send.
            room: A whole frame that others say to the call; it sounds with the sources.
        """
        if not self.sources and room is None:
            return self.silence
        frames: list[AudioFrame] = [] if room is None else [room]
        for source in self.sources:
            if can_send or source.live:
                frame = source.read(self._n_samples)
                if frame is None:
                    self.remove(source)
                elif frame.size:
                    frames.append(frame)
        return self._whole(mix(frames)) if frames and can_send else self.silence

    def close(self) -> None:
        """Tell every source that the stream is over."""
        sources, self.sources = self.sources, ()
        for source in sources:
            source.close()

    def _whole(self, frame: AudioFrame) -> AudioFrame:
        missing = self._n_samples - frame.size
        return frame if not missing else np.concatenate((frame, self.silence[:missing]))


class Packetizer:
    """Cuts audio that comes in frames of the clock into packets of the length that the peer wants."""

    def __init__(self, n_samples: int) -> None:
        """Make packets of `n_samples` samples."""
        self.n_samples = n_samples
        self._rest: AudioFrame = np.zeros(0, np.int16)

    def cut(self, frame: AudioFrame) -> list[AudioFrame]:
        """Return the packets that are full now."""
        size = self.n_samples
        if not self._rest.size and frame.size == size:
            return [frame]
        whole = np.concatenate((self._rest, frame))
        end = whole.size - whole.size % size
        self._rest = whole[end:]
        return [whole[start : start + size] for start in range(0, end, size)]

    def take_rest(self) -> int:
        """Throw away what waits for a full packet and return how many samples it was."""
        size, self._rest = self._rest.size, self._rest[:0]
        return size
