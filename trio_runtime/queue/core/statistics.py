"""What a call centre measures: the words of the trade, each with its formula."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from trio_runtime.queue.core.agent_table import AgentState
from trio_runtime.queue.core.agents import AgentRecord

__all__ = ["AgentStatistics", "QueueStatistics", "agent_statistics", "share"]


@attrs.frozen(kw_only=True)
class QueueStatistics:
    """What became of the callers of a queue. Every one who was offered is in exactly one of the other counts.

    Attributes:
        offered: Callers who came.
        waiting: Callers who wait now.
        answered: Callers whom an agent has answered.
        answered_in_time: Those of them within the service level.
        abandoned: Callers who hung up.
        short_abandoned: Those of them so soon that they do not count as lost.
        overflowed: Callers who went on, by the reason: ``full``, ``max_wait``, ``no_agents`` or ``closed``.
        escaped: Callers who went on by a key.
        callbacks: Callers who want to be called back.
        callbacks_waiting: Those of them who wait for it now.
        callbacks_reached: Those of them who were reached.
        callbacks_failed: Those of them who were not, or have lost their place.
        left: Callers whom the application took away.
        missed: Offers that an agent did not answer.
        service_level: Share of those who were answered in time, of all who do not wait any more but the
            short ones; None before there is one.
        abandon_rate: Share of those lost, of the same; None before there is one.
        average_answer_s: Mean wait of the answered (ASA), in seconds; None before there is one.
        average_wait_s: Mean wait of all who do not wait any more; None before there is one.
        longest_wait_s: Longest wait so far, that of who waits now included.
        average_talk_s: Mean of the calls that are over; None before there is one.
        average_handle_s: The same with what agents took to wrap up; None before there is one.
    """

    offered: int
    waiting: int
    answered: int
    answered_in_time: int
    abandoned: int
    short_abandoned: int
    overflowed: Mapping[str, int]
    escaped: int
    callbacks: int
    callbacks_waiting: int
    callbacks_reached: int
    callbacks_failed: int
    left: int
    missed: int
    service_level: float | None
    abandon_rate: float | None
    average_answer_s: float | None
    average_wait_s: float | None
    longest_wait_s: float
    average_talk_s: float | None
    average_handle_s: float | None


@attrs.frozen(kw_only=True)
class AgentStatistics:
    """What an agent did.

    Attributes:
        name: The agent.
        state: What the agent does now.
        reason: Why the agent is paused; empty otherwise.
        calls: Calls that the agent has now.
        taken: Calls that the agent has answered.
        missed: Calls that the agent has not answered.
        seconds: How long the agent was in each state.
        occupancy: Share of the time on duty, pauses apart, that went into calls and wrap-ups; None before
            there is any.
    """

    name: str
    state: AgentState
    reason: str
    calls: int
    taken: int
    missed: int
    seconds: Mapping[AgentState, float]
    occupancy: float | None


def agent_statistics(record: AgentRecord, now: float) -> AgentStatistics:
    """Return what an agent did up to now."""
    seconds = {**record.seconds, record.state: record.seconds[record.state] + now - record.since}
    worked = seconds[AgentState.BUSY] + seconds[AgentState.WRAP_UP]
    there = worked + sum(
        seconds[state] for state in (AgentState.AVAILABLE, AgentState.RINGING, AgentState.NO_ANSWER)
    )
    return AgentStatistics(
        name=record.name,
        state=record.state,
        reason=record.reason,
        calls=record.calls,
        taken=record.taken,
        missed=record.missed,
        seconds=seconds,
        occupancy=share(worked, there),
    )


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole, None of nothing."""
    return part / whole if whole else None
