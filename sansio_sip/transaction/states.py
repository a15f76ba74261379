"""States and inputs of the four transactions."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["Input", "State"]


@unique
class State(IntEnum):
    """States of the four transactions (RFC 3261 §17, RFC 6026 §7)."""

    CALLING = 0
    TRYING = 1
    PROCEEDING = 2
    ACCEPTED = 3
    COMPLETED = 4
    CONFIRMED = 5
    TERMINATED = 6


@unique
class Input(IntEnum):
    """What can happen to a transaction: a message from either side, a timer, a lost transport."""

    REQUEST = 0
    ACK = 1
    PROVISIONAL = 2
    SUCCESS = 3
    FAILURE = 4
    TIMER_A = 5
    TIMER_B = 6
    TIMER_D = 7
    TIMER_E = 8
    TIMER_F = 9
    TIMER_G = 10
    TIMER_H = 11
    TIMER_I = 12
    TIMER_J = 13
    TIMER_K = 14
    TIMER_L = 15
    TIMER_M = 16
    TIMER_TRYING = 17
    TRANSPORT_ERROR = 18
