"""What listens to a call."""

from __future__ import annotations

from trio_runtime.base.errors import LimitExceededError
from trio_runtime.media.types import AudioFrame, AudioSink

__all__ = ["AudioSinks"]


class AudioSinks:
    """The sinks of one call; each hears every frame.

    Attributes:
        listeners: The sinks; another tuple after each change.
    """

    def __init__(self, *, max_sinks: int = 32) -> None:
        """Begin with none and take up to `max_sinks`."""
        self._max_sinks = max_sinks
        self.listeners: tuple[AudioSink, ...] = ()

    def add(self, sink: AudioSink) -> None:
        """Let a sink listen; adding it twice does nothing.

        Raises:
            LimitExceededError: There are too many already.
        """
        if any(other is sink for other in self.listeners):
            return
        if len(self.listeners) >= self._max_sinks:
            raise LimitExceededError(f"a call has {self._max_sinks} audio sinks at most")
        self.listeners = (*self.listeners, sink)

    def remove(self, sink: AudioSink) -> None:
        """Take a sink away; one that is not there is no error."""
        self.listeners = tuple(other for other in self.listeners if other is not sink)

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Give a frame of each side to every sink."""
        for sink in self.listeners:
            sink.take(received, sent)

    def close(self) -> None:
        """Tell every sink that the stream is over."""
        sinks, self.listeners = self.listeners, ()
        for sink in sinks:
            sink.close()
