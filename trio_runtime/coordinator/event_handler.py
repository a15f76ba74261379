"""One function for each event of signalling and media: it tells the call and the other side."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sansio_rtp.session import DigitReceived, QualityChanged
from sansio_sip.agent import AgentEvent, MessageRefused, RequestFailed, RequestHandedOver, ResponseReceived
from sansio_sip.invite import (
    AnswerReceived,
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgress,
    IncomingCall,
    InfoReceived,
    MediaNegotiated,
    OfferReceived,
    OfferWithdrawn,
    ReferEnded,
    ReferProgressed,
    ReferReceived,
    UpdateFailed,
)
from sansio_sip.register import Registered, RegistrationFailed, Unregistered
from sansio_sip.subscribe import SubscriberGone, SubscriptionRequested
from trio_runtime.base.types import SessionId
from trio_runtime.coordinator.call_events import CallEvents
from trio_runtime.coordinator.operations.dtmf_info import digit_of_info
from trio_runtime.events import types as facts
from trio_runtime.media import RtpTimedOut, StreamFailed
from trio_runtime.session import Digit

if TYPE_CHECKING:
    from trio_runtime.coordinator.conferring.conferences import Conferences
    from trio_runtime.coordinator.messaging.requests import InboundRequests
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.reception import Reception
    from trio_runtime.coordinator.registering.registrations import Registrations
    from trio_runtime.coordinator.sip_client import SipClient
    from trio_runtime.media import MediaEvent, MediaManager, NoMedia
    from trio_runtime.session import PriorityRule, SessionRegistry

__all__ = ["EventHandler"]

logger = logging.getLogger("trio_runtime")
_SHARED = (SubscriptionRequested, SubscriberGone)


class EventHandler(CallEvents):
    """Turns what the managers report into what calls and applications see.

    Args:
        operations: What calls are given to act with.
        registry: The calls.
        media: The media side.
        client: Requests outside of calls.
        reception: Takes each call that comes in.
        registrations: Where we are registered.
        priorities: Tells how urgent a call from a host is, by its headers.
        conferences: The conferences, which others may watch.
        hang_up_silent: Whether a call ends when nothing is heard of its peer for too long.
    """

    def __init__(
        self,
        operations: CallOps,
        registry: SessionRegistry,
        media: MediaManager | NoMedia,
        client: SipClient,
        reception: Reception,
        registrations: Registrations,
        priorities: PriorityRule,
        conferences: Conferences,
        *,
        hang_up_silent: bool,
    ) -> None:
        super().__init__(operations, registry, media, reception, priorities)
        self._hang_up_silent = hang_up_silent
        self._referrals = conferences.referrals
        self._handlers: dict[type[object], Callable[[Any], None]] = {
            IncomingCall: self.incoming_call,
            CallProgress: self.call_progress,
            MediaNegotiated: self.media_negotiated,
            CallAnswered: self.call_answered,
            CallConfirmed: self.call_confirmed,
            InfoReceived: self.info_received,
            CallEnded: self.call_ended,
            ResponseReceived: client.response_received,
            RequestFailed: client.request_failed,
            Registered: registrations.registered,
            RegistrationFailed: registrations.failed,
            Unregistered: registrations.unregistered,
            MessageRefused: self.message_refused,
            UpdateFailed: self.update_failed,
            AnswerReceived: operations.relay.answer_received,
            OfferReceived: operations.relay.offer_received,
            OfferWithdrawn: operations.relay.offer_withdrawn,
            ReferReceived: self.refer_received,
            ReferProgressed: operations.transfers.progressed,
            ReferEnded: operations.transfers.ended,
            **conferences.handlers(),
        }

    def add(self, handlers: Mapping[type[object], Callable[[Any], None]]) -> None:
        """Let others take their events; subscriptions to us are looked at by all, each knows its package."""
        for kind, handler in handlers.items():
            before = self._handlers.get(kind) if kind in _SHARED else None
            self._handlers[kind] = handler if before is None else partial(_both, before, handler)

    def let_take(self, requests: InboundRequests) -> None:
        """Let requests be handed over, but for keys in calls with media of ours: those are told as ever."""

        def received(event: RequestHandedOver) -> None:
            call, message = self._registry.find(event.session), event.message
            kind = message.get("content-type") or ""
            key = message.method == "INFO" and digit_of_info(kind, message.body) is not None
            if key and call is not None and not call.passes:
                requests.accept(event)
                self.info_received(InfoReceived(event.session, kind, message.body))
            else:
                requests.received(event)

        self._handlers[RequestHandedOver] = received

    def handle(self, event: AgentEvent) -> None:
        """Take an event of the signalling side; what no application hears of yet goes by."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def handle_media(self, session: str, event: MediaEvent) -> None:
        """Take an event of the media side."""
        session_id = SessionId(session)
        match event:
            case DigitReceived(digit, duration_ms, source):
                self.digit_received(session_id, Digit(digit, duration_ms, source))
            case QualityChanged(direction, before, level, score):
                was = None if before is None else before.value
                self._operations.publish(
                    facts.QualityAlert, session_id, direction.value, level.value, was, score
                )
            case StreamFailed(error):
                self._operations.publish(facts.MediaFailed, session_id, error)
            case RtpTimedOut(silent_s):
                self.media_timed_out(session_id, silent_s)
            case _:
                return  # counted by the stream; applications see the statistics

    def media_timed_out(self, session_id: SessionId, silent_s: float) -> None:
        """Tell that the peer has fallen silent, and end the call where that is wanted; one on hold may be."""
        call = self._registry.find(session_id)
        if call is None or call.on_hold or call.remote_hold:
            return
        self._operations.publish(facts.MediaTimedOut, session_id, silent_s, self._hang_up_silent)
        if self._hang_up_silent:
            self._operations.lose_media(session_id)

    def refer_received(self, event: ReferReceived) -> None:
        """Take a wish of the peer: one of a member of a conference is that one's affair."""
        if not self._referrals.in_call(event):
            self.transfer_requested(event)

    def info_received(self, event: InfoReceived) -> None:
        """Publish an INFO; one that relays a key is a digit as well."""
        call = self._registry.find(event.session)
        if call is None:
            return
        self._operations.publish(facts.InfoReceived, call.id, event.content_type, event.body)
        digit = digit_of_info(event.content_type, event.body)
        if digit is not None:
            self.digit_received(call.id, digit)

    def update_failed(self, event: UpdateFailed) -> None:
        """Tell whoever wanted a change, a call of ours or a peer of another one, that it was refused."""
        if not self._operations.relay.update_failed(event):
            self._operations.changes.failed(event)

    def digit_received(self, session_id: SessionId, digit: Digit) -> None:
        """Give a key press to the call's stream, unless it came by another way already."""
        call = self._registry.find(session_id)
        if call is not None and call.take_digit(digit):
            self._operations.publish(
                facts.DigitReceived, call.id, digit.digit, digit.duration_ms, digit.source
            )
            self._operations.bridges.pass_digit(session_id, digit)

    def message_refused(self, event: MessageRefused) -> None:
        """Say that a datagram broke the rules."""
        source = event.source
        logger.debug("malformed message from %s:%d: %s", source.host, source.port, event.error)
        self._operations.publish(facts.MessageMalformed, source.host, source.port, str(event.error))


def _both(one: Callable[[Any], None], other: Callable[[Any], None], event: object) -> None:
    one(event)
    other(event)
