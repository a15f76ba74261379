"""The states of an agent as tables: whether he is on duty, and what he does (QUE-2)."""

from __future__ import annotations

from enum import Enum

from trio_runtime.base.errors import CallStateError

__all__ = [
    "DUTY",
    "DUTY_IGNORED",
    "VISIBLE",
    "WORK",
    "WORK_IGNORED",
    "AgentState",
    "Duty",
    "DutyInput",
    "Work",
    "WorkInput",
    "next_duty",
    "next_work",
]


class AgentState(Enum):
    """What an agent is doing, as everybody sees it."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    RINGING = "ringing"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    NO_ANSWER = "no_answer"


class Duty(Enum):
    """Whether an agent wants calls. It may change at any time, also in a call."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"


class DutyInput(Enum):
    """What an agent says."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    PAUSE = "pause"
    RESUME = "resume"


class Work(Enum):
    """What an agent does. BUSY_DEAF: one more call was not answered; there is none before one is over."""

    IDLE = "idle"
    RINGING = "ringing"
    BUSY = "busy"
    BUSY_RINGING = "busy_ringing"
    BUSY_DEAF = "busy_deaf"
    WRAP_UP = "wrap_up"
    PENALTY = "penalty"


class WorkInput(Enum):
    """What happens to an agent. READY: a wrap-up or a penalty is over, by time or because he says so."""

    OFFER = "offer"
    WITHDRAW = "withdraw"
    MISS = "miss"
    ANSWER = "answer"
    HANG_UP = "hang_up"
    LAST_HANG_UP = "last_hang_up"
    READY = "ready"


DUTY: dict[tuple[Duty, DutyInput], Duty] = {
    (Duty.OFF, DutyInput.LOG_IN): Duty.ON,
    (Duty.ON, DutyInput.PAUSE): Duty.PAUSED,
    (Duty.ON, DutyInput.LOG_OUT): Duty.OFF,
    (Duty.PAUSED, DutyInput.PAUSE): Duty.PAUSED,  # for another reason
    (Duty.PAUSED, DutyInput.RESUME): Duty.ON,
    (Duty.PAUSED, DutyInput.LOG_OUT): Duty.OFF,
}
# Pausing and resuming off duty is a mistake; saying again what holds already is none.
DUTY_IGNORED = frozenset(
    {
        (Duty.OFF, DutyInput.LOG_OUT),
        (Duty.ON, DutyInput.LOG_IN),
        (Duty.ON, DutyInput.RESUME),
        (Duty.PAUSED, DutyInput.LOG_IN),
    }
)

WORK: dict[tuple[Work, WorkInput], Work] = {
    (Work.IDLE, WorkInput.OFFER): Work.RINGING,
    (Work.RINGING, WorkInput.WITHDRAW): Work.IDLE,
    (Work.RINGING, WorkInput.MISS): Work.PENALTY,
    (Work.RINGING, WorkInput.ANSWER): Work.BUSY,
    (Work.BUSY, WorkInput.OFFER): Work.BUSY_RINGING,
    (Work.BUSY, WorkInput.HANG_UP): Work.BUSY,
    (Work.BUSY, WorkInput.LAST_HANG_UP): Work.WRAP_UP,
    (Work.BUSY_RINGING, WorkInput.WITHDRAW): Work.BUSY,
    (Work.BUSY_RINGING, WorkInput.MISS): Work.BUSY_DEAF,
    (Work.BUSY_RINGING, WorkInput.ANSWER): Work.BUSY,
    (Work.BUSY_RINGING, WorkInput.HANG_UP): Work.BUSY_RINGING,
    (Work.BUSY_RINGING, WorkInput.LAST_HANG_UP): Work.RINGING,
    (Work.BUSY_DEAF, WorkInput.HANG_UP): Work.BUSY,
    (Work.BUSY_DEAF, WorkInput.LAST_HANG_UP): Work.WRAP_UP,
    (Work.BUSY_DEAF, WorkInput.READY): Work.BUSY,
    (Work.WRAP_UP, WorkInput.READY): Work.IDLE,
    (Work.PENALTY, WorkInput.READY): Work.IDLE,
}
WORK_IGNORED = frozenset(
    (work, WorkInput.READY) for work in (Work.IDLE, Work.RINGING, Work.BUSY, Work.BUSY_RINGING)
)

_SHOWN: dict[Work, AgentState] = {
    Work.IDLE: AgentState.AVAILABLE,
    Work.RINGING: AgentState.RINGING,
    Work.BUSY: AgentState.BUSY,
    Work.BUSY_RINGING: AgentState.BUSY,
    Work.BUSY_DEAF: AgentState.BUSY,
    Work.WRAP_UP: AgentState.WRAP_UP,
    Work.PENALTY: AgentState.NO_ANSWER,
}
_WITH_CALLERS = frozenset({Work.RINGING, Work.BUSY, Work.BUSY_RINGING, Work.BUSY_DEAF})
# A call counts before the duty: who logs out or pauses in one is gone when it is over.
VISIBLE: dict[tuple[Duty, Work], AgentState] = {
    **{(Duty.ON, work): state for work, state in _SHOWN.items()},
    **{
        (Duty.OFF, work): state if work in _WITH_CALLERS else AgentState.OFFLINE
        for work, state in _SHOWN.items()
    },
    **{
        (Duty.PAUSED, work): state if work in _WITH_CALLERS else AgentState.PAUSED
        for work, state in _SHOWN.items()
    },
}


def next_duty(duty: Duty, said: DutyInput) -> Duty:
    """Return the duty after what an agent says.

    Raises:
        CallStateError: He cannot say that now.
    """
    if (duty, said) in DUTY_IGNORED:
        return duty
    after = DUTY.get((duty, said))
    if after is None:
        raise CallStateError(f"an agent who is {duty.value} duty cannot {said.value}")
    return after


def next_work(work: Work, happened: WorkInput) -> Work:
    """Return what an agent does after something has happened.

    Raises:
        CallStateError: It cannot happen now.
    """
    if (work, happened) in WORK_IGNORED:
        return work
    after = WORK.get((work, happened))
    if after is None:
        raise CallStateError(f"{happened.value} cannot happen to an agent who is {work.value}")
    return after
