"""States and inputs of the notifier's side (RFC 6665 §4.2.2)."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["NotifierInput", "NotifierState"]


@unique
class NotifierState(IntEnum):
    """Where a subscription to us stands.

    RECEIVED waits for the user's decision, ENDING for the answer to the last NOTIFY.
    """

    IDLE = 0
    RECEIVED = 1
    PENDING = 2
    ACTIVE = 3
    ENDING = 4
    TERMINATED = 5


@unique
class NotifierInput(IntEnum):
    """What can happen to it: the user's wishes, the subscriber's requests, answers to NOTIFY, time."""

    ACCEPT = 0
    PEND = 1
    SHOW_ONCE = 2
    REFUSE = 3
    CHANGE = 4
    TERMINATE = 5
    SUBSCRIBE = 6
    REFRESH = 7
    UNSUBSCRIBE = 8
    NOTIFY_DONE = 9
    NOTIFY_FAILED = 10
    NOTIFY_FATAL = 11
    LAST_NOTIFY_DONE = 12
    DECISION_DUE = 13
    NOTIFY_DUE = 14
    EXPIRED = 15
    ACCEPT_SILENTLY = 16
