"""The lines for callers who wait for an agent, and for agents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from trio_runtime.base.priority import CallPriority
from trio_runtime.events import queue_types as facts
from trio_runtime.events.supervision_types import SupervisionChanged

if TYPE_CHECKING:
    from trio_runtime.cli.printing.change_records import Told
    from trio_runtime.cli.printing.output import Json

__all__ = ["QUEUES"]


def _told(name: str, words: str) -> Callable[[Any], Told]:
    """Tell an event in words, with its values in braces."""

    def tell(event: Any) -> Told:
        fields = {field.name: _shown(getattr(event, field.name)) for field in attrs.fields(type(event))}
        fields.pop("session_id", None)
        return name, re.sub(r" +", " ", words.format(**fields)).rstrip(), fields

    return tell


def _shown(value: object) -> Json:
    if isinstance(value, CallPriority):
        return value.name.lower()
    return (
        round(value, 3) if isinstance(value, float) else str(value) if not isinstance(value, int) else value
    )


QUEUES: dict[type[object], Callable[[Any], Told | None]] = {
    facts.CallerQueued: _told("queued", "waits in queue {queue}, position {position}, {priority}"),
    facts.CallerOffered: _told("offered", "rings agent {agent}"),
    facts.OfferMissed: _told("missed", "agent {agent}: {reason}"),
    facts.CallerConnected: _told("connected", "talks to agent {agent} after {waited_s} s"),
    facts.CallerServed: _told("served", "was served by agent {agent} for {talked_s} s"),
    facts.CallerAbandoned: _told("abandoned", "gave up waiting in queue {queue} after {waited_s} s"),
    facts.CallerOverflowed: _told("overflowed", "left queue {queue} after {waited_s} s: {reason}"),
    facts.CallbackWanted: _told("callback", "is called back from queue {queue} at {uri}"),
    SupervisionChanged: _told("supervision", "supervisor {supervisor}: {mode}"),
    facts.AgentStateChanged: _told("agent", "agent {agent} is {new} {reason}"),
}
"""How each of these events is told."""
