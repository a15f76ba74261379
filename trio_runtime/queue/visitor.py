"""Somebody for whom agents are rung: what a caller and a callback have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, VoipError
from trio_runtime.base.types import SessionId
from trio_runtime.events import queue_types as facts
from trio_runtime.queue.core.decisions import Offer, Reason, Withdraw
from trio_runtime.queue.ringing import first_answered, start_all

if TYPE_CHECKING:
    from trio_runtime.queue.config import QueueConfig
    from trio_runtime.queue.house import CentreHouse
    from trio_runtime.session import Call

__all__ = ["Visitor"]


class Visitor:
    """Rings agents as the dispatcher says, and lets the first who answers talk.

    Args:
        house: What the whole centre shares.
        name: Names it, as the id of the call.
        queue: Name of the queue.
        config: How that queue is.

    Attributes:
        agent: Who has answered; empty before.
    """

    _is_there = True  # whether there is a caller before an agent has answered

    def __init__(self, house: CentreHouse, name: str, queue: str, config: QueueConfig) -> None:
        self.name = name
        self.queue = queue
        self.agent = ""
        self._house = house
        self._config = config
        self._rings: dict[int, trio.CancelScope] = {}

    # What the dispatcher decides

    def offered(self, offer: Offer) -> None:
        """Ring an agent."""
        scope = self._rings[offer.number] = trio.CancelScope()
        self._house.publish(facts.CallerOffered(SessionId(self.name), self.queue, offer.agent))
        self._start(offer, scope)

    def withdrawn(self, withdraw: Withdraw) -> None:
        """Ring an agent no more."""
        scope = self._rings.pop(withdraw.number, None)
        if scope is not None:
            scope.cancel()
        self._missed(withdraw.agent, withdraw.reason.value)

    def dismissed(self, reason: Reason) -> None:
        """Wait no more."""
        raise NotImplementedError

    def hang_up(self) -> None:
        """End everything at once: the centre is closed."""
        raise NotImplementedError

    # The steps that differ

    def _start(self, offer: Offer, scope: trio.CancelScope) -> None:
        """Run `_ring` in a task of the visitor."""
        raise NotImplementedError

    def _caller(self) -> Call | None:
        """Return the call on whose behalf agents are called."""
        raise NotImplementedError

    def _failed(self, error: VoipError) -> None:
        """Note that what came after an agent's answer went wrong."""
        raise NotImplementedError

    async def _talk(self, leg: Call, on_line: bool) -> bool:
        """Let the agent talk until it is over; return whether there was somebody to talk to."""
        raise NotImplementedError

    # The common way

    async def _ring(self, offer: Offer, scope: trio.CancelScope) -> None:
        legs: list[Call] = []
        with scope:
            try:
                line = self._house.lines.get(offer.agent)
                if line is None:
                    legs = start_all(
                        self._house.start_call, self._house.addresses(offer.agent), self._caller()
                    )
                    leg = await first_answered(legs)
                else:
                    leg = line
                await self._answered(offer, leg, on_line=line is not None)
            except VoipError as error:
                if self.agent:
                    self._failed(error)
                else:
                    self._refused(offer, error)
                await trio.lowlevel.checkpoint()
            finally:
                for leg in legs:
                    leg.hang_up()

    async def _answered(self, offer: Offer, leg: Call, *, on_line: bool) -> None:
        house = self._house
        if not house.dispatcher.answered(offer.number, house.now()):
            await trio.lowlevel.checkpoint()
            return
        self.agent = offer.agent
        self._rings.pop(offer.number, None)
        begun, reached = house.now(), self._is_there
        try:
            house.settle()
            self._connected(leg)
            reached = await self._talk(leg, on_line)
        finally:
            house.dispatcher.finished(self.name, house.now(), reached=reached)
            if reached:
                talked = house.now() - begun
                house.publish(facts.CallerServed(SessionId(self.name), self.queue, self.agent, talked))
            else:
                self._missed(self.agent, "the caller was not reached")
            house.settle()

    def _connected(self, leg: Call) -> None:
        """Note that an agent has answered."""
        raise NotImplementedError

    def _refused(self, offer: Offer, error: VoipError) -> None:
        if self._rings.pop(offer.number, None) is None:
            return
        self._missed(
            offer.agent, str(error) if isinstance(error, CallError) else f"cannot be called: {error}"
        )
        self._house.dispatcher.missed(offer.number, self._house.now())
        self._house.settle()

    def _missed(self, agent: str, reason: str) -> None:
        self._house.publish(facts.OfferMissed(SessionId(self.name), self.queue, agent, reason))
