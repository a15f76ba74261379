"""Whom of the agents who are free a caller gets (QUE-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs

__all__ = ["BySkill", "FewestCalls", "FreeAgent", "LongestIdle", "RingAll", "RoundRobin", "Strategy"]


@attrs.frozen
class FreeAgent:
    """An agent who could take a caller, as a strategy sees it.

    Attributes:
        name: The agent's name.
        skills: Levels of the agent's skills.
        calls: Calls that the agent has now.
        taken: Calls that the agent has answered so far.
        idle_since: Since when the agent has had no call, or has been on duty, in seconds.
        last_turn: Which one of all answers was the agent's last, 0 for none.
        number: Which one of all agents it is, in the order in which they were added.
    """

    name: str
    skills: Mapping[str, float]
    calls: int
    taken: int
    idle_since: float
    last_turn: int
    number: int


class Strategy(Protocol):
    """Chooses agents. It runs whenever something changes, so it must be quick, and must not raise."""

    @property
    def rings_all(self) -> bool:
        """Whether a caller who is being offered already is offered to agents who become free as well."""
        ...

    def choose(
        self, free: Sequence[FreeAgent], skills: Mapping[str, float], waited: float
    ) -> Sequence[FreeAgent]:
        """Return whom to ring, all at once; nobody lets the caller wait until something changes.

        Args:
            free: Agents who serve the queue and have the skills; one at least.
            skills: What the caller needs.
            waited: Seconds that the caller has waited.
        """
        ...


@attrs.frozen
class LongestIdle:
    """Who has had no call for the longest time."""

    rings_all = False

    def choose(
        self, free: Sequence[FreeAgent], skills: Mapping[str, float], waited: float
    ) -> Sequence[FreeAgent]:
        """Return one agent."""
        return (min(free, key=_idleness),)


@attrs.frozen
class RoundRobin:
    """Who answered last comes last, however long the calls were."""

    rings_all = False

    def choose(
        self, free: Sequence[FreeAgent], skills: Mapping[str, float], waited: float
    ) -> Sequence[FreeAgent]:
        """Return one agent."""
        return (min(free, key=lambda agent: (agent.last_turn, agent.number)),)


@attrs.frozen
class FewestCalls:
    """Who has answered the fewest calls."""

    rings_all = False

    def choose(
        self, free: Sequence[FreeAgent], skills: Mapping[str, float], waited: float
    ) -> Sequence[FreeAgent]:
        """Return one agent."""
        return (min(free, key=lambda agent: (agent.taken, *_idleness(agent))),)


@attrs.frozen
class RingAll:
    """Everybody at once; who answers first has the call."""

    rings_all = True

    def choose(
        self, free: Sequence[FreeAgent], skills: Mapping[str, float], waited: float
    ) -> Sequence[FreeAgent]:
        """Return all agents."""
        return free


@attrs.frozen
class BySkill:
    """Who is best at what the caller needs; of equals, who has had no call for the longest time.

    Who needs nothing special gets who is good at least, so that the others stay free.
    """

    rings_all = False

    def choose(
        self, free: Sequence[FreeAgent], skills: Mapping[str, float], waited: float
    ) -> Sequence[FreeAgent]:
        """Return one agent."""
        if skills:
            return (
                min(free, key=lambda agent: (-sum(agent.skills[name] for name in skills), *_idleness(agent))),
            )
        return (min(free, key=lambda agent: (sum(agent.skills.values()), *_idleness(agent))),)


def _idleness(agent: FreeAgent) -> tuple[int, float, int]:
    """Order by idle time; who talks already, and may have another call, comes after those who do not."""
    return agent.calls, agent.idle_since, agent.number
