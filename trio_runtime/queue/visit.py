"""A caller in one queue, from coming to being served, giving up or going on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import trio

from trio_runtime.bridge import bridge
from trio_runtime.events import queue_types as facts
from trio_runtime.queue.agent_line import talk_on_line
from trio_runtime.queue.core.decisions import Offer, Reason
from trio_runtime.queue.outcome import QueueEnd, QueueOutcome
from trio_runtime.queue.waiting import Waiting

if TYPE_CHECKING:
    from trio_runtime.base.priority import CallPriority
    from trio_runtime.session import Call

__all__ = ["Visit"]


class Visit(Waiting):
    """One call in one queue.

    Args:
        house: What the whole centre shares.
        call: The call.
        queue: Name of the queue.
        config: How that queue is.
        joined_at: When it came to the first queue, in seconds.
    """

    async def run(self, priority: CallPriority, skills: Mapping[str, float]) -> QueueOutcome:
        """Wait, and talk, until it is over one way or the other.

        Raises:
            CallStateError: The call waits already.
            SdpError: An agent has answered, and the call offers nothing that we can take.
        """
        house = self._house
        house.visitors[self.name] = self
        try:
            async with trio.open_nursery() as self._nursery:
                house.dispatcher.join(
                    self.name,
                    self.queue,
                    house.now(),
                    priority=priority,
                    skills=skills,
                    joined_at=self._joined_at,
                )
                if (position := house.dispatcher.position(self.name)) is not None:
                    house.publish(facts.CallerQueued(self.call.id, self.queue, position, priority))
                    self._nursery.start_soon(self._watch)
                    self._nursery.start_soon(self._wait)
                house.settle()
        finally:
            if house.visitors.get(self.name) is self:
                house.dispatcher.leave(self.name, Reason.LEFT, house.now())
                house.settle()
                del house.visitors[self.name]
        if self._error is not None:
            raise self._error
        assert self._outcome is not None, "whatever ends a visit says how"
        return self._outcome

    def dismissed(self, reason: Reason) -> None:
        """Wait no more, and go on elsewhere."""
        self._go_on(QueueEnd.OVERFLOWED, reason.value)

    def hang_up(self) -> None:
        """End the call, and with it all that goes on for it."""
        self.call.hang_up()

    async def _watch(self) -> None:
        """Take note that the caller hangs up."""
        await self.call.ended()
        if self.agent or self._outcome is not None:
            return
        if self._wants_callback and self._call_back():
            return
        waited = self._house.now() - self._entered_at
        self._finish(self._end(QueueEnd.ABANDONED))
        self._house.publish(facts.CallerAbandoned(self.call.id, self.queue, waited))
        self._house.dispatcher.leave(self.name, Reason.ABANDONED, self._house.now())
        self._house.settle()

    # Talking

    def _start(self, offer: Offer, scope: trio.CancelScope) -> None:
        if self._nursery is not None:
            self._nursery.start_soon(self._ring, offer, scope)

    def _caller(self) -> Call:
        return self.call

    def _connected(self, leg: Call) -> None:
        self._sound.stop()
        self._waiting.cancel()
        waited = self._house.now() - self._entered_at
        self._house.publish(facts.CallerConnected(self.call.id, self.queue, self.agent, leg.id, waited))
        self._outcome = self._end(QueueEnd.SERVED)

    async def _talk(self, leg: Call, on_line: bool) -> bool:
        if on_line:
            await talk_on_line(self.call, leg, self._config.line_tone)
        else:
            await bridge(self.call, leg)
        return True
