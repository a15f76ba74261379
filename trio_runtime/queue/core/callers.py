"""The callers of a call centre: how they come into a line, are offered, connected, and go."""

from __future__ import annotations

from collections.abc import Mapping

from trio_runtime.base.errors import CallStateError
from trio_runtime.base.priority import CallPriority
from trio_runtime.queue.core.agent_table import DutyInput, Work, WorkInput
from trio_runtime.queue.core.agents import AgentRecord
from trio_runtime.queue.core.decisions import Dismiss, Offer, Reason, Withdraw
from trio_runtime.queue.core.line import CallerRecord, place_of
from trio_runtime.queue.core.queues import Queues
from trio_runtime.queue.core.store import QueueStore

__all__ = ["Callers"]

_AUTO_PAUSE = "no answer"


class Callers(Queues):
    """The steps in the life of a caller; `Dispatcher` says which is taken when.

    Args:
        now: The time, in seconds.
        store: Where everything is kept.
        max_agents: Agents that there may be.
    """

    def __init__(self, *, now: float, store: QueueStore | None = None, max_agents: int = 10_000) -> None:
        super().__init__(now=now, store=store, max_agents=max_agents)
        self._offers: dict[int, Offer] = {}
        self._callers_seen = self._offers_made = self._answers = 0

    def want_callback(self, caller: str, now: float) -> None:
        """Let a caller keep the place in the line although the call ends; who does not wait is no error."""
        record = self._store.callers.get(caller)
        if record is None or record.agent or record.callback:
            return
        now = self._at(now)
        self._withdraw_all(record, Reason.CALLBACK, now)
        record.callback = True
        self._store.changed(record)
        self._timers.cancel(("caller", caller))
        self._count_gone(record, Reason.CALLBACK, now)
        self._dispatch(now)

    def _new_caller(
        self,
        name: str,
        queue: str,
        now: float,
        priority: CallPriority,
        skills: Mapping[str, float],
        joined_at: float | None,
    ) -> CallerRecord:
        self._check_queue(queue)
        if name in self._store.callers:
            raise CallStateError(f"the caller {name!r} waits already")
        self._callers_seen += 1
        since = now if joined_at is None else joined_at
        place = place_of(priority, since, self._callers_seen, self._rules[queue].ageing)
        self._counters[queue].offered += 1
        return CallerRecord(name, queue, priority, dict(skills), place, since, now)

    def _enter(self, caller: CallerRecord, now: float) -> None:
        self._store.callers[caller.name] = caller
        self._store.line(caller.queue).add(caller)
        self._store.changed(caller)
        max_wait = self._rules[caller.queue].max_wait
        if max_wait is not None:
            self._timers.set(("caller", caller.name), now + max_wait)

    def _offer(self, caller: CallerRecord, agent: AgentRecord, now: float) -> None:
        self._offers_made += 1
        offer = Offer(self._offers_made, caller.name, agent.name)
        self._offers[offer.number] = offer
        caller.offers[offer.number] = agent.name
        agent.offer = offer.number
        self._timers.set(("offer", offer.number), now + self._rules[caller.queue].ring_time)
        self._happen(agent, WorkInput.OFFER, now)
        self._decisions.append(offer)

    def _end_offer(self, offer: Offer) -> None:
        del self._offers[offer.number]
        self._timers.cancel(("offer", offer.number))
        del self._store.callers[offer.caller].offers[offer.number]
        self._store.agents[offer.agent].offer = 0

    def _withdraw(self, offer: Offer, reason: Reason, now: float) -> None:
        self._end_offer(offer)
        self._decisions.append(Withdraw(offer.number, offer.caller, offer.agent, reason))
        self._happen(self._store.agents[offer.agent], WorkInput.WITHDRAW, now)

    def _withdraw_all(self, caller: CallerRecord, reason: Reason, now: float) -> None:
        for number in tuple(caller.offers):
            self._withdraw(self._offers[number], reason, now)

    def _connect(self, caller: CallerRecord, agent: AgentRecord, now: float) -> None:
        counters, waited = self._counters[caller.queue], now - caller.entered_at
        self._timers.cancel(("caller", caller.name))
        self._store.line(caller.queue).remove(caller)
        if not caller.callback:
            counters.count_wait(waited)
            counters.count_answer(waited, self._rules[caller.queue].service_level)
        self._answers += 1
        caller.agent, caller.connected_at = agent.name, now
        agent.calls += 1
        agent.taken += 1
        agent.missed_in_row = 0
        agent.order, agent.queue = self._answers, caller.queue
        self._happen(agent, WorkInput.ANSWER, now)
        self._store.changed(caller)

    def _disconnect(self, caller: CallerRecord, now: float, *, reached: bool) -> None:
        counters, agent = self._counters[caller.queue], self._store.agents[caller.agent]
        del self._store.callers[caller.name]
        if caller.callback:
            counters.callbacks_reached += reached
            counters.callbacks_failed += not reached
        if reached:
            counters.count_talk(now - caller.connected_at)
        agent.calls -= 1
        self._change(agent, lambda: self._hang_up(agent, now))

    def _hang_up(self, agent: AgentRecord, now: float) -> None:
        """Let an agent rest whose last call is over; without a wrap-up nobody sees one."""
        agent.happen(WorkInput.HANG_UP if agent.calls else WorkInput.LAST_HANG_UP, now)
        if agent.work is not Work.WRAP_UP:
            return
        if agent.profile.wrap_up:
            self._timers.set(("agent", agent.name), now + agent.profile.wrap_up)
        else:
            self._timers.cancel(("agent", agent.name))
            agent.happen(WorkInput.READY, now)

    def _dismiss(self, caller: CallerRecord, reason: Reason, now: float) -> None:
        self._go(caller, reason, now)
        self._decisions.append(Dismiss(caller.name, caller.queue, reason))

    def _go(self, caller: CallerRecord, reason: Reason, now: float) -> None:
        """Let a caller go who has no agent."""
        self._withdraw_all(caller, reason, now)
        self._timers.cancel(("caller", caller.name))
        self._store.line(caller.queue).remove(caller)
        del self._store.callers[caller.name]
        if caller.callback:
            self._counters[caller.queue].callbacks_failed += 1
        else:
            self._count_gone(caller, reason, now)

    def _count_gone(self, caller: CallerRecord, reason: Reason, now: float) -> None:
        counters, waited = self._counters[caller.queue], now - caller.entered_at
        counters.count_wait(waited)
        counters.count_gone(reason, waited, self._rules[caller.queue].short_abandon)

    def _dismiss_where_nobody_is(self, now: float) -> None:
        for queue, rules in self._rules.items():
            if rules.needs_agents and len(self._store.line(queue)) and not self._on_duty(queue):
                for caller in self._store.line(queue):
                    self._dismiss(caller, Reason.NO_AGENTS, now)

    def _pause_missing(self, agent: AgentRecord, now: float) -> None:
        self._change(agent, lambda: agent.say(DutyInput.PAUSE, _AUTO_PAUSE, now))
