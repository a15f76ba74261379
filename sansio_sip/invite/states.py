"""States and inputs of a call's signalling, on both sides."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["OVER_STATES", "InviteInput", "InviteState"]


@unique
class InviteState(IntEnum):
    """Where a call stands.

    CALLING, PROCEEDING, CANCEL_PENDING and CANCELLING are the caller's before the answer;
    RECEIVED, RINGING, HELD, ACCEPTED and ACCEPTED_CLOSING the callee's; the rest both have. HELD is
    answered by the user while the 2xx waits for a PRACK or for the end of another exchange.
    """

    IDLE = 0
    CALLING = 1
    PROCEEDING = 2
    CANCEL_PENDING = 3
    CANCELLING = 4
    RECEIVED = 5
    RINGING = 6
    ACCEPTED = 7
    ACCEPTED_CLOSING = 8
    ESTABLISHED = 9
    TERMINATING = 10
    TERMINATED = 11
    HELD = 12


@unique
class InviteInput(IntEnum):
    """What can happen to a call: first the user's wishes, then the peer's messages, then time."""

    INVITE = 0
    RING = 1
    ANSWER = 2
    REJECT = 3
    HANG_UP = 4
    PROVISIONAL = 5
    SUCCESS = 6
    REPEATED_SUCCESS = 7
    FAILURE = 8
    AGAIN = 9
    ACK_RECEIVED = 10
    CANCEL_RECEIVED = 11
    BYE_RECEIVED = 12
    BYE_DONE = 13
    BAD_ANSWER = 14
    TIMED_OUT = 15
    TRANSPORT_FAILED = 16
    CANCEL_EXPIRED = 17
    REPEAT_DUE = 18
    ACK_EXPIRED = 19
    INVITE_EXPIRED = 20
    READY = 21
    LOST = 22
    HOLD_BACK = 23


OVER_STATES = frozenset(
    {
        InviteState.IDLE,
        InviteState.CANCEL_PENDING,
        InviteState.CANCELLING,
        InviteState.ACCEPTED_CLOSING,
        InviteState.TERMINATING,
        InviteState.TERMINATED,
    }
)
"""States in which the user has heard, or will never hear, of the call: no event follows but its end."""
