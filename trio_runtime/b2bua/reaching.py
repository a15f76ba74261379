"""Finding somebody who takes a call: groups one after the other, the targets of a group together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import trio

from trio_runtime.b2bua.passing import pair_of
from trio_runtime.b2bua.reached import GLOBAL, Reached
from trio_runtime.b2bua.records import Attempt
from trio_runtime.base.errors import (
    CallError,
    CallStateError,
    InvalidUriError,
    LimitExceededError,
    VoipError,
)
from trio_runtime.bridge import refusal_of
from trio_runtime.events.types import CallProgressed

if TYPE_CHECKING:
    from trio_runtime.b2bua.answers import Leg
    from trio_runtime.session import Call, IncomingCall

__all__ = ["Reaching"]


class Reaching:
    """Calls targets for a call that came in, until one of them answers.

    Args:
        call: The call that came in.
        start: Makes a call to a target.
        ring_time: Seconds that each may ring where it says nothing else.
        answer_headers: Gives the header fields for the answer to the caller.
        passes: Tells whether descriptions pass to the targets of a group.
    """

    def __init__(
        self,
        call: IncomingCall,
        start: Callable[[Leg], Call],
        ring_time: float,
        answer_headers: Callable[[Call], Iterable[tuple[str, str]]],
        passes: Callable[[Sequence[Leg]], bool],
    ) -> None:
        self._call = call
        self._start = start
        self._ring_time = ring_time
        self._answer_headers = answer_headers
        self._passes = passes
        self.result = Reached()

    async def run(self, groups: Sequence[Sequence[Leg]]) -> Reached:
        """Try the groups; the caller is answered with the one who answers, and refused by whoever asked us.

        Raises:
            SdpError: Somebody answered, and the caller offers nothing that we can take.
        """
        for group in groups:
            if not self._takes(group):
                continue
            calls = self._started(group)
            try:
                # One that is alone is followed closely: it may have early media, and phrases of its own.
                only = len(calls) == 1
                self.result.leg = await (self._only(*calls[0]) if only else self._first_of(calls))
            finally:
                for _, leg in calls:
                    if leg is not self.result.leg:
                        leg.hang_up()
            if not self._call.undecided or self.result.refusal[0] >= GLOBAL:
                break
        return self.result

    def _takes(self, group: Sequence[Leg]) -> bool:
        """Let descriptions pass, or not, as a group wants it; False when the caller was told otherwise."""
        try:
            if self._call.undecided:
                self._call.pass_descriptions(passes=self._passes(group))
        except CallStateError:
            for target in group:
                self._note(target.uri, 488)
            return False
        return True

    def _started(self, group: Sequence[Leg]) -> list[tuple[Leg, Call]]:
        calls = []
        for target in group:
            try:
                calls.append((target, self._start(target)))
            except LimitExceededError:
                self._note(target.uri, 483)
            except (InvalidUriError, VoipError):
                self._note(target.uri, 503)
        return calls

    async def _first_of(self, calls: Sequence[tuple[Leg, Call]]) -> Call | None:
        """Let all ring, and return the call that is answered first, the caller with it."""
        winners: list[Call] = []
        async with trio.open_nursery() as nursery:
            for target, leg in calls:
                nursery.start_soon(self._watch, target, leg, winners, nursery.cancel_scope)
                nursery.start_soon(self._pass_ringing, leg)
            nursery.start_soon(self._until_given_up, nursery.cancel_scope)
            nursery.start_soon(self._until_all_over, [leg for _, leg in calls], nursery.cancel_scope)
        for target, leg in calls:
            if leg not in winners and leg.end is None:
                self._note(target.uri, 487)
        return await self._joined(winners[0]) if winners else None

    async def _watch(self, target: Leg, leg: Call, winners: list[Call], everybody: trio.CancelScope) -> None:
        with trio.move_on_after(target.ring_time or self._ring_time) as patience:
            try:
                await leg.answered()
            except CallError:
                self._note_end(target, leg)
                if self.result.attempts[-1].status_code >= GLOBAL:
                    everybody.cancel()
            else:
                if not winners:
                    winners.append(leg)
                    self._note(target.uri, 200)
                everybody.cancel()
        if patience.cancelled_caught:
            self._note(target.uri, 408)
            leg.hang_up()

    async def _pass_ringing(self, leg: Call) -> None:
        with leg.events as events:
            async for event in events:
                if isinstance(event, CallProgressed) and event.status_code > 100 and self._call.undecided:
                    self._call.ring(180)
                    return

    async def _until_given_up(self, everybody: trio.CancelScope) -> None:
        await self._call.ended()
        everybody.cancel()

    async def _until_all_over(self, legs: Sequence[Call], everybody: trio.CancelScope) -> None:
        for leg in legs:
            await leg.ended()
        await trio.lowlevel.checkpoint()
        everybody.cancel()

    async def _only(self, target: Leg, leg: Call) -> Call | None:
        pair = pair_of(self._call, leg, self._answer_headers)
        try:
            with trio.move_on_after(target.ring_time or self._ring_time) as patience:
                ended = await pair.answered()
                if ended is None:
                    self._note(target.uri, 200)
                    return leg
                if ended.call is leg:
                    self._note_end(target, leg)
                else:
                    self._note(target.uri, 487)
            if patience.cancelled_caught:
                self._note(target.uri, 408)
            return None
        finally:
            pair.release()

    async def _joined(self, leg: Call) -> Call | None:
        """Answer the caller for a call that is answered; None when the caller is gone."""
        pair = pair_of(self._call, leg, self._answer_headers)
        try:
            return leg if await pair.answered() is None else None
        finally:
            pair.release()

    def _note_end(self, target: Leg, leg: Call) -> None:
        if leg.end is not None:
            self._note(target.uri, *refusal_of(leg.end))

    def _note(self, uri: str, status_code: int, reason: str = "") -> None:
        self.result.attempts.append(Attempt(uri, status_code, reason))
