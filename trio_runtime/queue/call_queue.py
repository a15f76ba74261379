"""A queue: callers wait in it until an agent of theirs is free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trio_runtime.base.errors import CallStateError
from trio_runtime.handlers import Reject
from trio_runtime.queue.core.decisions import Reason
from trio_runtime.queue.core.statistics import QueueStatistics
from trio_runtime.queue.outcome import QueueEnd, QueueOutcome
from trio_runtime.queue.overflow import forward, is_uri, refuse
from trio_runtime.queue.visit import Visit
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from trio_runtime.base.priority import CallPriority
    from trio_runtime.queue.config import OverflowTarget, QueueConfig
    from trio_runtime.queue.house import CentreHouse
    from trio_runtime.session import Call

__all__ = ["CallQueue"]

_NOWHERE = Reject(480)


class CallQueue:
    """Callers in the order of priority and coming; ``phone.serve(queue.join)`` lets all calls into it.

    Args:
        name: Names it in events and elsewhere.
        config: How it is.
        house: What the whole centre shares.
        find: Returns a queue of the centre by name, None when there is none.
    """

    def __init__(
        self,
        name: str,
        config: QueueConfig,
        house: CentreHouse,
        find: Callable[[str], CallQueue | None],
    ) -> None:
        self.name = name
        self.config = config
        self._house = house
        self._find = find

    def __repr__(self) -> str:
        return f"<CallQueue {self.name}, {len(self)} wait>"

    def __len__(self) -> int:
        """Return how many wait, callbacks included."""
        seen = self.statistics()
        return seen.waiting + seen.callbacks_waiting

    def statistics(self) -> QueueStatistics:
        """Return what became of its callers up to now."""
        return self._house.dispatcher.queue_statistics(self.name, self._house.now())

    def position(self, call: Call) -> int | None:
        """Return the position of a call in its queue, 1 for who is next; None when it does not wait."""
        return self._house.dispatcher.position(call.id)

    def expected_wait(self, call: Call) -> float | None:
        """Return how many seconds a call will wait by the latest calls, None while nobody can know."""
        return self._house.dispatcher.expected_wait(call.id)

    async def join(
        self,
        call: Call,
        *,
        priority: CallPriority | None = None,
        skills: Mapping[str, float] | None = None,
    ) -> QueueOutcome:
        """Let a call wait for an agent and talk to him, or go where the overflow leads.

        Cancelled, the call leaves the queue, a ringing agent is rung no more, and the call goes on.

        Args:
            call: The call, answered or not.
            priority: How urgent it is; what the queue says when None, and that of the call when it says
                nothing.
            skills: Least levels of the skills that an agent needs; what the queue says when None.

        Returns:
            What became of it in the end.

        Raises:
            CallStateError: The call waits already, or is one that we make and not answered.
            SdpError: It offers nothing that we can take.
            PortsExhaustedError: No media port is left for it.
        """
        if call.id in self._house.visitors:
            raise CallStateError("the call waits in a queue already", session_id=call.id)
        if call.answered_at is None and not isinstance(call, IncomingCall):
            raise CallStateError("the call is not answered yet", session_id=call.id)
        joined_at, been = self._house.now(), [self.name]
        queue: CallQueue = self
        chain: list[OverflowTarget] = []
        while True:
            visit = Visit(self._house, call, queue.name, queue.config, joined_at)
            outcome = await visit.run(queue._priority(call, priority), queue._skills(call, skills))
            if outcome.end not in (QueueEnd.OVERFLOWED, QueueEnd.ESCAPED):
                return outcome
            if outcome.reason == Reason.CLOSED.value:
                refuse(call, _NOWHERE)
                return outcome
            chain = [*queue.config.overflow, *chain]
            found = await self._overflow(call, queue, chain, been)
            if found is None:
                return outcome
            queue = found

    async def _overflow(
        self, call: Call, queue: CallQueue, chain: list[OverflowTarget], been: list[str]
    ) -> CallQueue | None:
        """Bring a call to the first target that can have it; return that where it is a queue."""
        while chain and call.end is None:
            target = chain.pop(0)
            if isinstance(target, Reject):
                refuse(call, target)
                return None
            if not isinstance(target, str):
                await target(call)
                return None
            if is_uri(target):
                if await forward(call, target, self._house.start_call, queue.config.ring_time):
                    return None
                continue
            found = self._find(target)
            if found is not None and target not in been:
                been.append(target)
                return found
        refuse(call, _NOWHERE)
        return None

    def _priority(self, call: Call, priority: CallPriority | None) -> CallPriority:
        if priority is not None:
            return priority
        return call.priority if self.config.priority_of is None else self.config.priority_of(call)

    def _skills(self, call: Call, skills: Mapping[str, float] | None) -> Mapping[str, float]:
        if skills is not None:
            return skills
        return {} if self.config.skills_of is None else self.config.skills_of(call)
