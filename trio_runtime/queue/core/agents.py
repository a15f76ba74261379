"""Who takes calls: what is known of an agent, and what he is doing (QUE-2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, between, flag, text
from trio_runtime.queue.core.agent_table import (
    VISIBLE,
    AgentState,
    Duty,
    DutyInput,
    Work,
    WorkInput,
    next_duty,
    next_work,
)
from trio_runtime.queue.core.strategies import FreeAgent

__all__ = ["AgentRecord", "QueueAgent"]


def _addresses(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _skills(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    fine = isinstance(value, Mapping) and all(
        isinstance(name, str) and name and isinstance(level, int | float) and level > 0
        for name, level in value.items()
    )
    if not fine:
        raise ConfigurationError(f"must be levels above 0 by name, not {value!r}", field=attribute.name)


@attrs.frozen
class QueueAgent:
    """What is known of an agent.

    Attributes:
        name: Names the agent in everything.
        addresses: URIs at which the agent is called, all at once; the first to answer counts. Empty for one
            who calls in and stays on the line (`CallCentre.attend`).
        skills: Levels above 0 by the name of the skill.
        max_calls: Calls at one time.
        wrap_up: Seconds of rest after a call.
        queues: Names of the queues whose callers the agent gets; empty is all of them.
        logged_in: Whether the agent is on duty from the beginning.
        max_missed: After so many unanswered calls in a row the agent is paused; 0 never.
    """

    name: str = attrs.field(validator=text)
    addresses: tuple[str, ...] = attrs.field(default=(), converter=_addresses, validator=any_of(text))
    skills: Mapping[str, float] = attrs.field(factory=dict, validator=_skills, kw_only=True)
    max_calls: int = attrs.field(default=1, validator=between(1), kw_only=True)
    wrap_up: float = attrs.field(default=0.0, validator=between(0, unit=" s"), kw_only=True)
    queues: tuple[str, ...] = attrs.field(default=(), validator=any_of(text), kw_only=True)
    logged_in: bool = attrs.field(default=True, validator=flag, kw_only=True)
    max_missed: int = attrs.field(default=0, validator=between(0), kw_only=True)

    def serves(self, queue: str, skills: Mapping[str, float]) -> bool:
        """Tell whether the agent may take a caller of a queue who needs skills."""
        if self.queues and queue not in self.queues:
            return False
        return all(self.skills.get(name, 0) >= level for name, level in skills.items())


@attrs.define(eq=False)
class AgentRecord:
    """An agent at work.

    Attributes:
        profile: What is known of the agent.
        duty: Whether the agent wants calls.
        work: What the agent does.
        reason: Why the agent is paused; empty otherwise.
        calls: Calls that the agent has.
        taken: Calls that the agent has answered.
        missed: Calls that the agent has not answered.
        missed_in_row: Those of them since the last answer.
        idle_since: Since when the agent has had no call, in seconds.
        order: Which one of all answers was the agent's last, 0 for none.
        number: Which one of all agents it is, in the order in which they were added.
        offer: The offer that the agent is rung for, 0 for none.
        queue: The queue of the last call.
        seconds: How long the agent was in each state, up to `since`.
        since: Since when the present state lasts.
    """

    profile: QueueAgent
    since: float
    duty: Duty = Duty.OFF
    work: Work = Work.IDLE
    reason: str = ""
    calls: int = 0
    taken: int = 0
    missed: int = 0
    missed_in_row: int = 0
    idle_since: float = 0.0
    order: int = 0
    number: int = 0
    offer: int = 0
    queue: str = ""
    seconds: dict[AgentState, float] = attrs.field(factory=lambda: dict.fromkeys(AgentState, 0.0))

    @property
    def name(self) -> str:
        """The agent's name."""
        return self.profile.name

    @property
    def state(self) -> AgentState:
        """What everybody sees of it."""
        return VISIBLE[self.duty, self.work]

    @property
    def can_take(self) -> bool:
        """Whether one more call can be offered now."""
        if self.duty is not Duty.ON:
            return False
        return self.work is Work.IDLE or (self.work is Work.BUSY and self.calls < self.profile.max_calls)

    @property
    def seen(self) -> FreeAgent:
        """What a strategy sees of it."""
        skills = self.profile.skills
        return FreeAgent(self.name, skills, self.calls, self.taken, self.idle_since, self.order, self.number)

    def say(self, said: DutyInput, reason: str, now: float) -> None:
        """Take what the agent says.

        Raises:
            CallStateError: That cannot be said now; nothing was changed.
        """
        after = next_duty(self.duty, said)
        self._account(now)
        if self.duty is Duty.OFF and after is Duty.ON:
            self.idle_since = now
        self.duty, self.reason = after, reason if after is Duty.PAUSED else ""

    def happen(self, happened: WorkInput, now: float) -> None:
        """Take what happens to the agent.

        Raises:
            CallStateError: It cannot happen now; nothing was changed.
        """
        after = next_work(self.work, happened)
        self._account(now)
        self.work = after
        if happened is WorkInput.LAST_HANG_UP:
            self.idle_since = now

    def _account(self, now: float) -> None:
        self.seconds[self.state] += now - self.since
        self.since = now
