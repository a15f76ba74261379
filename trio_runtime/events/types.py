"""What a coordinator publishes: one frozen class a fact, one event a fact."""

from __future__ import annotations

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
    ConferenceEvent,
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
    NetworkChanged,
)
from trio_runtime.events.media_types import DigitReceived, MediaChanged, MediaFailed, QualityAlert
from trio_runtime.events.message_types import MessageReceived
from trio_runtime.events.presence_types import (
    PresenceChanged,
    WatcherGone,
    WatcherRefused,
    WatcherSubscribed,
)
from trio_runtime.events.queue_types import QueueEvent
from trio_runtime.events.registrar_types import (
    ContactRegistered,
    ContactRemoved,
    RegisterRefused,
    StoreFailed,
)
from trio_runtime.events.registration_types import Registered, RegistrationFailed, Unregistered
from trio_runtime.events.relation_types import RelationEvent
from trio_runtime.events.session_types import (
    CallAnswered,
    CallStateChanged,
    CallTerminated,
    IncomingCallReceived,
    InfoReceived,
    MessageMalformed,
    SessionCreated,
)

__all__ = [
    "CallAnswered",
    "CallHeld",
    "CallProgressed",
    "CallResumed",
    "CallStateChanged",
    "CallTerminated",
    "ConferenceClosed",
    "ConferenceOpened",
    "ContactRegistered",
    "ContactRemoved",
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
    "PresenceChanged",
    "QualityAlert",
    "RegisterRefused",
    "Registered",
    "RegistrationFailed",
    "RemoteHoldChanged",
    "SessionCreated",
    "SessionEvent",
    "SpeakerChanged",
    "StoreFailed",
    "TransferCompleted",
    "TransferFailed",
    "TransferProgressed",
    "TransferRequested",
    "Unregistered",
    "WatcherGone",
    "WatcherRefused",
    "WatcherSubscribed",
]


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
    | ConferenceEvent
    | RelationEvent
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
    | QueueEvent
    | MessageReceived
    | ContactRegistered
    | ContactRemoved
    | RegisterRefused
    | StoreFailed
    | PresenceChanged
    | WatcherSubscribed
    | WatcherRefused
    | WatcherGone
)
