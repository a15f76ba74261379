"""The states of an agent: every pair of the tables, and what is known of one."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
import pytest

from trio_runtime.base.errors import CallStateError, ConfigurationError
from trio_runtime.queue.core.agent_table import (
    DUTY,
    DUTY_IGNORED,
    VISIBLE,
    WORK,
    WORK_IGNORED,
    AgentState,
    Duty,
    DutyInput,
    Work,
    WorkInput,
    next_duty,
    next_work,
)
from trio_runtime.queue.core.agents import QueueAgent
from trio_runtime.queue.core.config import QueueRules


@pytest.mark.parametrize(("duty", "said"), list(itertools.product(Duty, DutyInput)))
def test_what_an_agent_says_has_a_rule_or_is_a_mistake(duty: Duty, said: DutyInput) -> None:
    """QUE-2."""
    if (duty, said) in DUTY:
        assert (duty, said) not in DUTY_IGNORED
        assert next_duty(duty, said) is DUTY[duty, said]
    elif (duty, said) in DUTY_IGNORED:
        assert next_duty(duty, said) is duty
    else:
        assert (duty, said) in {(Duty.OFF, DutyInput.PAUSE), (Duty.OFF, DutyInput.RESUME)}
        with pytest.raises(CallStateError, match="off duty"):
            next_duty(duty, said)


@pytest.mark.parametrize(("work", "happened"), list(itertools.product(Work, WorkInput)))
def test_what_happens_to_an_agent_has_a_rule_or_is_a_mistake(work: Work, happened: WorkInput) -> None:
    """QUE-2."""
    if (work, happened) in WORK:
        assert (work, happened) not in WORK_IGNORED
        assert next_work(work, happened) is WORK[work, happened]
    elif (work, happened) in WORK_IGNORED:
        assert next_work(work, happened) is work
        assert happened is WorkInput.READY
    else:
        with pytest.raises(CallStateError, match="cannot happen"):
            next_work(work, happened)


def test_every_state_can_be_reached_and_left() -> None:
    """QUE-2: from idle everything, and from everything idle."""
    reached = {Work.IDLE}
    for _ in Work:
        reached |= {after for (before, _), after in WORK.items() if before in reached}
    assert reached == set(Work)
    back = {Work.IDLE}
    for _ in Work:
        back |= {before for (before, _), after in WORK.items() if after in back}
    assert back == set(Work)
    assert {VISIBLE[pair] for pair in itertools.product(Duty, Work)} == set(AgentState)


@pytest.mark.parametrize(
    ("duty", "work", "state"),
    [
        (Duty.OFF, Work.IDLE, AgentState.OFFLINE),
        (Duty.OFF, Work.BUSY, AgentState.BUSY),
        (Duty.OFF, Work.WRAP_UP, AgentState.OFFLINE),
        (Duty.PAUSED, Work.PENALTY, AgentState.PAUSED),
        (Duty.PAUSED, Work.RINGING, AgentState.RINGING),
        (Duty.ON, Work.IDLE, AgentState.AVAILABLE),
        (Duty.ON, Work.PENALTY, AgentState.NO_ANSWER),
        (Duty.ON, Work.BUSY_DEAF, AgentState.BUSY),
    ],
)
def test_a_call_counts_before_the_duty(duty: Duty, work: Work, state: AgentState) -> None:
    """QUE-2."""
    assert VISIBLE[duty, work] is state


BAD_AGENT: dict[str, Any] = {
    "name": "a\nb",
    "addresses": ("",),
    "skills": {"german": 0},
    "max_calls": 0,
    "wrap_up": -1,
    "queues": [1],
    "logged_in": "yes",
    "max_missed": -1,
}
BAD_RULES: dict[str, Any] = {
    "strategy": "longest",
    "max_length": 0,
    "max_wait": 0,
    "needs_agents": 1,
    "ring_time": 0,
    "penalty": 0,
    "ageing": -1,
    "service_level": -1,
    "short_abandon": "short",
}


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(QueueAgent)])
def test_bad_value_of_an_agent_is_told_with_the_field(name: str) -> None:
    """QUE-2, ERR-1: a field without a row fails here."""
    with pytest.raises(ConfigurationError) as caught:
        QueueAgent(**{"name": "anna", name: BAD_AGENT[name]})
    assert caught.value.field == name


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(QueueRules)])
def test_bad_rule_is_told_with_the_field(name: str) -> None:
    """QUE-3, ERR-1: a field without a row fails here."""
    with pytest.raises(ConfigurationError) as caught:
        QueueRules(**{name: BAD_RULES[name]})
    assert caught.value.field == name


def test_one_address_may_stand_alone() -> None:
    """QUE-2."""
    assert QueueAgent("anna", "sip:anna@example.com").addresses == ("sip:anna@example.com",)
