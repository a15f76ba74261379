"""Doing something some ticks of the media clock later."""

from __future__ import annotations

from collections.abc import Callable

from trio_runtime.media.stream import MediaStream
from trio_runtime.media.types import AudioFrame

__all__ = ["Countdown"]


class Countdown:
    """Listens for some ticks of the media clock, and then does something."""

    def __init__(self, stream: MediaStream, ticks: int, action: Callable[[], None]) -> None:
        self._stream = stream
        self._left = ticks
        self._action = action

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Count one tick."""
        self._left -= 1
        if self._left == 0:
            self._stream.remove_sink(self)
            self._action()

    def close(self) -> None:
        """Do it at once: there will be no more ticks."""
        self._action()
