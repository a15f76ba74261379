"""Sessions that hear each other: rooms and relays."""

from __future__ import annotations

from collections.abc import Callable

from trio_runtime.base.errors import MediaError
from trio_runtime.media.engine import MediaEngine
from trio_runtime.media.relaying import Relay, RelayEvent
from trio_runtime.media.room import Room, RoomEvent
from trio_runtime.media.session_audio import SessionAudio

__all__ = ["Gathering"]


class Gathering(SessionAudio):
    """Brings the sessions of one media clock together; `MediaManager` is one."""

    def __init__(self, rate: int, engine: MediaEngine) -> None:
        """Let all audio have `rate` samples a second; `engine` is the clock that moves it."""
        super().__init__(rate)
        self._engine = engine

    def open_room(self, on_event: Callable[[RoomEvent], None] | None = None) -> Room:
        """Return a new room, in which sessions hear each other; close it when it is not needed any more.

        Args:
            on_event: Takes what the room tells; called in the media clock: it must be quick.

        Raises:
            LimitExceededError: Too many rooms are open.
        """
        return Room(self._engine.desk, self.stream, on_event)

    def relay(self, a: str, b: str, on_event: Callable[[RelayEvent], None] | None = None) -> Relay:
        """Let the packets of two sessions pass to each other without decoding them; close it to end that.

        Args:
            a: A session.
            b: Another one.
            on_event: Takes what the relay tells; called in the media clock: it must be quick.

        Raises:
            MediaMismatchError: They do not have the same codec; it says what does not agree.
            MediaError: One has no media, is relayed already or in a room; or they are one session.
        """
        streams = self._existing(a), self._existing(b)
        if a == b:
            raise MediaError("a call cannot be relayed to itself")
        for stream in streams:
            self._engine.check_free(stream)
        relay = Relay(self._engine.relays, (a, b), streams, on_event)
        self._engine.part(streams)
        return relay
