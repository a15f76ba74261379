"""A room: calls that hear each other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from trio_runtime.base.errors import MediaError
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.rooms.desk import MixingDesk
from trio_runtime.media.rooms.events import MemberJoined, MemberLeft, RoomEvent, SpeakerChanged
from trio_runtime.media.rooms.room_audio import RoomAudio
from trio_runtime.media.rooms.seats import Seat

__all__ = ["Room"]

_MAX_GAIN: Final = 16.0

logger = logging.getLogger("trio_runtime")


class Room(RoomAudio):
    """Sessions with media, each of which hears all others and not itself (N-1).

    All rooms that are moved at one moment are mixed in one operation. Who comes, goes, is muted or turned up
    does so in a ramp over 20 ms. What else sounds into a call (`play`, `call.audio`) is heard by that call
    alone, on top of the room; what listens to a call hears the room as what was said to it. Calls of other
    rates than the room's are converted both ways. A session whose media ends leaves.

    Attributes:
        rate: Samples a second of the room, in Hz.
    """

    def __init__(
        self,
        desk: MixingDesk,
        stream_of: Callable[[str], ClockedStream | None],
        on_event: Callable[[RoomEvent], None] | None = None,
        *,
        rate: int,
    ) -> None:
        """Use `MediaManager.open_room` instead."""
        super().__init__(desk, desk.open(rate, self._speaks))
        self._stream_of = stream_of
        self._on_event = on_event
        self._members: dict[str, Seat] = {}

    @property
    def members(self) -> tuple[str, ...]:
        """The sessions in the room, in the order in which they came."""
        return tuple(self._members)

    @property
    def active_speaker(self) -> str | None:
        """Who speaks, or the member who spoke last; None when nobody did yet."""
        seat = self._desk.speaker(self._group)
        return seat.name if seat is not None and self._members.get(seat.name) is seat else None

    def join(
        self, session: str, *, gain: float = 1.0, muted: bool = False, unheard_by: Iterable[str] = ()
    ) -> None:
        """Let a session in; it fades in, and hears and is heard from the next tick on.

        Args:
            session: The session.
            gain: How loud the others hear it: 1.0 as it is, 0 to 16.
            muted: Whether nobody hears it.
            unheard_by: Members that do not hear it, see `hide`.

        Raises:
            MediaError: The room is closed, the session has no media or is in a room, `gain` is out of range,
                or one of `unheard_by` is not in the room.
            LimitExceededError: The room is full.
            UnsupportedError: The audio of the session cannot be brought to the rate of the room.
        """
        self._check_open()
        _check_gain(gain)
        deaf = [self._member(other) for other in unheard_by]
        stream = self._stream_of(session)
        if stream is None:
            raise MediaError("the call has no media (yet)")
        seat = Seat(
            stream,
            self._group,
            name=session,
            gain=gain,
            muted=muted,
            on_end=lambda: self._forget(session, ended=True),
        )
        for other in deaf:
            seat.hide_from(other)
        self._desk.sit(seat)
        self._members[session] = seat
        self._tell(MemberJoined(session))

    def leave(self, session: str) -> None:
        """Let a session out; it fades out with the next tick, and may go to another room at once.

        Raises:
            MediaError: The session is not in the room.
        """
        self._desk.leave(self._member(session))
        self._forget(session, ended=False)

    def mute(self, session: str, muted: bool = True) -> None:
        """Let nobody hear a member, or let them again; the member still hears the others.

        Raises:
            MediaError: The session is not in the room.
        """
        seat = self._member(session)
        seat.muted = muted
        self._desk.adjust(seat)

    def set_gain(self, session: str, gain: float) -> None:
        """Set how loud the others hear a member: 1.0 as it is, 0 to 16.

        Raises:
            MediaError: The session is not in the room, or `gain` is out of range.
        """
        _check_gain(gain)
        seat = self._member(session)
        seat.gain = gain
        self._desk.adjust(seat)

    def hide(self, session: str, listener: str, hidden: bool = True) -> None:
        """Let one member not hear another one, or hear it again; both still hear all others.

        Args:
            session: Who is not heard.
            listener: Who does not hear.
            hidden: False takes it back.

        Raises:
            MediaError: They are not two sessions in the room.
        """
        seat, other = self._member(session), self._member(listener)
        if seat is other:
            raise MediaError("a call does not hear itself in any case")
        seat.hide_from(other, hidden)
        self._desk.adjust(seat)

    def close(self) -> None:
        """Let everybody out; closing it twice does nothing."""
        if not self._closed:
            self._closed = True
            for session in self.members:
                self.leave(session)
            self._close_house()
            self._desk.close(self._group)

    def _member(self, session: str) -> Seat:
        seat = self._members.get(session)
        if seat is None:
            raise MediaError("the call is not in the room")
        return seat

    def _forget(self, session: str, *, ended: bool) -> None:
        if self._members.pop(session, None) is not None:
            self._tell(MemberLeft(session, ended))

    def _speaks(self, seat: Seat) -> None:
        if self._members.get(seat.name) is seat:
            self._tell(SpeakerChanged(seat.name))

    def _tell(self, event: RoomEvent) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(event)
        except Exception:
            # It is called in the media clock and while media is being closed: neither may stop half way.
            logger.exception("who listens to a room failed at %r", event)

    def __repr__(self) -> str:
        """Return how many members it has."""
        return f"<Room {len(self._members)} members{', closed' if self._closed else ''}>"


def _check_gain(gain: float) -> None:
    if not 0.0 <= gain <= _MAX_GAIN:
        raise MediaError(f"gain is {gain}, not in 0..{_MAX_GAIN:g}")
