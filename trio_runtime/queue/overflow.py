"""Where a caller goes who waits no more: the first target that can have him."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, LimitExceededError, VoipError
from trio_runtime.bridge import bridge
from trio_runtime.handlers import Reject
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.queue.operations import StartCall
    from trio_runtime.session import Call

__all__ = ["forward", "is_uri", "refuse"]

_SCHEMES = ("sip:", "sips:", "tel:")


def is_uri(target: str) -> bool:
    """Tell whether a target is a URI, and no name of a queue."""
    return target.lower().startswith(_SCHEMES)


def refuse(call: Call, how: Reject) -> None:
    """Refuse a call, or hang it up where it is answered already."""
    if isinstance(call, IncomingCall) and call.undecided:
        call.reject(how.status_code, how.reason)
    call.hang_up()


async def forward(call: Call, uri: str, start_call: StartCall, ring_time: float) -> bool:
    """Call somebody else and connect the caller; return whether there was an answer, or the caller is gone.

    Args:
        call: The caller.
        uri: Whom to call.
        start_call: Makes the call.
        ring_time: Seconds that it may ring.
    """
    try:
        leg = start_call(uri, on_behalf_of=call)
    except LimitExceededError:
        refuse(call, Reject(483))
        return True
    except VoipError:
        await trio.lowlevel.checkpoint()
        return False
    try:
        with trio.move_on_after(ring_time):
            try:
                await leg.answered()
            except CallError:
                return call.end is not None
        if leg.answered_at is None:
            return call.end is not None
        await bridge(call, leg)
        return True
    finally:
        leg.hang_up()
