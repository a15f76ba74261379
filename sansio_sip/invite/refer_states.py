"""States and inputs of the two sides of a REFER, and of the queue of its NOTIFYs."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = [
    "NotifyInput",
    "NotifyState",
    "ReferClientInput",
    "ReferClientState",
    "ReferServerInput",
    "ReferServerState",
]


@unique
class ReferClientState(IntEnum):
    """Where a REFER of ours stands; WAITING is for the first NOTIFY, SUBSCRIBED for the next."""

    SENT = 0
    WAITING = 1
    SUBSCRIBED = 2
    OVER = 3


@unique
class ReferClientInput(IntEnum):
    """What can happen to a REFER of ours."""

    ACCEPTED = 0
    SUPPRESSED = 1
    REFUSED = 2
    NOTIFIED = 3
    LAST_NOTIFIED = 4
    EXPIRED = 5
    CLOSE = 6


@unique
class ReferServerState(IntEnum):
    """Where a REFER of the peer stands; PENDING is accepted for the protocol, but not by the user."""

    RECEIVED = 0
    PENDING = 1
    ACTIVE = 2
    OVER = 3


@unique
class ReferServerInput(IntEnum):
    """What can happen to a REFER of the peer: our user's wishes, its messages, time."""

    ACCEPT = 0
    ACCEPT_SILENTLY = 1
    REJECT = 2
    PROGRESS = 3
    FINISH = 4
    SUBSCRIBE = 5
    UNSUBSCRIBE = 6
    GONE = 7
    UNDECIDED = 8
    UNDECIDED_SILENTLY = 9
    EXPIRED = 10
    CALL_OVER = 11
    CLOSE = 12


@unique
class NotifyState(IntEnum):
    """Whether a NOTIFY may be sent now, and whether there is more to say."""

    READY = 0
    IN_FLIGHT = 1
    IN_FLIGHT_MORE = 2
    PAUSED = 3
    PAUSED_MORE = 4
    OVER = 5


@unique
class NotifyInput(IntEnum):
    """What can happen to the queue of NOTIFYs."""

    TELL = 0
    ANSWERED = 1
    PAUSE_OVER = 2
    REFUSED = 3
