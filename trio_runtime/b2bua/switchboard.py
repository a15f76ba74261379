"""What becomes of each call that comes in: routed, connected, told about."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.b2bua.answers import Leg, legs_of
from trio_runtime.b2bua.callers import caller_account
from trio_runtime.b2bua.reached import Reached
from trio_runtime.b2bua.reaching import Reaching
from trio_runtime.b2bua.records import B2buaEvent, CallRouteFailed
from trio_runtime.b2bua.talk import Talk
from trio_runtime.b2bua.telling import record_of
from trio_runtime.handlers import Redirect, Reject

if TYPE_CHECKING:
    from trio_runtime.b2bua.answers import CallRoute
    from trio_runtime.b2bua.config import B2buaConfig
    from trio_runtime.base.account_config import Account
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import BridgeEnd
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call, IncomingCall

__all__ = ["Counters", "Switchboard"]

logger = logging.getLogger("trio_runtime")


@attrs.define
class Counters:
    """What was done so far; see `B2buaStatistics`."""

    calls: int = 0
    answered: int = 0
    refused: int = 0
    transfers: int = 0
    taken_over: int = 0
    route_failures: int = 0


class Switchboard:
    """Handles calls, each in the task that it is given.

    Args:
        phone: Makes and takes calls.
        config: How they are passed on.
        route: The application's function.
        publish: Takes events.
        epoch: Wall time is this and the time of Trio's clock, in seconds.

    Attributes:
        counters: What was done so far.
        talks: Who talks, by both calls.
    """

    def __init__(
        self,
        phone: SessionCoordinator,
        config: B2buaConfig,
        route: CallRoute,
        publish: Callable[[B2buaEvent], None],
        epoch: float,
    ) -> None:
        self.counters = Counters()
        self.talks: dict[SessionId, Talk] = {}
        self._phone = phone
        self._config = config
        self._route = route
        self._publish = publish
        self._epoch = epoch

    async def take(self, call: IncomingCall) -> None:
        """Handle a call from its beginning to its end."""
        if call.replaces:
            await self._take_over(call)
            return
        self.counters.calls += 1
        config = self._config
        reaching = Reaching(
            call, lambda leg: self._start(call, leg), config.ring_time, self._answer_headers, self._passes
        )
        ended: BridgeEnd | None = None
        talk: Talk | None = None
        try:
            reached = await self._reach(call, reaching)
            if reached.leg is not None:
                self.counters.answered += 1
                talk = Talk(call, reached.leg, transfers=config.transfers, ring_time=config.ring_time)
                ended = await self._run(talk)
        finally:
            call.hang_up()
            self.counters.refused += reaching.result.leg is None
            self._publish(record_of(call, reaching.result, talk, ended, self._epoch))

    async def _reach(self, call: IncomingCall, reaching: Reaching) -> Reached:
        """Find somebody who takes a call, or refuse it."""
        answer = await self._ask(call)
        if isinstance(answer, Reject | Redirect):
            if call.undecided:
                _refuse(call, answer)
            return reaching.result
        reached = await reaching.run(answer)
        if reached.leg is None and call.undecided:
            call.reject(*reached.refusal)
        return reached

    async def _ask(self, call: IncomingCall) -> list[list[Leg]] | Reject | Redirect:
        try:
            with trio.fail_after(self._config.route_timeout):
                answer = self._route(call)
                found = await answer if isinstance(answer, Awaitable) else answer
            if isinstance(found, Reject | Redirect):
                return found
            groups = legs_of(found)
            for group in groups:
                self._passes(group)
            return groups
        except Exception as error:
            self.counters.route_failures += 1
            logger.error("the route of %r failed", call, exc_info=error)
            self._publish(CallRouteFailed(call.id, error))
            return Reject(500)

    async def _run(self, talk: Talk) -> BridgeEnd:
        self.talks[talk.near.id] = self.talks[talk.far.id] = talk
        try:
            return await talk.run()
        finally:
            self.counters.transfers += talk.transferred
            for name in [name for name, each in self.talks.items() if each is talk]:
                del self.talks[name]

    async def _take_over(self, call: IncomingCall) -> None:
        """Let a call have the place of another one of ours, as its INVITE wants (RFC 3891)."""
        if self._config.transfers == "refuse":
            call.reject(403)
            return
        old = self._phone.find_session(call.replaces)
        talk = next((each for each in self.talks.values() if old in each.calls), None)
        if old is None or talk is None:
            call.reject(481)
            return
        if old.passes:
            call.reject(403)  # what the two have agreed is nothing that it could go on with
            return
        call.accept()
        self.counters.taken_over += 1
        talk.exchange(old, call)
        self.talks[call.id] = talk
        await call.ended()

    # The call that is made

    def _start(self, call: IncomingCall, leg: Leg) -> Call:
        headers = [*self._selected(call), *leg.headers]
        account = leg.account or self._caller(call)
        return self._phone.start_call(
            leg.uri, headers=headers, account=account, on_behalf_of=call, passes=call.passes
        )

    def _caller(self, call: IncomingCall) -> Account | None:
        """Return who the callee sees: the caller, who signs in with our password where one is asked for."""
        return None if self._config.caller == "own" else caller_account(self._phone.config, call.headers)

    def other_side(self, session_id: SessionId) -> Call | None:
        """Return the call that a call is connected with; None for one that is not."""
        call, talk = self._phone.find_session(session_id), self.talks.get(session_id)
        return talk.other(call) if talk is not None and call in talk.calls else None

    def _passes(self, group: Sequence[Leg]) -> bool:
        return self._config.passes([leg.media for leg in group])

    def _answer_headers(self, leg: Call) -> list[tuple[str, str]]:
        return self._selected(leg)

    def _selected(self, call: Call) -> list[tuple[str, str]]:
        """Return what passes of the header fields of a call; whose INFO passes, his packages do too."""
        packages = call.headers.get_all("Recv-Info") if self._config.pass_info else []
        return [*self._config.headers.select(call.headers), *[("Recv-Info", value) for value in packages]]


def _refuse(call: IncomingCall, answer: Reject | Redirect) -> None:
    if isinstance(answer, Reject):
        call.reject(answer.status_code, answer.reason)
    else:
        call.reject(302, headers=[("Contact", f"<{target}>") for target in answer.targets])
