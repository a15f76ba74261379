"""What the commands for calls do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import trio

from trio_runtime.control.commands import calls, changes
from trio_runtime.control.commands.replies import CallReply, CallsReply, Done, Reply

if TYPE_CHECKING:
    from trio_runtime.control.desk import Client, Desk

__all__ = ["CALL_WORK"]


async def _make_call(desk: Desk, client: Client, command: calls.MakeCall) -> Reply:
    call = desk.phone.start_call(command.uri, headers=tuple(command.headers.items()), account=command.account)
    desk.own(client, call, command.owned)
    return CallReply(desk.info(call))


async def _ring(desk: Desk, _: Client, command: calls.Ring) -> Reply:
    desk.incoming(command.call).ring(command.status_code, early_media=command.early_media)
    return Done()


async def _answer(desk: Desk, client: Client, command: calls.Answer) -> Reply:
    call = desk.incoming(command.call)
    call.accept(headers=tuple(command.headers.items()))
    desk.own(client, call, command.owned)
    await call.answered()
    return CallReply(desk.info(call))


async def _reject(desk: Desk, _: Client, command: calls.Reject) -> Reply:
    targets = [("Contact", f"<{target}>") for target in command.targets]
    desk.incoming(command.call).reject(command.status_code, command.reason, headers=targets)
    return Done()


async def _hang_up(desk: Desk, _: Client, command: calls.HangUp) -> Reply:
    desk.call(command.call).hang_up()
    return Done()


async def _hold(desk: Desk, _: Client, command: changes.Hold) -> Reply:
    call = desk.call(command.call)
    await call.hold(music=None if command.music is None else desk.file(command.music, "music"))
    return CallReply(desk.info(call))


async def _resume(desk: Desk, _: Client, command: changes.Resume) -> Reply:
    call = desk.call(command.call)
    await call.resume()
    return CallReply(desk.info(call))


async def _mute(desk: Desk, _: Client, command: changes.SetMute) -> Reply:
    call = desk.call(command.call)
    if command.muted:
        call.mute()
    else:
        call.unmute()
    return CallReply(desk.info(call))


async def _transfer(desk: Desk, _: Client, command: changes.Transfer) -> Reply:
    await desk.call(command.call).transfer(command.uri)
    return Done()


async def _transfer_to(desk: Desk, _: Client, command: changes.TransferTo) -> Reply:
    await desk.call(command.call).transfer(desk.call(command.other, "other"))
    return Done()


async def _get(desk: Desk, _: Client, command: calls.GetCall) -> Reply:
    return CallReply(desk.info(desk.call(command.call)))


async def _list(desk: Desk, _: Client, command: calls.ListCalls) -> Reply:
    found = desk.phone.list_active_sessions()
    infos = []
    for call in found[command.skip : command.skip + command.limit]:
        infos.append(desk.info(call))
        await trio.lowlevel.checkpoint()  # what was measured of each is summed up: others have their turn
    return CallsReply(tuple(infos), len(found))


CALL_WORK: dict[type[object], Callable[[Desk, Client, Any], Awaitable[Reply]]] = {
    calls.MakeCall: _make_call,
    calls.Ring: _ring,
    calls.Answer: _answer,
    calls.Reject: _reject,
    calls.HangUp: _hang_up,
    calls.GetCall: _get,
    calls.ListCalls: _list,
    changes.Hold: _hold,
    changes.Resume: _resume,
    changes.SetMute: _mute,
    changes.Transfer: _transfer,
    changes.TransferTo: _transfer_to,
}
"""By command."""
