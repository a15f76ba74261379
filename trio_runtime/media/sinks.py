"""What listens to a call."""

from __future__ import annotations

from trio_runtime.base.errors import LimitExceededError
from trio_runtime.media.types import AudioFrame, AudioSink

__all__ = ["AudioSinks"]


class AudioSinks:
    """The sinks of one call; each hears every frame."""

    def __init__(self, *, max_sinks: int = 32) -> None:
        """Begin with none and take up to `max_sinks`."""
        self._max_sinks = max_sinks
        self._sinks: tuple[AudioSink, ...] = ()

    def add(self, sink: AudioSink) -> None:
        """Let a sink listen; adding it twice does nothing.

        Raises:
            LimitExceededError: There are too many already.
        """
        if any(other is sink for other in self._sinks):
            return
        if len(self._sinks) >= self._max_sinks:
            raise LimitExceededError(f"a call has {self._max_sinks} audio sinks at most")
        self._sinks = (*self._sinks, sink)

    def remove(self, sink: AudioSink) -> None:
        """Take a sink away; one that is not there is no error."""
        self._sinks = tuple(other for other in self._sinks if other is not sink)

    @property
    def any(self) -> bool:
        """Whether there is a sink."""
        return bool(self._sinks)

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Give a frame of each side to every sink."""
        for sink in self._sinks:
            sink.take(received, sent)

    def close(self) -> None:
        """Tell every sink that the stream is over."""
        sinks, self._sinks = self._sinks, ()
        for sink in sinks:
            sink.close()
