"""Calls that a handler sends on: whom they are for is called, and the two are connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import InvalidUriError, LimitExceededError, NetworkError
from trio_runtime.base.registration_errors import NotRegisteredError
from trio_runtime.bridge import bridge

if TYPE_CHECKING:
    from trio_runtime.handlers import Forward
    from trio_runtime.session import Call, IncomingCall

__all__ = ["forward_call"]


async def forward_call(call: IncomingCall, decision: Forward, start: Callable[[str, Call], Call]) -> None:
    """Call the targets one after the other until one answers, and connect it; the last refusal counts.

    Args:
        call: The call that came in.
        decision: Where it goes.
        start: Makes a call on behalf of another one.
    """
    for place, target in enumerate(decision.targets):
        last = place == len(decision.targets) - 1
        try:
            leg = start(target, call)
        except LimitExceededError:
            call.reject(483)
            return
        except (InvalidUriError, NetworkError, NotRegisteredError) as error:
            if last:
                call.reject(480 if isinstance(error, NotRegisteredError) else 503)
            continue
        answered = False
        with trio.CancelScope(deadline=trio.current_time() + decision.timeout) as patience:

            def found(scope: trio.CancelScope = patience) -> None:
                nonlocal answered
                answered, scope.deadline = True, float("inf")

            await bridge(call, leg, keep=not last, on_answered=found)
        if patience.cancelled_caught and last and call.undecided:
            call.reject(480)
        if answered or not call.undecided:
            return
