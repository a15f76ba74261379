"""Facts about calls from their beginning to their end, and about what is no message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import CallDirection, CallState, SessionId

__all__ = [
    "CallAnswered",
    "CallStateChanged",
    "CallTerminated",
    "IncomingCallReceived",
    "InfoReceived",
    "MessageMalformed",
    "SessionCreated",
]


@attrs.frozen
class SessionCreated:
    """A call exists, in either direction.

    Attributes:
        session_id: The call.
        direction: Who began it.
        remote: URI of the peer.
    """

    session_id: SessionId
    direction: CallDirection
    remote: str


@attrs.frozen
class IncomingCallReceived:
    """Somebody calls.

    Attributes:
        session_id: The call.
        remote: URI of the caller.
        called: URI that was called.
    """

    session_id: SessionId
    remote: str
    called: str


@attrs.frozen
class CallStateChanged:
    """A call went from one state to another."""

    session_id: SessionId
    old: CallState
    new: CallState


@attrs.frozen
class CallAnswered:
    """A call was answered and acknowledged."""

    session_id: SessionId


@attrs.frozen
class InfoReceived:
    """An INFO came in a call."""

    session_id: SessionId
    content_type: str
    body: bytes


@attrs.frozen
class CallTerminated:
    """A call is over; exactly one for each.

    Attributes:
        session_id: The call.
        end: How it ended.
        duration_s: Seconds from the answer to the end; 0 when it was not answered.
    """

    session_id: SessionId
    end: CallEnd
    duration_s: float


@attrs.frozen
class MessageMalformed:
    """A datagram broke the rules of SIP; it was answered with 400 where possible.

    Attributes:
        host: Address it came from.
        port: Port it came from.
        error: Which rule.
    """

    host: str
    port: int
    error: str
