"""The states of a call as an application sees them, as a table (SES-3, SES-4)."""

from __future__ import annotations

from trio_runtime.base.errors import CallStateError
from trio_runtime.base.types import CallState

__all__ = ["TRANSITIONS", "check_transition"]

_FINAL = frozenset({CallState.TERMINATED, CallState.CANCELLED, CallState.FAILED})

TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    CallState.INITIATING: frozenset({CallState.RINGING, CallState.ACTIVE}) | _FINAL,
    CallState.RINGING: frozenset({CallState.ACTIVE}) | _FINAL,
    CallState.ACTIVE: frozenset({CallState.ON_HOLD, CallState.TRANSFERRING, CallState.TERMINATING}) | _FINAL,
    CallState.ON_HOLD: frozenset({CallState.ACTIVE, CallState.TRANSFERRING, CallState.TERMINATING}) | _FINAL,
    CallState.TRANSFERRING: frozenset({CallState.ACTIVE, CallState.ON_HOLD, CallState.TERMINATING}) | _FINAL,
    CallState.TERMINATING: _FINAL,
    CallState.TERMINATED: frozenset(),
    CallState.CANCELLED: frozenset(),
    CallState.FAILED: frozenset(),
}


def check_transition(old: CallState, new: CallState) -> None:
    """Check that a call may go from ``old`` to ``new``.

    Raises:
        CallStateError: It may not.
    """
    if new not in TRANSITIONS[old]:
        raise CallStateError(f"a call cannot go from {old.value} to {new.value}")
