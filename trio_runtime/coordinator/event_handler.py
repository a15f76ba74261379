"""One function for each event of signalling and media: it tells the call and the other side."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sansio_rtp.session import DigitReceived, QualityChanged
from sansio_sip.agent import AgentEvent, MessageRefused, RequestFailed, ResponseReceived
from sansio_sip.invite import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgress,
    IncomingCall,
    InfoReceived,
    MediaNegotiated,
)
from sansio_sip.register import Registered, RegistrationFailed, Unregistered
from trio_runtime.base.errors import MediaError
from trio_runtime.base.types import CallDirection, CallState, SessionId
from trio_runtime.coordinator.dtmf_info import digit_of_info
from trio_runtime.dialog import caller_speaks_six
from trio_runtime.events import types as facts
from trio_runtime.media import StreamFailed
from trio_runtime.session import CallHeaders, Digit
from trio_runtime.session import IncomingCall as IncomingSession

if TYPE_CHECKING:
    from trio_runtime.coordinator.call_ops import CallOps
    from trio_runtime.coordinator.reception import Reception
    from trio_runtime.coordinator.registrations import Registrations
    from trio_runtime.coordinator.sip_client import SipClient
    from trio_runtime.media import MediaEvent, MediaManager, NoMedia
    from trio_runtime.session import SessionRegistry

__all__ = ["EventHandler"]

logger = logging.getLogger("trio_runtime")


class EventHandler:
    """Turns what the managers report into what calls and applications see.

    Args:
        operations: What calls are given to act with.
        registry: The calls.
        media: The media side.
        client: Requests outside of calls.
        reception: Takes each call that comes in.
        registrations: Where we are registered.
    """

    def __init__(
        self,
        operations: CallOps,
        registry: SessionRegistry,
        media: MediaManager | NoMedia,
        client: SipClient,
        reception: Reception,
        registrations: Registrations,
    ) -> None:
        self._operations = operations
        self._registry = registry
        self._media = media
        self._reception = reception
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
        }

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
            case _:
                return  # counted by the stream; applications see the statistics

    def incoming_call(self, event: IncomingCall) -> None:
        """Make a call for an INVITE and show it to the application."""
        request = event.request
        call = IncomingSession(
            SessionId(event.session),
            CallDirection.INCOMING,
            self._operations,
            remote_uri=str(request.from_.uri),
            local_uri=str(request.to.uri),
            sip_call_id=request.call_id,
            headers=CallHeaders(request),
        )
        self._registry.add(call)
        self._media.places.expect(call.id, six=caller_speaks_six(event))
        publish = self._operations.publish
        publish(facts.SessionCreated, call.id, call.direction, call.remote_uri)
        publish(facts.IncomingCallReceived, call.id, call.remote_uri, request.uri)
        self._reception.incoming(call)

    def call_progress(self, event: CallProgress) -> None:
        """Note that the callee rings."""
        call = self._registry.find(event.session)
        if call is not None and call.state is CallState.INITIATING:
            call.headers = CallHeaders(event.response)
            call.change_state(CallState.RINGING)

    def media_negotiated(self, event: MediaNegotiated) -> None:
        """Start or change the audio."""
        session_id = SessionId(event.session)
        try:
            self._media.apply(session_id, event.media)
        except MediaError as error:
            # What was agreed cannot be done here: this call is over, the others do not notice.
            self._operations.publish(facts.MediaFailed, session_id, str(error))
            self._operations.hang_up(session_id)
            return
        self._operations.publish(facts.MediaChanged, session_id, event.media, event.early)

    def call_answered(self, event: CallAnswered) -> None:
        """Note that our call was answered."""
        call = self._registry.find(event.session)
        if call is not None:
            call.headers = CallHeaders(event.response)
            call.mark_answered()

    def call_confirmed(self, event: CallConfirmed) -> None:
        """Note that the ACK to our answer came."""
        call = self._registry.find(event.session)
        if call is not None:
            call.mark_answered()
            self._reception.established(call)

    def info_received(self, event: InfoReceived) -> None:
        """Publish an INFO; one that relays a key is a digit as well."""
        call = self._registry.find(event.session)
        if call is None:
            return
        self._operations.publish(facts.InfoReceived, call.id, event.content_type, event.body)
        digit = digit_of_info(event.content_type, event.body)
        if digit is not None:
            self.digit_received(call.id, digit)

    def digit_received(self, session_id: SessionId, digit: Digit) -> None:
        """Give a key press to the call's stream, unless it came by another way already."""
        call = self._registry.find(session_id)
        if call is not None and call.take_digit(digit):
            self._operations.publish(
                facts.DigitReceived, call.id, digit.digit, digit.duration_ms, digit.source
            )

    def call_ended(self, event: CallEnded) -> None:
        """Stop the audio, tell the call, forget it: exactly once for each call."""
        session_id = SessionId(event.session)
        call = self._registry.find(session_id)
        if call is None:
            self._media.close(session_id)
            return
        if event.response is not None:
            call.headers = CallHeaders(event.response)
        call.final_quality = self._media.quality_history(session_id)
        call.end = event.end  # first: whoever waits for audio is told why there is no more
        call.final_statistics = self._media.close(session_id)
        call.mark_ended(event.end)
        self._registry.remove(call, failed=call.state is CallState.FAILED)
        self._reception.ended(call)

    def message_refused(self, event: MessageRefused) -> None:
        """Say that a datagram broke the rules."""
        source = event.source
        logger.debug("malformed message from %s:%d: %s", source.host, source.port, event.error)
        self._operations.publish(facts.MessageMalformed, source.host, source.port, str(event.error))
