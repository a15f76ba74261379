"""States and inputs of a change of the session that we want."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["ModifyInput", "ModifyState"]


@unique
class ModifyState(IntEnum):
    """Where our wish stands.

    QUEUED waits until the dialog allows a request, BACKOFF for the end of a glare, ENDING for what is
    still on its way when the call is over.
    """

    IDLE = 0
    QUEUED = 1
    SENT = 2
    CANCELLING = 3
    BACKOFF = 4
    ENDING = 5
    OVER = 6


@unique
class ModifyInput(IntEnum):
    """What can happen to it."""

    WANT = 0
    SEND = 1
    SUCCESS = 2
    GLARE = 3
    FAILURE = 4
    RETRY_DUE = 5
    EXPIRED = 6
    CALL_OVER = 7
    WITHDRAW = 8
