"""Calls that a handler sends on: whom they are for is called, and the two are connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import InvalidUriError, LimitExceededError, NetworkError
from trio_runtime.base.registration_errors import NotRegisteredError
from trio_runtime.bridge import bridge
from trio_runtime.coordinator.dialling import first_answered

if TYPE_CHECKING:
    from trio_runtime.coordinator.dialling import Dial, Starter
    from trio_runtime.handlers import Forward
    from trio_runtime.session import Call, IncomingCall

__all__ = ["forward_call"]


async def forward_call(call: IncomingCall, decision: Forward, dial: Dial) -> None:
    """Call the targets one after the other until one answers, and connect it; the last refusal counts.

    Args:
        call: The call that came in.
        decision: Where it goes.
        dial: Tells how to call a target on behalf of another call.
    """
    for place, target in enumerate(decision.targets):
        last = place == len(decision.targets) - 1
        try:
            groups = dial(target, call)
        except LimitExceededError:
            call.reject(483)
            return
        except (InvalidUriError, NotRegisteredError) as error:
            if last:
                call.reject(480 if isinstance(error, NotRegisteredError) else 503)
            continue
        with trio.CancelScope(deadline=trio.current_time() + decision.timeout) as patience:
            for number, group in enumerate(groups):
                await _connect(call, group, patience, last=last and number == len(groups) - 1)
                if patience.deadline == float("inf") or not call.undecided:
                    return
        if last and call.undecided:
            call.reject(480)


async def _connect(
    call: IncomingCall, group: Sequence[Starter], patience: trio.CancelScope, *, last: bool
) -> None:
    """Call the phones of a group, and connect the one that answers until both are over.

    ``patience`` ends when one has answered. With ``last`` the caller is told why none has.
    """
    legs = _start(group)
    if not legs:
        if last:
            call.reject(503)
        return
    leg = legs[0]
    if len(legs) > 1:
        found = await first_answered(call, legs)
        if isinstance(found, int):
            if last and call.undecided:
                call.reject(found)
            return
        leg = found

    def answered() -> None:
        patience.deadline = float("inf")

    await bridge(call, leg, keep=not last, on_answered=answered)


def _start(group: Sequence[Starter]) -> list[Call]:
    """Call the phones that can be called."""
    legs: list[Call] = []
    for start in group:
        try:
            legs.append(start())
        except (InvalidUriError, NetworkError):
            continue
    return legs
