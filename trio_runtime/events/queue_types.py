"""Facts about callers who wait for an agent, and about agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trio_runtime.events.supervision_types import SupervisionChanged

if TYPE_CHECKING:
    from trio_runtime.base.priority import CallPriority
    from trio_runtime.base.types import SessionId

__all__ = [
    "AgentStateChanged",
    "CallbackWanted",
    "CallerAbandoned",
    "CallerConnected",
    "CallerOffered",
    "CallerOverflowed",
    "CallerQueued",
    "CallerServed",
    "OfferMissed",
    "QueueEvent",
]


@attrs.frozen
class CallerQueued:
    """A caller waits.

    Attributes:
        session_id: The call.
        queue: Name of the queue.
        position: Position in it, 1 for who is next.
        priority: How urgent the call is.
    """

    session_id: SessionId
    queue: str
    position: int
    priority: CallPriority


@attrs.frozen
class CallerOffered:
    """An agent is rung for a caller.

    Attributes:
        session_id: The caller.
        queue: Name of the queue.
        agent: Name of the agent.
    """

    session_id: SessionId
    queue: str
    agent: str


@attrs.frozen
class OfferMissed:
    """An agent did not get a caller after all; the caller waits on, or is gone.

    Attributes:
        session_id: The caller.
        queue: Name of the queue.
        agent: Name of the agent.
        reason: Why, in a few words.
    """

    session_id: SessionId
    queue: str
    agent: str
    reason: str


@attrs.frozen
class CallerConnected:
    """A caller and an agent talk.

    Attributes:
        session_id: The caller.
        queue: Name of the queue.
        agent: Name of the agent.
        agent_session: The call with the agent.
        waited_s: Seconds that the caller has waited in this queue.
    """

    session_id: SessionId
    queue: str
    agent: str
    agent_session: SessionId
    waited_s: float


@attrs.frozen
class CallerServed:
    """A caller and an agent talk no more.

    Attributes:
        session_id: The caller.
        queue: Name of the queue.
        agent: Name of the agent.
        talked_s: Seconds that they talked.
    """

    session_id: SessionId
    queue: str
    agent: str
    talked_s: float


@attrs.frozen
class CallerAbandoned:
    """A caller hung up while he waited.

    Attributes:
        session_id: The call.
        queue: Name of the queue.
        waited_s: Seconds that he had waited in this queue.
    """

    session_id: SessionId
    queue: str
    waited_s: float


@attrs.frozen
class CallerOverflowed:
    """A caller waits no more and goes on elsewhere.

    Attributes:
        session_id: The call.
        queue: Name of the queue.
        reason: ``full``, ``max_wait``, ``no_agents``, ``closed``, or ``escaped`` after a key.
        waited_s: Seconds that the caller has waited in this queue.
    """

    session_id: SessionId
    queue: str
    reason: str
    waited_s: float


@attrs.frozen
class CallbackWanted:
    """A caller hangs up, keeps the place, and will be called.

    Attributes:
        session_id: The call.
        queue: Name of the queue.
        uri: Whom to call.
    """

    session_id: SessionId
    queue: str
    uri: str


@attrs.frozen
class AgentStateChanged:
    """An agent went from one state to another.

    Attributes:
        agent: Name of the agent.
        old: ``offline``, ``available``, ``ringing``, ``busy``, ``wrap_up``, ``paused`` or ``no_answer``.
        new: The same.
        reason: Why the agent is paused; empty otherwise.
    """

    agent: str
    old: str
    new: str
    reason: str


QueueEvent = (
    AgentStateChanged
    | CallbackWanted
    | CallerAbandoned
    | CallerConnected
    | CallerOffered
    | CallerOverflowed
    | CallerQueued
    | CallerServed
    | OfferMissed
    | SupervisionChanged
)
"""Everything that a call centre tells."""
