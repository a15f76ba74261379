"""A peer's wish to be replaced by somebody else, done by us."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, VoipError

if TYPE_CHECKING:
    from trio_runtime.session import Call, TransferRequest

__all__ = ["follow_transfer"]

logger = logging.getLogger("trio_runtime")


async def follow_transfer(request: TransferRequest[Call], guests: set[Call], ring_time: float) -> Call | None:
    """Call whom a peer wants, and return that call once it is answered; None when it is not.

    The peer is told of every step by NOTIFY. What rings is in ``guests`` meanwhile, and stays there when it
    was answered: whoever cleans up finds it, also when this is cancelled.
    """
    try:
        new = await request.accept().__aenter__()  # its end is that of the talk, not of a block
    except VoipError as error:
        logger.info("%r cannot be followed: %s", request, error)
        return None
    guests.add(new)
    with trio.move_on_after(ring_time):
        try:
            await new.answered()
            return new
        except CallError as error:
            logger.info("%r came to nothing: %s", request, error)
    new.hang_up()
    guests.discard(new)
    return None
