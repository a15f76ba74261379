"""The callee's side of a call (RFC 3261 §13.3, §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog, DialogState
from ..errors import LocalProtocolError, ProtocolError
from ..message import Message, Request, Response, build_response, reason_phrase
from .ends import Cancelled, Failed, Rejected, TimedOut
from .events import CallConfirmed, IncomingCall
from .offer_answer import SDP_TYPE, OfferState, description_of
from .session import InviteSession
from .states import InviteInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..sdp import LocalMedia
    from ..transaction import TransactionKey

__all__ = ["InviteServer"]


class InviteServer(InviteSession):
    """Is called by somebody: rings, answers or refuses, and repeats its 2xx until the ACK."""

    __slots__ = ("_cause", "_interval", "_key", "_request", "_response", "local_tag")

    def receive_invite(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take the INVITE that opens the call.

        Raises:
            RemoteProtocolError: It cannot be answered: no Contact, or a body that is no description.
        """
        self._clock(now)
        self.local_tag = self.ids.tag()
        self.dialog = Dialog.from_request(request, self.local_tag)
        offer = description_of(request)
        if offer is not None:
            self.negotiation.receive_offer(offer)
        self._cause = ""
        self._key = key
        self._request = request
        self._response: Response | None = None
        self._interval = self.config.timers.t1
        self._register(self.dialog)
        self._fire(InviteInput.INVITE)
        self.out.events.append(IncomingCall(self.session, request, offer))

    @property
    def key(self) -> TransactionKey:
        """The INVITE server transaction."""
        return self._key

    @property
    def call_id(self) -> str:
        """Call-ID of the call."""
        return self._request.call_id

    def ring(self, now: float, status_code: int = 180) -> None:
        """Send a provisional response, 180 by default.

        Raises:
            LocalProtocolError: The call is not waiting for an answer any more.
        """
        self._clock(now)
        if not 101 <= status_code <= 199:
            raise LocalProtocolError(f"{status_code} is no provisional status that can be sent here")
        self._response = self._build(status_code)
        self._fire(InviteInput.RING)

    def answer(self, media: LocalMedia | None, now: float, extra: Iterable[tuple[str, str]] = ()) -> None:
        """Accept the call with a 200.

        Args:
            media: What we can take; the answer, or the offer when the INVITE had none.
            now: Current time in seconds.
            extra: More header fields.

        Raises:
            LocalProtocolError: The call is not waiting for an answer any more.
            NegotiationError: The offer has nothing that we can take; the call still waits.
        """
        self._clock(now)
        if not self._allows(InviteInput.ANSWER):
            raise LocalProtocolError(f"a call in {self.state.name} cannot be answered")
        body = b""
        if media is not None:
            waiting = self.negotiation.state is OfferState.REMOTE_OFFER
            body = self.negotiation.answer(media) if waiting else self.negotiation.offer(media)
        self._response = self._build(200, (*self.config.target_fields, *extra), body)
        self._fire(InviteInput.ANSWER)

    def reject(
        self, status_code: int, now: float, reason: str = "", extra: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Refuse the call with a final status of 300 or more.

        Raises:
            LocalProtocolError: The status is none that refuses, or the call waits no more.
        """
        self._clock(now)
        if not 300 <= status_code <= 699:
            raise LocalProtocolError(f"{status_code} is no status that refuses a call")
        self._response = self._build(status_code, extra, reason=reason)
        self._fire(InviteInput.REJECT)

    def receive_cancel(self, now: float) -> None:
        """Take the CANCEL of the INVITE, already answered itself (§9.2)."""
        self._clock(now)
        self._fire(InviteInput.CANCEL_RECEIVED)

    def receive_ack(self, ack: Request, now: float) -> None:
        """Take an ACK in the dialog; one for another INVITE is ignored."""
        self._clock(now)
        if ack.cseq.number == self._request.cseq.number:
            good = self._take_answer(ack)
            self._fire(InviteInput.ACK_RECEIVED if good else InviteInput.BAD_ANSWER, ack)

    def _take_answer(self, ack: Request) -> bool:
        """Take the answer to the offer of our 2xx; False when it breaks the rules."""
        try:
            answer = description_of(ack) if self.negotiation.answerable else None
            if answer is not None:
                self.negotiation.receive_answer(answer)
                self._emit_media(early=False)
        except ProtocolError as error:
            self._cause = str(error)
            return False
        return True

    def _build(
        self,
        status_code: int,
        extra: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        reason: str = "",
    ) -> Response:
        if status_code < 200:
            extra = (("Contact", self.config.contact), *extra)
        return build_response(
            self._request,
            status_code,
            reason or None,
            to_tag=self.local_tag,
            extra=extra,
            content_type=SDP_TYPE if body else None,
            body=body,
        )

    # What the rows of the table are made of

    def _respond(self, _message: Message | None = None) -> None:
        if self._response is not None:
            self.outbound.layer.respond(self._key, self._response, self._now)

    def _arm_acceptance(self, _message: Message | None = None) -> None:
        if self.dialog is not None:
            self.dialog.state = DialogState.CONFIRMED
        self._arm_repeat(InviteInput.REPEAT_DUE, self._interval)
        self._arm_expiry(InviteInput.ACK_EXPIRED, self.config.timers.timeout)
        if self.negotiation.media is not None:
            self._emit_media(early=False)

    def _repeat(self, _message: Message | None = None) -> None:
        self._respond()
        self._interval = min(2 * self._interval, self.config.timers.t2)
        self._arm_repeat(InviteInput.REPEAT_DUE, self._interval)

    def _confirm(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._response = None
        self.out.events.append(CallConfirmed(self.session))

    def _refuse(self, status_code: int) -> None:
        self._response = self._build(status_code)
        self._respond()

    def _refuse_487(self, _message: Message | None = None) -> None:
        self._refuse(487)

    def _refuse_480(self, _message: Message | None = None) -> None:
        self._refuse(480)

    def _end_rejected(self, _message: Message | None = None) -> None:
        if self._response is not None:
            status = self._response.status_code
            self._end(Rejected(status, self._response.reason or reason_phrase(status), by_remote=False))

    def _end_cancelled(self, _message: Message | None = None) -> None:
        self._end(Cancelled(by_remote=True))

    def _end_no_ack(self, _message: Message | None = None) -> None:
        self._end(TimedOut("ACK"))

    def _end_bad_answer(self, _message: Message | None = None) -> None:
        self._end(Failed(self._cause))
