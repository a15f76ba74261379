"""The table of call endings: what each way of ending means to an application."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from sansio_sip.invite import (
    CallEnd,
    Cancelled,
    Failed,
    LocallyClosed,
    Rejected,
    RemoteBye,
    Replaced,
    TimedOut,
    TransportLost,
)
from trio_runtime.base.connection_errors import FailureCause
from trio_runtime.base.errors import CallCancelled, CallEnded, CallError, CallRejected, CallTimedOut
from trio_runtime.base.types import CallState, SessionId

__all__ = ["ENDINGS", "Ending", "call_error", "describe_end", "ending_of"]


@attrs.frozen
class Ending:
    """One row of the table.

    Attributes:
        state: Final state of the call.
        error: The exception that whoever waits for the call gets.
        exit_status: Exit status of the `call` command.
        text: Says it in words; fields of the end value in braces.
    """

    state: CallState
    error: type[CallError]
    exit_status: int
    text: str


ENDINGS: dict[type[object], Ending] = {
    Rejected: Ending(CallState.FAILED, CallRejected, 1, "rejected: {status_code} {reason}"),
    TimedOut: Ending(CallState.FAILED, CallTimedOut, 1, "no {waited_for} in time"),
    Cancelled: Ending(CallState.CANCELLED, CallCancelled, 1, "cancelled before the answer"),
    RemoteBye: Ending(CallState.TERMINATED, CallEnded, 0, "the peer hung up"),
    TransportLost: Ending(CallState.FAILED, CallEnded, 1, "the peer cannot be reached: {cause}"),
    LocallyClosed: Ending(CallState.TERMINATED, CallEnded, 0, "we hung up"),
    Replaced: Ending(CallState.TERMINATED, CallEnded, 0, "another call took its place"),
    Failed: Ending(CallState.FAILED, CallEnded, 1, "the call failed: {cause}"),
}


def ending_of(end: CallEnd) -> Ending:
    """Return the row for an end value."""
    return ENDINGS[type(end)]


def describe_end(end: CallEnd) -> str:
    """Return one line that says how a call ended."""
    return ending_of(end).text.format(**attrs.asdict(end))


def call_error(end: CallEnd, session_id: SessionId) -> CallError:
    """Return the exception for an end value."""
    error = _call_error(end, session_id)
    if isinstance(end, TransportLost) and isinstance(end.cause, FailureCause):
        error.__cause__ = end.cause.error  # as a certificate that was not accepted
    return error


def _call_error(end: CallEnd, session_id: SessionId) -> CallError:
    kind: Callable[..., CallError] = ending_of(end).error
    if isinstance(end, Rejected):
        return CallRejected(end.status_code, end.reason, session_id=session_id)
    if kind is CallEnded:
        return CallEnded(describe_end(end), end=end, session_id=session_id)
    return kind(describe_end(end), session_id=session_id)
