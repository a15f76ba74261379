"""One function for each event in the life of a call: it tells the call, and the media side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.invite import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgress,
    IncomingCall,
    MediaNegotiated,
    ReferReceived,
)
from sansio_sip.sdp import is_voice
from trio_runtime.base.errors import MediaError
from trio_runtime.base.types import CallDirection, CallState, SessionId
from trio_runtime.dialog import caller_host, caller_speaks_six
from trio_runtime.events import types as facts
from trio_runtime.session import CallHeaders, TransferRequest
from trio_runtime.session import IncomingCall as IncomingSession

if TYPE_CHECKING:
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.reception import Reception
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.session import PriorityRule, SessionRegistry

__all__ = ["CallEvents"]


class CallEvents:
    """Turns what the signalling side tells of calls into what they and applications see.

    Args:
        operations: What calls are given to act with.
        registry: The calls.
        media: The media side.
        reception: Takes each call that comes in.
        priorities: Tells how urgent a call from a host is, by its headers.
    """

    def __init__(
        self,
        operations: CallOps,
        registry: SessionRegistry,
        media: MediaManager | NoMedia,
        reception: Reception,
        priorities: PriorityRule,
    ) -> None:
        self._operations = operations
        self._registry = registry
        self._media = media
        self._reception = reception
        self._priorities = priorities

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
        call.replaces, call.called_uri = event.replaces, request.uri
        call.username = event.username
        call.source_host = caller_host(event)
        call.priority = self._priorities(call.source_host, call.headers)
        self._registry.add(call)
        self._media.places.expect(call.id, six=caller_speaks_six(event))
        publish = self._operations.publish
        publish(facts.SessionCreated, call.id, call.direction, call.remote_uri)
        publish(facts.IncomingCallReceived, call.id, call.remote_uri, request.uri)
        self._reception.incoming(call)

    def call_progress(self, event: CallProgress) -> None:
        """Note that the callee rings."""
        call = self._registry.find(event.session)
        self._operations.transfers.report(event.session, event.status_code, event.reason)
        if call is None:
            return
        if call.state is CallState.INITIATING:
            call.headers = CallHeaders(event.response)
            call.change_state(CallState.RINGING)
        self._operations.publish(facts.CallProgressed, call.id, event.status_code, event.reason)

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
        call = self._registry.find(session_id)
        if call is not None:
            formats = () if event.media is None else event.media.formats
            codec = next((item.name for item in formats if is_voice(item)), "")
            call.media_changed(codec, remote_hold=event.remote_held)
        self._operations.bridges.agreed(session_id)
        if event.ours:
            self._operations.changes.negotiated(session_id, event.media)

    def transfer_requested(self, event: ReferReceived) -> None:
        """Show a wish of the peer to whoever decides; where nobody does, refuse it."""
        call = self._registry.find(event.session)
        if call is None:
            return
        refer_to = event.refer_to
        request = TransferRequest(
            call,
            event.refer,
            self._operations,
            target=refer_to.target,
            referred_by=event.referred_by,
            headers=event.headers,
            replaces=refer_to.replaces is not None,
        )
        if refer_to.method != "INVITE":
            request.reject(501)
            return
        self._operations.publish(
            facts.TransferRequested, call.id, request.target, request.referred_by, request.replaces
        )
        if not call.take_transfer_request(request):
            self._reception.transfer_requested(call, request)

    def call_answered(self, event: CallAnswered) -> None:
        """Note that our call was answered."""
        call = self._registry.find(event.session)
        if call is not None:
            call.headers = CallHeaders(event.response)
            self._operations.transfers.report(
                event.session, event.response.status_code, event.response.reason
            )
            call.mark_answered()
            self._reception.established(call)

    def call_confirmed(self, event: CallConfirmed) -> None:
        """Note that the ACK to our answer came."""
        call = self._registry.find(event.session)
        if call is not None:
            call.mark_answered()
            self._operations.relay.confirmed(event.session)
            self._reception.established(call)

    def call_ended(self, event: CallEnded) -> None:
        """Stop the audio, tell the call, forget it: exactly once for each call."""
        session_id = SessionId(event.session)
        call = self._registry.find(session_id)
        if call is None:
            self._media.close(session_id)
            return
        self._operations.relay.call_over(session_id)
        if event.response is not None:
            call.headers = CallHeaders(event.response)
        call.final_quality = self._media.quality_history(session_id)
        call.end = event.end  # first: whoever waits for audio is told why there is no more
        call.final_statistics = self._media.close(session_id)
        call.mark_ended(event.end)
        self._operations.changes.give_up(call.id, call.error)
        self._operations.transfers.call_over(call.id, event.end)
        self._operations.bridges.call_over(call.id)
        self._operations.groups.call_over(call)
        self._operations.links.call_over(call)
        self._registry.remove(call, failed=call.state is CallState.FAILED)
        self._reception.ended(call)
        self._operations.end_events(session_id)
