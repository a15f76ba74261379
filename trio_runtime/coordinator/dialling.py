"""How somebody is called on behalf of another call: at one place, or at several phones that ring together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import trio

from sansio_sip.register import phones_by_preference
from trio_runtime.base.errors import CallError, CallRejected
from trio_runtime.coordinator.onward import onward_headers

if TYPE_CHECKING:
    from sansio_sip.outbound import Way
    from trio_runtime.coordinator.operations.session_ops import SessionOps
    from trio_runtime.coordinator.registering.registrations import Registrations
    from trio_runtime.session import Call, IncomingCall

__all__ = ["Dial", "Starter", "first_answered", "starters"]

Starter: TypeAlias = "Callable[[], Call]"
"""Calls one phone."""

Dial: TypeAlias = "Callable[[str, Call], Sequence[Sequence[Starter]]]"
"""Gives for a URI, and the call on whose behalf it is called, groups of phones to try one after the other."""

_BUSY = 486


def starters(
    sessions: SessionOps,
    registrations: Registrations,
    ways: Sequence[Way],
    uri: str,
    call: Call,
) -> list[list[Starter]]:
    """Return how to call a URI on behalf of a call; the phones of one group ring together.

    Raises:
        LimitExceededError: The call has no hop left.
    """
    headers, sender = onward_headers(call), registrations.sender(None)

    def at(some: Sequence[Way]) -> Starter:
        return lambda: sessions.start(uri, headers, sender, ways=some)

    return [[at(phone) for phone in group] for group in phones_by_preference(ways)] or [[at(())]]


async def first_answered(call: IncomingCall, legs: Sequence[Call]) -> Call | int:
    """Let several phones ring; whichever answers first has the call, the others are hung up.

    Args:
        call: The call that came in; it hears that it rings, and its end is theirs.
        legs: The calls to the phones.

    Returns:
        The leg that is answered; else the status that tells most of why none is (RFC 3261 §16.7 item 6).
    """
    won: Call | None = None
    statuses: list[int] = []
    if call.undecided:
        call.ring()
    try:
        async with trio.open_nursery() as nursery:

            async def watch(leg: Call) -> None:
                nonlocal won
                try:
                    await leg.answered()
                except CallError as error:
                    statuses.append(error.status_code if isinstance(error, CallRejected) else 408)
                    if len(statuses) == len(legs) or statuses[-1] >= 600:
                        nursery.cancel_scope.cancel()
                else:
                    won = won or leg
                    nursery.cancel_scope.cancel()

            async def follow() -> None:
                await call.ended()
                nursery.cancel_scope.cancel()

            for leg in legs:
                nursery.start_soon(watch, leg)
            nursery.start_soon(follow)
    except BaseException:
        won = None
        raise
    finally:
        for leg in legs:
            if leg is not won:
                leg.hang_up()
    return won or max(statuses, key=_weight, default=_BUSY)


def _weight(status: int) -> tuple[bool, bool, int]:
    return status >= 600, status == _BUSY, -status
