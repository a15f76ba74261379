"""Two sessions that hear each other, by the cheapest way that their codecs allow."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Literal, TypeAlias

from trio_runtime.base.errors import LimitExceededError, MediaError, UnsupportedError, VoipError
from trio_runtime.media.bridge_guests import BridgeGuests
from trio_runtime.media.countdown import Countdown
from trio_runtime.media.relays.relay import CodecRefused, Relay, RelayEnded, RelayEvent
from trio_runtime.media.rooms.room import Room
from trio_runtime.media.session_audio import SessionAudio
from trio_runtime.media.together import SharedAudio

__all__ = ["BridgeMode", "MediaBridge"]

logger = logging.getLogger("trio_runtime")

BridgeMode: TypeAlias = Literal["waiting", "relay", "room", "closed"]
"""``waiting`` while one has no media, ``relay`` when packets pass as they are, ``room`` when converted."""


_FADING_TICKS = 3  # who leaves a room fades out with the next tick


class MediaBridge:
    """Lets two sessions hear each other until it is closed, whatever is agreed on meanwhile.

    Where both have the same codec their packets are relayed, undecoded, digits included. Else they meet in a
    room of two, which converts, and their digits are passed on one by one. So they do while there are guests,
    who hear both.

    Args:
        media: The media side.
        sessions: The two.
        soon: Runs something after the media clock has done what it does now.

    Attributes:
        sessions: The two.
        failed: Why they do not hear each other although both have media, empty when nothing is wrong.
    """

    def __init__(
        self, media: SessionAudio, sessions: tuple[str, str], soon: Callable[[Callable[[], None]], None]
    ) -> None:
        self.sessions = sessions
        self.failed = ""
        self._media = media if isinstance(media, SharedAudio) else None
        self._soon = soon
        self._relay: Relay | None = None
        self._room: Room | None = None
        self._guests = BridgeGuests()
        self._converts = self._parting = False
        self._closed = False
        self.settle()

    @property
    def mode(self) -> BridgeMode:
        """How they hear each other now."""
        if self._closed:
            return "closed"
        if self._relay is not None:
            return "relay"
        return "waiting" if self._room is None else "room"

    def settle(self) -> None:
        """After something was agreed on in either session: choose the way anew."""
        media = self._media
        if self._closed or media is None or not all(self._has_media(session) for session in self.sessions):
            return
        relayed = self._relay is not None and not self._relay.closed
        if (relayed and not self._guests) or self._parting:
            return
        if relayed and self._relay is not None:
            self._relay.close()
        self._relay, self.failed = None, ""
        alike = not self._converts and not self._guests and not media.relay_differences(*self.sessions)
        try:
            if alike and self._room is not None:
                self._part()
            elif alike:
                self._relay = media.relay(*self.sessions, self._told)
            elif self._room is None:
                self._meet(media.open_room())
            if self._room is not None:
                self._guests.settle(self._room, self.sessions, self._has_media)
        except (MediaError, LimitExceededError, UnsupportedError) as error:
            self.failed = str(error)

    def invite(self, guest: str, heard_by: Collection[str]) -> None:
        """Let another session hear both, or be heard by others than before; nothing is relayed meanwhile.

        Args:
            guest: The session.
            heard_by: Which of the two hear it.

        Raises:
            MediaError: It has no media, or is in a room already; or there is no room.
        """
        if self._media is None or not self._has_media(guest):
            raise MediaError("the call has no media (yet)")
        self._guests.set(guest, heard_by)
        self.settle()
        if self.failed:
            failed = self.failed
            self.dismiss(guest)
            raise MediaError(failed)

    def dismiss(self, guest: str) -> None:
        """Let a guest go; one that is not there is no error."""
        self._guests.remove(guest)
        if self._room is not None and guest in self._room.members:
            self._room.leave(guest)
        self.settle()

    def pass_digit(self, session: str, digit: str, duration_ms: float, *, in_media: bool) -> None:
        """Send a key that the peer of one session pressed to the other, unless the packets do so themselves.

        Args:
            session: Where it was pressed.
            digit: The key.
            duration_ms: How long, in milliseconds; 0 where nobody says.
            in_media: Whether it came with the media; one by INFO has to be passed on in any case.
        """
        if self._relay is not None and in_media:
            return
        other = (
            None if self._media is None else self._media.stream(self.sessions[session == self.sessions[0]])
        )
        if other is None or not other.started:
            return
        try:
            other.send_digits(
                digit, duration_ms=int(min(max(duration_ms, 40), 8_000)) if duration_ms else 160
            )
        except (MediaError, UnsupportedError) as error:
            logger.info("key %s of %s is not passed on: %s", digit, session, error)

    def close(self) -> None:
        """Let each session be by itself again. Idempotent."""
        self._closed = True
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.close()
        self._leave_room()

    def _has_media(self, session: str) -> bool:
        stream = None if self._media is None else self._media.stream(session)
        return stream is not None and stream.started

    def _meet(self, room: Room) -> None:
        self._room = room
        try:
            for session in self.sessions:
                room.join(session)
        except VoipError:
            self._leave_room()
            raise

    def _part(self) -> None:
        """Leave the room, and relay once its last sound has faded."""
        stream = None if self._media is None else self._media.stream(self.sessions[0])
        if stream is not None:
            self._parting = True
            self._leave_room()
            stream.add_sink(Countdown(stream, _FADING_TICKS, lambda: self._soon(self._parted)))

    def _parted(self) -> None:
        self._parting = False
        self.settle()

    def _leave_room(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.close()

    def _told(self, event: RelayEvent) -> None:
        # Called in the media clock, or while media is being closed: what has to change, changes afterwards.
        match event:
            case CodecRefused():
                self._converts = True
                self._soon(self._convert)
            case RelayEnded():
                self._soon(self.settle)

    def _convert(self) -> None:
        if self._relay is not None:
            self._relay.close()
        self.settle()
