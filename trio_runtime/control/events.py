"""What is pushed: every event of the coordinator, and a few of the API's own."""

from __future__ import annotations

import re
from typing import TypeAlias, get_args

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.events.types import SessionEvent

__all__ = ["EVENTS", "ApiEvent", "JobEnded", "JobKind", "call_of", "event_name"]

JobKind: TypeAlias = str


@attrs.frozen
class JobEnded:
    """What a command had begun is over.

    Attributes:
        session_id: The call that it was about.
        job: Its name.
        kind: ``play``, ``record``, ``bridge`` or ``join_conference``.
        error: Why it ended before its time; null when all is well.
    """

    session_id: SessionId
    job: str
    kind: JobKind
    error: str | None


ApiEvent: TypeAlias = SessionEvent | JobEnded
"""Whatever can be pushed."""


def event_name(kind: type) -> str:
    """Return the name of an event in JSON: ``CallAnswered`` is ``call_answered``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


EVENTS: dict[str, type] = {
    event_name(kind): kind for kind in sorted((*get_args(SessionEvent), JobEnded), key=event_name)
}
"""Every event by its name."""


def call_of(event: object) -> SessionId | None:
    """Return the call that an event is about, None when it is about none."""
    found: SessionId | None = getattr(event, "session_id", None)
    return found
