"""The decisions of a call centre as a machine: time and facts in, decisions out (QUE-3)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from heapq import merge

from trio_runtime.base.priority import CallPriority
from trio_runtime.queue.core.agent_table import WorkInput
from trio_runtime.queue.core.agents import AgentRecord
from trio_runtime.queue.core.callers import Callers
from trio_runtime.queue.core.decisions import Decision, Dismiss, Offer, Reason, Withdraw
from trio_runtime.queue.core.line import CallerRecord
from trio_runtime.queue.core.strategies import FreeAgent, LongestIdle

__all__ = ["Dispatcher"]

logger = logging.getLogger("trio_runtime")
_FALLBACK = LongestIdle()


class Dispatcher(Callers):
    """Decides which agent is rung for whom, and who waits no more. It knows no call, clock or task.

    Whoever runs it tells what happens, takes each decision with `next_decision`, and calls `handle_timeout`
    at the `deadline`. A `now` that goes back counts as the last one seen.

    Args:
        now: The time, in seconds.
        store: Where everything is kept.
        max_agents: Agents that there may be.
    """

    def join(
        self,
        caller: str,
        queue: str,
        now: float,
        *,
        priority: CallPriority = CallPriority.NORMAL,
        skills: Mapping[str, float] | None = None,
        joined_at: float | None = None,
    ) -> None:
        """Let a caller wait. Where there is no room, or nobody to wait for, a `Dismiss` follows at once.

        Args:
            caller: Names the caller.
            queue: Names the queue.
            now: The time.
            priority: How urgent it is.
            skills: Least levels of the skills that an agent needs.
            joined_at: Since when the caller has waited, in another queue.

        Raises:
            ConfigurationError: There is no such queue.
            CallStateError: The caller waits already.
        """
        now = self._at(now)
        record = self._new_caller(caller, queue, now, priority, skills or {}, joined_at)
        reason = self._refusal(queue)
        if reason is not None:
            self._count_gone(record, reason, now)
            self._decisions.append(Dismiss(caller, queue, reason))
            return
        self._enter(record, now)
        self._dispatch(now)

    def leave(self, caller: str, reason: Reason, now: float) -> None:
        """Let a caller wait no more; who does not is no error.

        Args:
            caller: Names the caller.
            reason: ABANDONED when the caller hung up, ESCAPED after a key, else LEFT.
            now: The time.
        """
        now = self._at(now)
        record = self._store.callers.get(caller)
        if record is not None and not record.agent:
            self._go(record, reason, now)
            self._dispatch(now)

    def answered(self, number: int, now: float) -> bool:
        """Take note that an agent has answered; return whether he gets the caller, who may be gone."""
        offer = self._offers.get(number)
        if offer is None:
            return False
        now = self._at(now)
        caller, agent = self._store.callers[offer.caller], self._store.agents[offer.agent]
        self._end_offer(offer)
        self._withdraw_all(caller, Reason.TAKEN, now)
        self._connect(caller, agent, now)
        self._dispatch(now)
        return True

    def missed(self, number: int, now: float) -> None:
        """Take note that an agent has refused, or cannot be reached; an offer that is over is no error."""
        offer = self._offers.get(number)
        if offer is not None:
            now = self._at(now)
            self._miss(offer, now)
            self._dispatch(now)

    def finished(self, caller: str, now: float, *, reached: bool = True) -> None:
        """Take note that a caller and an agent talk no more; who did not is no error.

        Args:
            caller: Names the caller.
            now: The time.
            reached: For a callback, whether the caller was reached.
        """
        record = self._store.callers.get(caller)
        if record is not None and record.agent:
            now = self._at(now)
            self._disconnect(record, now, reached=reached)
            self._dispatch(now)

    def next_decision(self) -> Decision | None:
        """Return the next decision, None when there is none."""
        return self._decisions.popleft() if self._decisions else None

    @property
    def deadline(self) -> float | None:
        """When `handle_timeout` has something to do, in seconds."""
        return self._timers.earliest

    def handle_timeout(self, now: float) -> None:
        """Do all that is due: waits, rings, wrap-ups and penalties that are over."""
        now = self._at(now)
        due = self._timers.pop_due(now)
        while due is not None:
            match due:
                case ("agent", str(name)):
                    self._make_ready(self._store.agents[name], now)
                case ("offer", int(number)):
                    offer = self._offers[number]
                    self._decisions.append(Withdraw(number, offer.caller, offer.agent, Reason.NO_ANSWER))
                    self._miss(offer, now)
                case (_, str(name)):
                    self._dismiss(self._store.callers[name], Reason.MAX_WAIT, now)
            due = self._timers.pop_due(now)
        self._dispatch(now)

    def close(self, now: float) -> None:
        """Let nobody wait any more; who talks goes on. Idempotent."""
        now = self._at(now)
        self._closing = True
        for caller in [each for each in self._store.callers.values() if not each.agent]:
            self._dismiss(caller, Reason.CLOSED, now)

    @property
    def closed(self) -> bool:
        """Whether it was closed, and nobody talks any more."""
        return self._closing and not self._store.callers

    def _agent_gone(self, record: AgentRecord, now: float) -> None:
        offer = self._offers[record.offer]
        self._withdraw(offer, Reason.AGENT_GONE, now)

    def _miss(self, offer: Offer, now: float) -> None:
        agent, caller = self._store.agents[offer.agent], self._store.callers[offer.caller]
        self._end_offer(offer)
        self._counters[caller.queue].missed += 1
        agent.missed += 1
        agent.missed_in_row += 1
        self._happen(agent, WorkInput.MISS, now)
        self._timers.set(("agent", agent.name), now + self._rules[caller.queue].penalty)
        if agent.profile.max_missed and agent.missed_in_row >= agent.profile.max_missed:
            agent.missed_in_row = 0
            self._pause_missing(agent, now)

    def _dispatch(self, now: float) -> None:
        """Offer those who wait, in their order, to those who are free."""
        self._dismiss_where_nobody_is(now)
        free = {record.name: record for record in self._store.agents.values() if record.can_take}
        hopeless: set[object] = set()
        lines = [self._store.line(queue) for queue in self._rules]
        for caller in merge(*lines, key=lambda each: each.place):
            if not free:
                return
            rules = self._rules[caller.queue]
            if (caller.offers and not rules.strategy.rings_all) or caller.demand in hopeless:
                continue
            candidates = [
                record.seen for record in free.values() if record.profile.serves(caller.queue, caller.skills)
            ]
            if not candidates:
                hopeless.add(caller.demand)
            for agent in self._choose(caller, candidates, now) if candidates else ():
                self._offer(caller, free.pop(agent.name), now)

    def _choose(self, caller: CallerRecord, candidates: list[FreeAgent], now: float) -> Sequence[FreeAgent]:
        strategy = self._rules[caller.queue].strategy
        try:
            chosen = strategy.choose(candidates, caller.skills, now - caller.entered_at)
            return [agent for agent in candidates if agent in chosen]
        except Exception:
            # It is foreign code: its mistake must not stop the whole centre.
            logger.exception("the strategy of queue %s failed", caller.queue)
            return _FALLBACK.choose(candidates, caller.skills, 0.0)
