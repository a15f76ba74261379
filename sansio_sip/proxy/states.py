"""States and inputs of a response context and of its branches (RFC 3261 §16.7)."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["BranchInput", "BranchState", "ContextInput", "ContextState"]


@unique
class BranchState(IntEnum):
    """How far the request to one target has come.

    CANCEL_PENDING wants to be cancelled but has no provisional response yet (RFC 3261 §9.1). ANSWERED
    and DONE have their final response; TERMINATED has lost its client transaction as well.
    """

    CALLING = 0
    PROCEEDING = 1
    CANCEL_PENDING = 2
    CANCELLING = 3
    ANSWERED = 4
    DONE = 5
    TERMINATED = 6


@unique
class BranchInput(IntEnum):
    """What can happen to a branch: responses, the end of its transaction, timers, the context's wish."""

    TRYING = 0
    PROVISIONAL = 1
    SUCCESS = 2
    FAILURE = 3
    TIMED_OUT = 4
    TRANSPORT_FAILED = 5
    GONE = 6
    TIMER_C = 7
    RING_EXPIRED = 8
    CANCEL_EXPIRED = 9
    CANCEL = 10
    WITHDRAWN = 11


@unique
class ContextState(IntEnum):
    """What has been decided about a request.

    ROUTING waits for targets, OPEN may start branches, STOPPED only waits for those that it has;
    ANSWERED has sent a 2xx, REFUSED another final response or, where none is allowed, nothing.
    """

    ROUTING = 0
    OPEN = 1
    STOPPED = 2
    ANSWERED = 3
    REFUSED = 4
    TERMINATED = 5


@unique
class ContextInput(IntEnum):
    """What can happen to a context: targets, responses of branches, a CANCEL, the end of everything."""

    ROUTED = 0
    PROVISIONAL = 1
    SUCCESS = 2
    FAILURE = 3
    GLOBAL_FAILURE = 4
    CANCEL = 5
    EXHAUSTED = 6
    GONE = 7
