"""A conference: calls that hear each other, as one object that owns them."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.blocks import checkpoint_unless_raised
from trio_runtime.base.errors import CallStateError, ConfigurationError, LimitExceededError
from trio_runtime.base.types import SessionId
from trio_runtime.bridge.conference_info import ConferenceInfo, ConferenceOperations
from trio_runtime.bridge.music import WaitingMusic
from trio_runtime.events import conference_types as facts
from trio_runtime.media.rooms.events import RoomEvent, SpeakerChanged
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sansio_sip.invite import CallEnd
    from trio_runtime.media import Playable
    from trio_runtime.session import Call

__all__ = ["Conference"]


class Conference:
    """Calls each of which hears all others and not itself (BRG-6). Leaving its block hangs them all up.

    Args:
        name: Names it in events.
        operations: The coordinator's side.
        max_members: How many calls it takes; one more is refused with 486.
        music: What a member hears while it is alone, again and again; None is silence.
    """

    def __init__(
        self,
        name: str,
        operations: ConferenceOperations,
        *,
        max_members: int = 1_000,
        music: Playable | None = None,
    ) -> None:
        if max_members < 1:
            raise ConfigurationError(f"must be at least 1, not {max_members}", field="max_members")
        self.name = name
        self.locked = False
        self.max_members = max_members
        self.created_at = operations.now()
        self._operations = operations
        self._members: dict[SessionId, Call] = {}
        self._muted: set[SessionId] = set()
        self._coming: set[SessionId] = set()
        self._room = operations.open_room(self._told)
        self._music = WaitingMusic(operations, music)
        operations.publish_event(facts.ConferenceOpened(name))

    def __repr__(self) -> str:
        return f"<Conference {self.name}, {len(self._members)} members>"

    async def __aenter__(self) -> Conference:
        """Open the block."""
        await trio.lowlevel.checkpoint()
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]:
        """Hang up every member, and close; a checkpoint only where nothing is under way."""
        self.close()
        return checkpoint_unless_raised(kind)

    def close(self) -> None:
        """Hang up every member and let nobody in any more. Idempotent."""
        if self._room.closed:
            return
        members = list(self._members.values())
        self.locked = True
        self._room.close()
        self._members.clear()
        self._music.settle(self._members)
        for call in members:
            call.hang_up()
        self._operations.publish_event(facts.ConferenceClosed(self.name, len(members)))

    @property
    def members(self) -> tuple[Call, ...]:
        """The calls in it, in the order in which they came."""
        return tuple(self._members.values())

    def info(self) -> ConferenceInfo:
        """Return what it is like now."""
        speaker = self._room.active_speaker
        return ConferenceInfo(
            name=self.name,
            created_at=self.created_at,
            members=tuple(self._members),
            muted=tuple([member for member in self._members if member in self._muted]),
            active_speaker=next((member for member in self._members if member == speaker), None),
            locked=self.locked,
            max_members=self.max_members,
        )

    async def join(self, call: Call, *, gain: float = 1.0, muted: bool = False) -> CallEnd | None:
        """Let a call in, answered first if it came in, and wait until it leaves or ends.

        So ``phone.serve(conference.join)`` is a conference server. Cancelled, the call leaves and goes on.

        Args:
            call: The call.
            gain: How loud the others hear it: 1.0 as it is, 0 to 16.
            muted: Whether nobody hears it.

        Returns:
            How the call ended, as when it was refused: with 486 where there is no room, with 403 when the
            conference is locked. None when it left, or the conference is over.

        Raises:
            LimitExceededError: There is no room for a call that is answered already.
            CallStateError: It is, and the conference is locked; or the call is in it already.
        """
        if isinstance(call, IncomingCall) and call.undecided and (self.locked or self._full):
            call.reject(403 if self.locked else 486)
            return call.end
        self._check_room_for(call)
        self._coming.add(call.id)  # the seat is kept while the caller's ACK is waited for
        try:
            if isinstance(call, IncomingCall) and call.undecided:
                await call.answer()
            elif call.answered_at is None:
                await call.answered()
            await self._music.open()
        finally:
            self._coming.discard(call.id)
        self.add(call, gain=gain, muted=muted)
        try:
            return await self._stay(call)
        finally:
            self.remove(call)

    def add(self, call: Call, *, gain: float = 1.0, muted: bool = False) -> None:
        """Let an answered call in without waiting for anything; the errors are those of `join`."""
        self._check_room_for(call)
        self._room.join(call.id, gain=gain, muted=muted)
        self._members[call.id] = call
        if muted:
            self._muted.add(call.id)
        self._music.settle(self._members)
        self._operations.publish_event(facts.MemberJoined(call.id, self.name, len(self._members)))

    def remove(self, call: Call) -> None:
        """Let a call out, which goes on by itself; one that is not in it is no error."""
        if self._members.pop(call.id, None) is None:
            return
        self._muted.discard(call.id)
        self._music.settle(self._members)
        if call.id in self._room.members:
            self._room.leave(call.id)
        self._operations.publish_event(facts.MemberLeft(call.id, self.name, len(self._members)))

    def mute(self, call: Call, muted: bool = True) -> None:
        """Let nobody hear a member, or let them again; it still hears the others.

        Raises:
            MediaError: The call is not in it.
        """
        self._room.mute(call.id, muted)
        (self._muted.add if muted else self._muted.discard)(call.id)

    def set_gain(self, call: Call, gain: float) -> None:
        """Set how loud the others hear a member: 1.0 as it is, 0 to 16; raises as `mute` does."""
        self._room.set_gain(call.id, gain)

    async def _stay(self, call: Call) -> CallEnd | None:
        with call.events as events:
            if call.end is not None:
                return call.end
            async for event in events:
                if isinstance(event, facts.MemberLeft) and event.conference == self.name:
                    break
        return call.end

    @property
    def _full(self) -> bool:
        return len(self._members) + len(self._coming) >= self.max_members

    def _check_room_for(self, call: Call) -> None:
        if call.id in self._members or call.id in self._coming:
            raise CallStateError("the call is in the conference already", session_id=call.id)
        if self.locked:
            raise CallStateError("the conference is locked", session_id=call.id)
        if self._full:
            raise LimitExceededError(f"the conference has {self.max_members} members already")

    def _told(self, event: RoomEvent) -> None:
        if isinstance(event, SpeakerChanged) and event.session in self._members:
            self._operations.publish_event(facts.SpeakerChanged(SessionId(event.session), self.name))
