"""A conference: calls that hear each other, as one object that owns them."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.blocks import checkpoint_unless_raised
from trio_runtime.bridge.conference_dialling import ConferenceDialling
from trio_runtime.bridge.conference_info import ConferenceInfo
from trio_runtime.bridge.members import ConferenceRole
from trio_runtime.events import conference_types as facts
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from sansio_sip.invite import CallEnd
    from trio_runtime.bridge.conference_config import ConferenceConfig
    from trio_runtime.bridge.conference_operations import ConferenceOperations
    from trio_runtime.session import Call

__all__ = ["Conference"]

_SPEAKER = ConferenceRole.SPEAKER


class Conference(ConferenceDialling):
    """Calls each of which hears all others and not itself (BRG-6). Leaving its block hangs them all up.

    Args:
        name: Names it in events and lists.
        operations: The coordinator's side.
        config: How it is, and who may come in.
    """

    def __init__(self, name: str, operations: ConferenceOperations, config: ConferenceConfig) -> None:
        super().__init__(name, operations, config)
        self._life = trio.CancelScope()
        self._publish(facts.ConferenceOpened(name))
        if config.time_limit is not None:
            self._life.deadline = trio.current_time() + config.time_limit
            operations.start_soon(self._end_in_time)

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

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self._room.closed

    def close(self) -> None:
        """Hang up every member, and who is about to come, and let nobody in any more. Idempotent."""
        if self._room.closed:
            return
        members = list(self._members.values())
        self._locked = True
        for files in self._files:
            files.close()
        self._room.close()
        self._members.clear()
        self._music.settle(())
        for call in [member.call for member in members] + [*self._coming.values(), *self._asked.values()]:
            call.hang_up()
        self._publish(facts.ConferenceClosed(self.name, len(members)))
        self._operations.conference_over(self.name)
        self._life.cancel()

    def info(self) -> ConferenceInfo:
        """Return what it is like now."""
        speaker = self._room.active_speaker
        return ConferenceInfo(
            name=self.name,
            created_at=self.created_at,
            members=tuple(self._members),
            muted=tuple([session for session, member in self._members.items() if member.muted]),
            active_speaker=next((session for session in self._members if session == speaker), None),
            locked=self.locked,
            max_members=self.max_members,
            uri=self.config.uri,
            rate=self.rate,
            details=tuple([member.info() for member in self._members.values()]),
            closed=self.closed,
        )

    async def join(
        self, call: Call, *, gain: float = 1.0, muted: bool = False, role: ConferenceRole = _SPEAKER
    ) -> CallEnd | None:
        """Let a call in, answered first if it came in, and wait until it leaves or ends.

        So ``phone.serve(conference.join)`` is a conference server. Cancelled, the call leaves and goes on.

        Args:
            call: The call.
            gain: How loud the others hear it: 1.0 as it is, 0 to 16.
            muted: Whether it is muted.
            role: What it may do.

        Returns:
            How the call ended, as when it was refused: with 486 where there is no room, with 403 when the
            conference is locked, with a BYE without the PIN. None when it left, or the conference is over.

        Raises:
            LimitExceededError: There is no room for a call that is answered already.
            CallStateError: It is, and the conference is locked; or the call is in it already.
            CallError: The call ended, or was refused, before it was in; see `Call.answered`.
        """
        came_in = isinstance(call, IncomingCall) and call.undecided
        if came_in and self._refuses(call):
            return call.end
        self._check_room_for(call)
        if came_in and self.config.pin is not None and not await self._give_pin(call):
            return call.end
        await self._come(call)
        if call.end is not None:  # since then
            return call.end
        if came_in and self.locked:
            self._turn_away(call, "locked")
            return call.end
        self.add(call, gain=gain, muted=muted, role=role)
        try:
            return await self._stay(call)
        finally:
            self.remove(call)

    async def _end_in_time(self) -> None:
        with self._life:
            await trio.sleep_forever()
        self.close()
