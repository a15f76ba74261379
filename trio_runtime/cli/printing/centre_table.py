"""The agents and callers of a call centre as a table, and its numbers as a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
import trio

from trio_runtime.cli.printing.live import LiveTable
from trio_runtime.cli.printing.output import Json, Record

if TYPE_CHECKING:
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.queue import AgentStatistics, CallCentre, QueueStatistics

__all__ = ["centre_record", "tables_of"]


def centre_record(queue: QueueStatistics, agents: Sequence[AgentStatistics]) -> Record:
    """Return the numbers of a queue and its agents."""
    lines = [
        f"callers    {queue.offered}, {queue.answered} answered, {queue.abandoned} gave up, "
        f"{sum(queue.overflowed.values())} went on, {queue.waiting} wait",
        f"waits      mean {_seconds(queue.average_answer_s)} of the answered, "
        f"longest {queue.longest_wait_s:.1f} s",
        f"service    {_percent(queue.service_level)} in time, {_percent(queue.abandon_rate)} lost, "
        f"mean {_seconds(queue.average_handle_s)} a call",
    ]
    for agent in agents:
        lines.append(
            f"agent      {agent.name}: {agent.state.value}, {agent.taken} answered, {agent.missed} missed, "
            f"{_percent(agent.occupancy)} busy"
        )
    return Record(
        "statistics", "\n".join(lines), {"queue": _plain(queue), "agents": [_plain(each) for each in agents]}
    )


def _plain(statistics: QueueStatistics | AgentStatistics) -> dict[str, Json]:
    values = attrs.asdict(statistics, recurse=False)
    return {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {str(getattr(key, "value", key)): _json(each) for key, each in value.items()}
    if isinstance(value, Enum):
        return str(value.value)
    plain: Json = round(value, 3) if isinstance(value, float) else value
    return plain


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"


def tables_of(server: SessionCoordinator, centre: CallCentre) -> list[LiveTable]:
    """Return what is going on now: the agents, and who waits."""
    agents = [
        (
            *(agent.name, agent.state.value, agent.reason),
            *(str(agent.calls), str(agent.taken), str(agent.missed), _percent(agent.occupancy)),
        )
        for agent in centre.agent_statistics()
    ]
    heads = ("agent", "state", "reason", ">calls", ">answered", ">missed", ">busy")
    tables = [LiveTable("agents", heads, agents)]
    calls, now = server.list_active_sessions(), trio.current_time()
    for queue in centre.queues:
        waiting = [(place, call) for call in calls if (place := queue.position(call)) is not None]
        rows = [
            (str(place), call.remote_uri, call.priority.name.lower(), f"{now - call.created_at:.0f} s")
            for place, call in sorted(waiting, key=lambda each: each[0])
        ]
        seen = queue.statistics()
        title = f"{queue.name}: {seen.waiting} wait, {seen.answered} of {seen.offered} answered, "
        title += f"{_percent(seen.service_level)} in time, {_percent(seen.abandon_rate)} lost"
        tables.append(LiveTable(title, (">place", "caller", "priority", ">waited"), rows))
    return tables
