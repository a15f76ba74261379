"""Ringing an agent at all his addresses: the first to answer counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, CallTimedOut, VoipError

if TYPE_CHECKING:
    from trio_runtime.queue.operations import StartCall
    from trio_runtime.session import Call

__all__ = ["first_answered", "start_all"]


def start_all(start: StartCall, addresses: Iterable[str], on_behalf_of: Call | None) -> list[Call]:
    """Call some addresses at once; one that cannot be called is left out.

    Raises:
        VoipError: None can be called.
    """
    legs: list[Call] = []
    problem: VoipError = CallTimedOut("the agent has no address and is not on the line")
    for address in addresses:
        try:
            legs.append(start(address, on_behalf_of=on_behalf_of))
        except VoipError as error:
            problem = error
    if not legs:
        raise problem
    return legs


async def first_answered(legs: Sequence[Call]) -> Call:
    """Wait for the first of some calls to be answered, hang up the others, and return it.

    Raises:
        CallError: All were refused, or failed: what the last one says.
    """
    answered: list[Call] = []
    refusals: list[CallError] = []

    async def wait(leg: Call, scope: trio.CancelScope) -> None:
        try:
            await leg.answered()
        except CallError as error:
            refusals.append(error)
        else:
            answered.append(leg)
            scope.cancel()

    async with trio.open_nursery() as nursery:
        for leg in legs:
            nursery.start_soon(wait, leg, nursery.cancel_scope)
    if not answered:
        raise refusals[-1]
    for leg in legs:
        if leg is not answered[0]:
            leg.hang_up()
    return answered[0]
