"""States and inputs of a registration, on the client's side."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["RegistrationInput", "RegistrationState"]


@unique
class RegistrationState(IntEnum):
    """Where a registration stands.

    In REGISTERED, REFRESHING and RETRYING the registrar has a binding of ours. RETRYING and WAITING
    wait for the next try, FAILED for the user. In LEAVING a REGISTER is still open, so that none may be
    sent to remove what it adds (RFC 3261 §10.2).
    """

    IDLE = 0
    REGISTERING = 1
    REGISTERED = 2
    REFRESHING = 3
    RETRYING = 4
    WAITING = 5
    FAILED = 6
    LEAVING = 7
    UNREGISTERING = 8
    TERMINATED = 9


@unique
class RegistrationInput(IntEnum):
    """What can happen to a registration: the user's wishes, the registrar's answers, time."""

    REGISTER = 0
    UNREGISTER = 1
    FLOW_FAILED = 2
    SUCCESS = 3
    AGAIN = 4
    FAILURE = 5
    REFUSED = 6
    TRY_TIMER = 7
    BINDING_EXPIRED = 8
