"""What the commands for conferences do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from trio_runtime.base.errors import LimitExceededError
from trio_runtime.control.commands import conferences
from trio_runtime.control.commands.replies import Done, Reply, RoomReply, RoomsReply
from trio_runtime.events.types import MemberJoined

if TYPE_CHECKING:
    from trio_runtime.control.desk import Client, Desk
    from trio_runtime.events.types import SessionEvent

__all__ = ["CONFERENCE_WORK"]


async def _open(desk: Desk, _: Client, command: conferences.OpenConference) -> Reply:
    if len(desk.rooms) >= desk.config.max_conferences:
        raise LimitExceededError(f"there are {desk.config.max_conferences} conferences already")
    music = None if command.music is None else desk.file(command.music, "music")
    room = desk.phone.open_conference(max_members=command.max_members, music=music)
    desk.rooms[room.name] = room
    return RoomReply(desk.room_info(room))


async def _close(desk: Desk, _: Client, command: conferences.CloseConference) -> Reply:
    desk.room(command.conference).close()
    del desk.rooms[command.conference]
    return Done()


async def _join(desk: Desk, _: Client, command: conferences.JoinConference) -> Reply:
    room, call = desk.room(command.conference), desk.call(command.call)

    async def work(begun: Callable[[], None]) -> None:
        joined = False

        def look(event: SessionEvent) -> bool:
            nonlocal joined
            if isinstance(event, MemberJoined) and event.session_id == call.id:
                joined = True
                begun()
            return False

        with desk.phone.subscribe(look, max_events=1):
            end = await room.join(call, gain=command.gain, muted=command.muted)
        if end is not None and not joined:
            raise call.error()

    await desk.jobs.start("join_conference", call, work)
    return RoomReply(desk.room_info(room))


async def _leave(desk: Desk, _: Client, command: conferences.LeaveConference) -> Reply:
    room = desk.room(command.conference)
    room.remove(desk.call(command.call))
    return RoomReply(desk.room_info(room))


async def _set(desk: Desk, _: Client, command: conferences.SetMember) -> Reply:
    room = desk.room(command.conference)
    if command.locked is not None:
        room.locked = command.locked
    if command.call is not None:
        call = desk.call(command.call)
        if command.muted is not None:
            room.mute(call, command.muted)
        if command.gain is not None:
            room.set_gain(call, command.gain)
    return RoomReply(desk.room_info(room))


async def _list(desk: Desk, _: Client, __: conferences.ListConferences) -> Reply:
    return RoomsReply(tuple([desk.room_info(room) for room in desk.rooms.values()]))


CONFERENCE_WORK: dict[type[object], Callable[[Desk, Client, Any], Awaitable[Reply]]] = {
    conferences.OpenConference: _open,
    conferences.CloseConference: _close,
    conferences.JoinConference: _join,
    conferences.LeaveConference: _leave,
    conferences.SetMember: _set,
    conferences.ListConferences: _list,
}
"""By command."""
