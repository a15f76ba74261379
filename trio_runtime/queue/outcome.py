"""What became of somebody who came to a queue."""

from __future__ import annotations

from enum import Enum

import attrs

__all__ = ["QueueEnd", "QueueOutcome"]


class QueueEnd(Enum):
    """How it ended."""

    SERVED = "served"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    ESCAPED = "escaped"
    CALLBACK = "callback"


@attrs.frozen
class QueueOutcome:
    """What became of a caller.

    Attributes:
        end: How it ended.
        queue: The queue in which it did.
        agent: Who had the caller; empty when nobody did.
        waited_s: Seconds that the caller waited, in all queues.
        reason: Why a caller went on: ``full``, ``max_wait``, ``no_agents`` or ``closed``; else empty.
    """

    end: QueueEnd
    queue: str
    agent: str
    waited_s: float
    reason: str = ""
