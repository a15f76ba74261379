"""States and inputs of a peer's offer inside a call."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["OfferInput", "OfferServerState"]


@unique
class OfferServerState(IntEnum):
    """Where a request with an offer, or a re-INVITE that asks for one, stands.

    ACCEPTED is a re-INVITE whose 2xx waits for the ACK.
    """

    WAITING = 0
    ACCEPTED = 1
    OVER = 2


@unique
class OfferInput(IntEnum):
    """What can happen to it."""

    ANSWER = 0
    REJECT = 1
    UNDECIDED = 2
    CANCEL_RECEIVED = 3
    ACK_RECEIVED = 4
    BAD_ANSWER = 5
    REPEAT_DUE = 6
    ACK_EXPIRED = 7
    CALL_OVER = 8
