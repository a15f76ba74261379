"""Agents who have called in and stay on the line: callers come to them without a ring."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, MediaError, UnsupportedError
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.media import Playable
    from trio_runtime.session import Call

__all__ = ["talk_on_line"]

logger = logging.getLogger("trio_runtime")


async def talk_on_line(caller: Call, line: Call, tone: Playable | None) -> None:
    """Let a caller and an agent on an open line talk until one hangs up; the line stays open.

    Args:
        caller: The caller; answered if need be.
        line: The agent's call.
        tone: What the agent hears first.
    """
    media = None
    try:
        if tone is not None:
            try:
                await line.play(tone)
            except (MediaError, UnsupportedError) as error:
                logger.error("%r hears no tone: %s", line, error)
        if isinstance(caller, IncomingCall) and caller.undecided:
            await caller.answer()
        media = caller.connect(line)
        async with trio.open_nursery() as nursery:
            for call in (caller, line):
                nursery.start_soon(_until_ended, call, nursery.cancel_scope)
    except CallError:
        await trio.lowlevel.checkpoint()  # one of them is over already
    finally:
        if media is not None:
            caller.disconnect(media)
        caller.hang_up()


async def _until_ended(call: Call, scope: trio.CancelScope) -> None:
    await call.ended()
    scope.cancel()
