"""What several calls do with their audio together: rooms and relays."""

from __future__ import annotations

from collections.abc import Callable

from sansio_rtp.relay import RelayMismatchError, agree
from trio_runtime.base.errors import MediaError
from trio_runtime.media.clock.engine import MediaEngine
from trio_runtime.media.relays.relay import Relay, RelayEvent
from trio_runtime.media.rooms.events import RoomEvent
from trio_runtime.media.rooms.rates import room_rate
from trio_runtime.media.rooms.room import Room
from trio_runtime.media.session_audio import SessionAudio

__all__ = ["SharedAudio"]


class SharedAudio(SessionAudio):
    """The audio of sessions that one media clock drives."""

    def __init__(self, rate: int, engine: MediaEngine) -> None:
        """Let all audio have `rate` samples a second; the rooms and relays are those of `engine`."""
        super().__init__(rate)
        self._shared = engine

    def open_room(
        self, on_event: Callable[[RoomEvent], None] | None = None, *, rate: int | None = None
    ) -> Room:
        """Return a new room, in which sessions hear each other; close it when it is not needed any more.

        Args:
            on_event: Takes what the room tells; called in the media clock: it must be quick.
            rate: Samples a second in it, in Hz: 8000, 16000 or 48000. None is enough for all that calls have.

        Raises:
            ConfigurationError: There is no such rate.
            LimitExceededError: Too many rooms are open.
        """
        rate = room_rate(rate, self._rate)
        return Room(self._shared.desk, self.stream, on_event, rate=rate)

    def relay_differences(self, a: str, b: str) -> tuple[str, ...]:
        """Return what two sessions do not agree on, so that they cannot be relayed; empty when they can.

        Raises:
            MediaError: One has no media.
        """
        one, two = (self._existing(session).path.lent.bare for session in (a, b))
        if one is None or two is None:
            raise MediaError("there is no media (any more) to relay")
        try:
            agree(one.config, two.config)
        except RelayMismatchError as error:
            return error.differences
        return ()

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
        return Relay(self._shared.relays, (a, b), (self._existing(a), self._existing(b)), on_event)
