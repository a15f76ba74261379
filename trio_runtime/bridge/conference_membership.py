"""Coming into a conference and leaving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import CallStateError, LimitExceededError
from trio_runtime.bridge.admission import be_answered, knows_pin
from trio_runtime.bridge.conference_audio import ConferenceAudio
from trio_runtime.bridge.members import ConferenceRole, Member
from trio_runtime.events import conference_types as facts
from trio_runtime.events.types import EventsLost
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge.conference_config import ConferenceConfig
    from trio_runtime.bridge.conference_operations import ConferenceOperations
    from trio_runtime.session import Call

__all__ = ["ConferenceMembership"]


class ConferenceMembership(ConferenceAudio):
    """Lets calls in and out, and keeps count."""

    def __init__(self, name: str, operations: ConferenceOperations, config: ConferenceConfig) -> None:
        super().__init__(name, operations, config)
        self._coming: dict[SessionId, Call] = {}  # those whose seats are kept
        self._asked: dict[SessionId, Call] = {}  # those who have to give the PIN first

    @property
    def empty(self) -> bool:
        """Whether nobody is in it or about to come in."""
        return not self._members and not self._coming and not self._asked

    def add(
        self,
        call: Call,
        *,
        gain: float = 1.0,
        muted: bool = False,
        role: ConferenceRole = ConferenceRole.SPEAKER,
    ) -> None:
        """Let an answered call in without waiting for anything; the errors are those of `join`.

        It leaves by `remove`, or when it ends.
        """
        self._let_in(call, gain=gain, muted=muted, role=role, dialled_out=False)

    def remove(self, call: Call) -> None:
        """Let a call out, which goes on by itself; one that is not in it is no error."""
        if call.id in self._members:
            self._gone(call.id)

    def _let_in(
        self, call: Call, *, gain: float, muted: bool, role: ConferenceRole, dialled_out: bool
    ) -> None:
        self._check_room_for(call)
        member = Member(call, role, muted, gain, self._operations.now(), dialled_out)
        self._room.join(call.id, gain=gain, muted=member.silent)
        self._members[call.id] = member
        self._lead_in(call)
        self._record(call.id)
        self._music.settle(self._members)
        self._publish(facts.MemberJoined(call.id, self.name, len(self._members)))
        self._changed(call.remote_uri)

    def _gone(self, session_id: SessionId) -> None:
        member = self._members.pop(session_id, None)
        if member is None:
            return
        self._end_record(session_id)
        self._music.settle(self._members)
        if session_id in self._room.members:
            self._room.leave(session_id)
        if self.config.uri is not None and member.call.end is None:
            self._operations.act_as_focus(session_id, "")
        self._publish(facts.MemberLeft(session_id, self.name, len(self._members)))
        self._changed(member.call.remote_uri)

    async def _come(self, call: Call) -> None:
        """Wait until a call is answered; its seat is kept meanwhile."""
        self._coming[call.id] = call
        try:
            await self._be_answered(call)
            await self._music.open()
        finally:
            del self._coming[call.id]

    async def _give_pin(self, call: Call) -> bool:
        """Answer a caller and ask for the PIN; False when it was turned away.

        No seat is kept meanwhile: who does not know the PIN takes none from those who do.
        """
        self._asked[call.id] = call
        try:
            await self._be_answered(call)
            known = await knows_pin(call, self.config)
        finally:
            del self._asked[call.id]
        if not known:
            self._turn_away(call, "pin")
        return known and not self._refuses(call)

    async def _be_answered(self, call: Call) -> None:
        if isinstance(call, IncomingCall) and call.undecided:
            self._lead_in(call)  # so that the answer says it
        await be_answered(call)

    def _lead_in(self, call: Call) -> None:
        if self.config.uri is not None:
            self._operations.act_as_focus(call.id, self.config.uri)

    async def _stay(self, call: Call) -> CallEnd | None:
        with call.events as events:
            if call.end is not None:
                return call.end
            async for event in events:
                match event:
                    case facts.MemberLeft(_, conference) if conference == self.name:
                        break
                    case EventsLost() if call.id not in self._members:
                        break
                    case _:
                        continue
        return call.end

    @property
    def _full(self) -> bool:
        return len(self._members) + len(self._coming) >= self.max_members

    def _refuses(self, call: Call) -> bool:
        """Turn a caller away for whom there is no room."""
        if self.locked or self._full:
            self._turn_away(call, "locked" if self.locked else "full")
            return True
        return False

    def _turn_away(self, call: Call, reason: str) -> None:
        self._publish(facts.MemberRefused(call.id, self.name, reason))
        if isinstance(call, IncomingCall) and call.undecided:
            call.reject(486 if reason == "full" else 403)
        else:
            call.hang_up()

    def _check_room_for(self, call: Call | None) -> None:
        session_id = None if call is None else call.id
        if session_id in self._members or session_id in self._coming or session_id in self._asked:
            raise CallStateError("the call is in the conference already", session_id=session_id)
        if self.locked:
            raise CallStateError("the conference is locked", session_id=session_id)
        if self._full:
            raise LimitExceededError(f"the conference has {self.max_members} members already")
