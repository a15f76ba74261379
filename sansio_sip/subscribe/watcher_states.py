"""States and inputs of the subscriber's side (RFC 6665 §4.1.2)."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["SubscriptionInput", "SubscriptionStep", "WatcherInput", "WatcherState"]


@unique
class WatcherState(IntEnum):
    """How far a SUBSCRIBE has come.

    FORKING has one notifier at least and still takes more; SUBSCRIBED takes none, Timer N having
    fired; RETRY_WAIT has lost all and subscribes again later.
    """

    IDLE = 0
    NOTIFY_WAIT = 1
    FORKING = 2
    SUBSCRIBED = 3
    RETRY_WAIT = 4
    CLOSING = 5
    TERMINATED = 6


@unique
class WatcherInput(IntEnum):
    """What can happen to a watcher."""

    SUBSCRIBE = 0
    CLOSE = 1
    NOTIFIER_FOUND = 2
    LOST_FOR_NOW = 3
    LOST_FOR_GOOD = 4
    TIMER_N = 5
    RETRY_DUE = 6


@unique
class SubscriptionStep(IntEnum):
    """Where the subscription with one notifier stands.

    NOTIFY_WAIT is a dialog known from the 2xx only, for as long as the watcher's Timer N runs.
    """

    NOTIFY_WAIT = 0
    PENDING = 1
    ACTIVE = 2
    ENDING = 3
    TERMINATED = 4


@unique
class SubscriptionInput(IntEnum):
    """What can happen to the subscription with one notifier."""

    NOTIFY_PENDING = 0
    NOTIFY_ACTIVE = 1
    NOTIFY_TERMINATED = 2
    REFRESH_DUE = 3
    REFRESHED = 4
    REFRESH_FAILED = 5
    REFRESH_FATAL = 6
    UNSUBSCRIBE = 7
    TIMER_N = 8
    EXPIRED = 9
