"""The agents of a call centre, and what they say of themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from trio_runtime.base.errors import CallStateError, ConfigurationError, LimitExceededError
from trio_runtime.queue.core.agent_table import Duty, DutyInput, Work, WorkInput
from trio_runtime.queue.core.agents import AgentRecord, QueueAgent
from trio_runtime.queue.core.counters import QueueCounters
from trio_runtime.queue.core.decisions import AgentChanged, Decision
from trio_runtime.queue.core.statistics import AgentStatistics, agent_statistics
from trio_runtime.queue.core.store import MemoryQueueStore, QueueStore
from trio_runtime.queue.core.timers import Timers

__all__ = ["Roster"]


class Roster:
    """The half of a `Dispatcher` that agents speak to.

    Args:
        now: The time, in seconds.
        store: Where everything is kept.
        max_agents: Agents that there may be.
    """

    def __init__(self, *, now: float, store: QueueStore | None = None, max_agents: int = 10_000) -> None:
        self._now = now
        self._store: QueueStore = MemoryQueueStore() if store is None else store
        self._max_agents = max_agents
        self._agents_added = 0
        self._timers: Timers[tuple[str, str | int]] = Timers()
        self._decisions: deque[Decision] = deque()
        self._counters: dict[str, QueueCounters] = {}

    # Agents

    def add_agent(self, profile: QueueAgent, now: float) -> None:
        """Let there be one more agent.

        Raises:
            ConfigurationError: There is one of that name.
            LimitExceededError: There are too many.
        """
        if profile.name in self._store.agents:
            raise ConfigurationError(f"there is an agent {profile.name!r} already", field="name")
        if len(self._store.agents) >= self._max_agents:
            raise LimitExceededError(f"there may be {self._max_agents} agents at most")
        now = self._at(now)
        self._agents_added += 1
        record = AgentRecord(profile, now, number=self._agents_added, idle_since=now)
        self._store.agents[profile.name] = record
        self._store.changed(record)
        if profile.logged_in:
            self._say(record, DutyInput.LOG_IN, "", now)

    def remove_agent(self, name: str, now: float) -> None:
        """Forget an agent.

        Raises:
            ConfigurationError: There is no such agent.
            CallStateError: The agent has a call.
        """
        record = self._agent(name)
        if record.calls:
            raise CallStateError(f"the agent {name!r} has a call")
        self._say(record, DutyInput.LOG_OUT, "", self._at(now))
        self._timers.cancel(("agent", name))
        del self._store.agents[name]

    def log_in(self, name: str, now: float) -> None:
        """Let an agent be on duty; the errors are those of `resume`."""
        self._say(self._agent(name), DutyInput.LOG_IN, "", self._at(now))

    def log_out(self, name: str, now: float) -> None:
        """Let an agent be off duty; a call goes on. The errors are those of `resume`."""
        self._say(self._agent(name), DutyInput.LOG_OUT, "", self._at(now))

    def pause(self, name: str, now: float, reason: str = "") -> None:
        """Let an agent get no more callers for a while; a call goes on. The errors are those of `resume`."""
        self._say(self._agent(name), DutyInput.PAUSE, reason, self._at(now))

    def resume(self, name: str, now: float) -> None:
        """Let a paused agent get callers again.

        Raises:
            ConfigurationError: There is no such agent.
            CallStateError: The agent is off duty; nothing was changed.
        """
        self._say(self._agent(name), DutyInput.RESUME, "", self._at(now))

    def ready(self, name: str, now: float) -> None:
        """Let the wrap-up of an agent, or the penalty for an unanswered call, be over; else nothing happens.

        Raises:
            ConfigurationError: There is no such agent.
        """
        self._make_ready(self._agent(name), self._at(now))
        self._dispatch(self._now)

    def agent_statistics(self, now: float) -> tuple[AgentStatistics, ...]:
        """Return what each agent did up to now."""
        now = max(now, self._now)
        return tuple([agent_statistics(record, now) for record in self._store.agents.values()])

    def _say(self, record: AgentRecord, said: DutyInput, reason: str, now: float) -> None:
        self._change(record, lambda: record.say(said, reason, now))
        if record.duty is not Duty.ON and record.offer:
            self._agent_gone(record, now)
        self._dispatch(now)

    def _happen(self, record: AgentRecord, happened: WorkInput, now: float) -> None:
        self._change(record, lambda: record.happen(happened, now))

    def _make_ready(self, record: AgentRecord, now: float) -> None:
        if record.work is Work.WRAP_UP and record.queue in self._counters:
            self._counters[record.queue].wrapped_up_s += now - record.since
        self._timers.cancel(("agent", record.name))
        self._happen(record, WorkInput.READY, now)

    def _change(self, record: AgentRecord, change: Callable[[], None]) -> None:
        """Change something about an agent, and tell it where it can be seen."""
        old, reason = record.state, record.reason
        change()
        self._store.changed(record)
        if record.state is not old or record.reason != reason:
            self._decisions.append(AgentChanged(record.name, old, record.state, record.reason))

    def _agent(self, name: str) -> AgentRecord:
        record = self._store.agents.get(name)
        if record is None:
            raise ConfigurationError(f"there is no agent {name!r}", field="agent")
        return record

    def _at(self, now: float) -> float:
        """Return the time, which never goes back."""
        self._now = max(self._now, now)
        return self._now

    # What the other half does

    def _agent_gone(self, record: AgentRecord, now: float) -> None:
        raise NotImplementedError

    def _dispatch(self, now: float) -> None:
        raise NotImplementedError
