"""Small words that every floor of the runtime uses."""

from __future__ import annotations

from enum import Enum
from typing import NewType, TypeAlias

__all__ = ["Address", "CallDirection", "CallState", "SessionId"]

Address: TypeAlias = tuple[str, int]
"""A transport address: the IP address as text without brackets, and the port."""

SessionId = NewType("SessionId", str)
"""Names one session for the whole life of a coordinator."""


class CallDirection(Enum):
    """Who began the call."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class CallState(Enum):
    """Where a call stands, as an application sees it."""

    INITIATING = "initiating"
    RINGING = "ringing"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    TRANSFERRING = "transferring"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    FAILED = "failed"

    __hash__ = object.__hash__  # the members are single; Enum's own hash is a Python function

    @property
    def is_final(self) -> bool:
        """True when the call will never change its state again."""
        return self in _FINAL

    @property
    def is_in_progress(self) -> bool:
        """True until the call has reached a final state."""
        return self not in _FINAL


_FINAL = frozenset({CallState.TERMINATED, CallState.CANCELLED, CallState.FAILED})
