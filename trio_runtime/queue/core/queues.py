"""The queues of a call centre, and what can be asked about them."""

from __future__ import annotations

from trio_runtime.base.errors import ConfigurationError, LimitExceededError
from trio_runtime.queue.core.agent_table import Duty
from trio_runtime.queue.core.agents import AgentRecord
from trio_runtime.queue.core.config import QueueRules
from trio_runtime.queue.core.counters import QueueCounters
from trio_runtime.queue.core.decisions import Reason
from trio_runtime.queue.core.roster import Roster
from trio_runtime.queue.core.statistics import QueueStatistics
from trio_runtime.queue.core.store import QueueStore

__all__ = ["Queues"]

_MAX_QUEUES = 1_000


class Queues(Roster):
    """The rules and the numbers of the queues; the next part of a `Dispatcher`.

    Args:
        now: The time, in seconds.
        store: Where everything is kept.
        max_agents: Agents that there may be.
    """

    def __init__(self, *, now: float, store: QueueStore | None = None, max_agents: int = 10_000) -> None:
        super().__init__(now=now, store=store, max_agents=max_agents)
        self._rules: dict[str, QueueRules] = {}
        self._closing = False

    def add_queue(self, name: str, rules: QueueRules) -> None:
        """Let there be one more queue.

        Raises:
            ConfigurationError: There is one of that name.
            LimitExceededError: There are too many.
        """
        if name in self._rules:
            raise ConfigurationError(f"there is a queue {name!r} already", field="name")
        if len(self._rules) >= _MAX_QUEUES:
            raise LimitExceededError(f"there may be {_MAX_QUEUES} queues at most")
        self._rules[name], self._counters[name] = rules, QueueCounters()

    def position(self, caller: str) -> int | None:
        """Return the position of a caller in the queue, 1 for who is next; None for one who does not wait."""
        record = self._store.callers.get(caller)
        return None if record is None else self._store.line(record.queue).position(record)

    def expected_wait(self, caller: str) -> float | None:
        """Return how long a caller will wait, in seconds, by the latest calls; None while nobody can know."""
        record, position = self._store.callers.get(caller), self.position(caller)
        if record is None or position is None:
            return None
        recent, agents = self._counters[record.queue].recent, self._on_duty(record.queue)
        wrap_up = sum(agent.profile.wrap_up for agent in agents)
        if not recent or not agents:
            return None
        return position * (sum(recent) / len(recent) + wrap_up / len(agents)) / len(agents)

    def queue_statistics(self, queue: str, now: float) -> QueueStatistics:
        """Return what became of the callers of a queue up to now.

        Raises:
            ConfigurationError: There is no such queue.
        """
        self._check_queue(queue)
        line = list(self._store.line(queue))
        waits = [max(now, self._now) - each.entered_at for each in line if not each.callback]
        return self._counters[queue].view(len(waits), len(line) - len(waits), max(waits, default=0.0))

    def _refusal(self, queue: str) -> Reason | None:
        """Return why nobody can wait in a queue now, None where somebody can."""
        if self._closing:
            return Reason.CLOSED
        rules = self._rules[queue]
        if rules.needs_agents and not self._on_duty(queue):
            return Reason.NO_AGENTS
        return Reason.FULL if len(self._store.line(queue)) >= rules.max_length else None

    def _on_duty(self, queue: str) -> list[AgentRecord]:
        agents = self._store.agents.values()
        return [each for each in agents if each.duty is not Duty.OFF and each.profile.serves(queue, {})]

    def _check_queue(self, queue: str) -> None:
        if queue not in self._rules:
            raise ConfigurationError(f"there is no queue {queue!r}", field="queue")
