"""What the commands for keys, files, recordings and bridges do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from trio_runtime.bridge import bridge
from trio_runtime.control.commands import media
from trio_runtime.control.commands.replies import Done, JobReply, Reply
from trio_runtime.control.errors import CommandError
from trio_runtime.media.player import open_player

if TYPE_CHECKING:
    from trio_runtime.control.desk import Client, Desk

__all__ = ["MEDIA_WORK"]


async def _send_dtmf(desk: Desk, _: Client, command: media.SendDtmf) -> Reply:
    await desk.call(command.call).send_dtmf(
        command.digits, duration_ms=command.duration_ms, gap_ms=command.gap_ms, way=command.way
    )
    return Done()


async def _play(desk: Desk, _: Client, command: media.Play) -> Reply:
    call, path = desk.call(command.call), desk.file(command.file)

    async def work(begun: Callable[[], None]) -> None:
        # All that can be wrong with it shows here, and not when the client believes that it is heard.
        await open_player(path, ended=call.error)
        if call.statistics() is None:
            raise CommandError("media", "call: it has no audio (yet)", field="call")
        begun()
        await call.play(path)
        while command.repeat:
            await call.play(path)

    return JobReply(await desk.jobs.start("play", call, work))


async def _record(desk: Desk, _: Client, command: media.Record) -> Reply:
    call, path = desk.call(command.call), desk.file(command.file)

    async def work(begun: Callable[[], None]) -> None:
        async with call.recording(path, channels=command.channels):
            begun()
            await call.ended()

    return JobReply(await desk.jobs.start("record", call, work))


async def _stop(desk: Desk, _: Client, command: media.Stop) -> Reply:
    desk.jobs.stop(command.job)
    return Done()


async def _bridge(desk: Desk, _: Client, command: media.Bridge) -> Reply:
    call, other = desk.call(command.call), desk.call(command.other, "other")
    if call is other:
        raise CommandError("invalid", "other: must be another call", field="other")

    async def work(begun: Callable[[], None]) -> None:
        begun()
        await bridge(call, other)

    return JobReply(await desk.jobs.start("bridge", call, work))


MEDIA_WORK: dict[type[object], Callable[[Desk, Client, Any], Awaitable[Reply]]] = {
    media.SendDtmf: _send_dtmf,
    media.Play: _play,
    media.Record: _record,
    media.Stop: _stop,
    media.Bridge: _bridge,
}
"""By command."""
