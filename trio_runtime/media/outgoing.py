"""What a call says: the mix of its sources, cut into packets."""

from __future__ import annotations

import numpy as np

from sansio_rtp.audio import mix
from trio_runtime.base.errors import LimitExceededError
from trio_runtime.media.types import AudioFrame, AudioSource

__all__ = ["HeldAudio", "OutgoingAudio", "Packetizer"]


class HeldAudio:
    """What a call says while its peer is on hold: music, or nothing. What sounded before waits.

    Attributes:
        sources: What sounds again afterwards.
        live: True: it is asked even while nothing may be sent, so that what is live passes unheard.
    """

    live = True

    def __init__(self, sources: tuple[AudioSource, ...], music: AudioSource | None) -> None:
        """Let `music` sound in place of `sources`."""
        self.sources = sources
        self._music = music
        self._silence = np.zeros(0, np.int16)

    def read(self, n_samples: int) -> AudioFrame:
        """Return the next samples of the music."""
        for source in self.sources:
            if source.live:
                source.read(n_samples)
        frame = None if self._music is None else self._music.read(n_samples)
        return self._silence if frame is None else frame

    def play(self, music: AudioSource | None) -> None:
        """Let other music sound."""
        before, self._music = self._music, music
        if before is not None:
            before.close()

    def close(self) -> None:
        """Tell everybody that the stream is over."""
        self.play(None)
        for source in self.sources:
            source.close()


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
        self._held: HeldAudio | None = None
        self.silence = np.zeros(n_samples, np.int16)
        self.silence.setflags(write=False)

    def add(self, source: AudioSource) -> None:
        """Let a source sound; adding it twice does nothing.

        Raises:
            LimitExceededError: There are too many already.
        """
        sources = self.sources if self._held is None else self._held.sources
        if any(other is source for other in sources):
            return
        if len(sources) >= self._max_sources:
            raise LimitExceededError(f"a call mixes {self._max_sources} audio sources at most")
        self._replace((*sources, source))

    def remove(self, source: AudioSource) -> None:
        """Silence a source; one that is not there is no error."""
        sources = self.sources if self._held is None else self._held.sources
        self._replace(tuple(other for other in sources if other is not source))

    def hold(self, music: AudioSource | None) -> None:
        """Let only `music` sound, until `release`; None is silence. Again, it changes the music."""
        if self._held is None:
            self._held = HeldAudio(self.sources, music)
            self.sources = (self._held,)
        else:
            self._held.play(music)

    def release(self) -> None:
        """Let everything sound again, from where it was."""
        if self._held is not None:
            held, self._held = self._held, None
            held.play(None)
            self.sources = held.sources

    def next_frame(self, *, can_send: bool, room: AudioFrame | None = None) -> AudioFrame:
        """Return the next frame of the mix; while the stream may not send, live audio passes unheard.

        Args:
            can_send: Whether the stream may send.
            room: A whole frame that others say to the call; it sounds with the sources.
        """
        if self._held is not None:
            room = None  # nobody is heard by who is on hold
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
        sources, self.sources, self._held = self.sources, (), None
        for source in sources:
            source.close()

    def _replace(self, sources: tuple[AudioSource, ...]) -> None:
        if self._held is None:
            self.sources = sources
        else:
            self._held.sources = sources

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
