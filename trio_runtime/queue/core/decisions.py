"""What a dispatcher decides: frozen, one after the other."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

import attrs

from trio_runtime.queue.core.agent_table import AgentState

__all__ = ["AgentChanged", "Decision", "Dismiss", "Offer", "Reason", "Withdraw"]


class Reason(Enum):
    """Why a caller did not get an agent, or an agent not the caller."""

    FULL = "full"
    MAX_WAIT = "max_wait"
    NO_AGENTS = "no_agents"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    ESCAPED = "escaped"
    CALLBACK = "callback"
    MOVED = "moved"
    LEFT = "left"
    TAKEN = "taken"
    NO_ANSWER = "no_answer"
    AGENT_GONE = "agent_gone"


@attrs.frozen
class Offer:
    """Ring an agent for a caller.

    Attributes:
        number: Names the offer.
        caller: Who waits.
        agent: Who is rung.
    """

    number: int
    caller: str
    agent: str


@attrs.frozen
class Withdraw:
    """Ring an agent no more.

    Attributes:
        number: Names the offer.
        caller: Who waits, or did.
        agent: Who was rung.
        reason: Why.
    """

    number: int
    caller: str
    agent: str
    reason: Reason


@attrs.frozen
class Dismiss:
    """A caller waits no more, and has no agent: he goes where the overflow leads.

    Attributes:
        caller: Who.
        queue: Where he waited.
        reason: Why.
    """

    caller: str
    queue: str
    reason: Reason


@attrs.frozen
class AgentChanged:
    """An agent went from one state to another.

    Attributes:
        agent: Who.
        old: What the agent did.
        new: What the agent does.
        reason: Why the agent is paused; empty otherwise.
    """

    agent: str
    old: AgentState
    new: AgentState
    reason: str = ""


Decision: TypeAlias = Offer | Withdraw | Dismiss | AgentChanged
"""Everything that a dispatcher decides."""
