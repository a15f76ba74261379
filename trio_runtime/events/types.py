"""What a coordinator publishes: one frozen class a fact, one event a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trio_runtime.events.call_types import (
    CallHeld,
    CallProgressed,
    CallResumed,
    RemoteHoldChanged,
    TransferCompleted,
    TransferFailed,
    TransferProgressed,
    TransferRequested,
)
from trio_runtime.events.conference_types import (
    ConferenceClosed,
    ConferenceOpened,
    MemberJoined,
    MemberLeft,
    SpeakerChanged,
)
from trio_runtime.events.fault_types import (
    EventsLost,
    HandlerBlocked,
    HandlerFailed,
    HandlerLingers,
    MediaTimedOut,
    MessageMalformed,
    NetworkChanged,
)
from trio_runtime.events.media_types import DigitReceived, MediaChanged, MediaFailed, QualityAlert
from trio_runtime.events.message_types import MessageReceived
from trio_runtime.events.registration_types import Registered, RegistrationFailed, Unregistered

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import CallDirection, CallState, SessionId

__all__ = [
    "CallAnswered",
    "CallHeld",
    "CallProgressed",
    "CallResumed",
    "CallStateChanged",
    "CallTerminated",
    "ConferenceClosed",
    "ConferenceOpened",
    "DigitReceived",
    "EventsLost",
    "HandlerBlocked",
    "HandlerFailed",
    "HandlerLingers",
    "IncomingCallReceived",
    "InfoReceived",
    "MediaChanged",
    "MediaFailed",
    "MediaTimedOut",
    "MemberJoined",
    "MemberLeft",
    "MessageMalformed",
    "MessageReceived",
    "NetworkChanged",
    "QualityAlert",
    "Registered",
    "RegistrationFailed",
    "RemoteHoldChanged",
    "SessionCreated",
    "SessionEvent",
    "SpeakerChanged",
    "TransferCompleted",
    "TransferFailed",
    "TransferProgressed",
    "TransferRequested",
    "Unregistered",
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


SessionEvent = (
    SessionCreated
    | IncomingCallReceived
    | CallStateChanged
    | CallAnswered
    | MediaChanged
    | DigitReceived
    | InfoReceived
    | CallTerminated
    | HandlerFailed
    | HandlerBlocked
    | HandlerLingers
    | MediaTimedOut
    | NetworkChanged
    | EventsLost
    | MediaFailed
    | QualityAlert
    | MessageMalformed
    | ConferenceOpened
    | ConferenceClosed
    | MemberJoined
    | MemberLeft
    | SpeakerChanged
    | CallProgressed
    | CallHeld
    | CallResumed
    | RemoteHoldChanged
    | TransferRequested
    | TransferProgressed
    | TransferCompleted
    | TransferFailed
    | Registered
    | RegistrationFailed
    | Unregistered
    | MessageReceived
)
