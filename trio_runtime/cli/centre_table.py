"""The agents and callers of a call centre as a table, and its numbers as a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
import trio

from trio_runtime.base.errors import UnsupportedError
from trio_runtime.cli.output import Json, Output, Record

if TYPE_CHECKING:
    from rich.console import Group

    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.queue import AgentStatistics, CallCentre, QueueStatistics

__all__ = ["centre_record", "table_of", "watching"]

_EVERY_S = 1.0


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


def table_of(server: SessionCoordinator, centre: CallCentre) -> Group:
    """Return what is going on now, for `rich` to print: the agents, and who waits.

    Raises:
        UnsupportedError: The package is missing.
    """
    try:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text
    except ImportError as error:
        raise UnsupportedError("--table needs the package rich: pip install sansio-voip[cli]") from error
    agents = Table("agent", "state", "reason", "calls", "answered", "missed", "busy", title="agents")
    for agent in centre.agent_statistics():
        words = (agent.name, agent.state.value, agent.reason, agent.calls, agent.taken, agent.missed)
        # As texts: what a peer chose must not be read as markup.
        agents.add_row(*[Text(str(word)) for word in (*words, _percent(agent.occupancy))])
    callers = Table("place", "caller", "priority", "waited", title="waiting")
    waiting = [
        (position, call)
        for queue in centre.queues
        for call in server.list_active_sessions()
        if (position := queue.position(call)) is not None
    ]
    now = trio.current_time()
    for position, call in sorted(waiting, key=lambda each: each[0]):
        priority, waited = call.priority.name.lower(), f"{now - call.created_at:.0f} s"
        callers.add_row(*[Text(str(word)) for word in (position, call.remote_uri, priority, waited)])
    numbers = [centre_record(queue.statistics(), ()).text for queue in centre.queues]
    return Group(agents, callers, Text("\n".join(numbers)))


async def watching(server: SessionCoordinator, centre: CallCentre, output: Output) -> None:
    """Keep a table up to date, every second and when something happens, until cancelled.

    Raises:
        UnsupportedError: The package `rich` is missing.
    """
    table = table_of(server, centre)
    from rich.console import Console
    from rich.live import Live

    console = Console(file=output.stream)
    with server.subscribe() as events, Live(table, console=console, auto_refresh=False) as live:
        while True:
            with trio.move_on_after(_EVERY_S):
                await anext(events)
            live.update(table_of(server, centre), refresh=True)
