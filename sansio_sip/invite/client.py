"""The caller's side of a call (RFC 3261 §13.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog, DialogState, build_standalone
from ..errors import ProtocolError
from ..message import Message, Response
from ..transaction import (
    FailureResponse,
    ProvisionalResponse,
    SuccessResponse,
    TransactionEvent,
    TransactionTimedOut,
    TransportFailed,
)
from .acks import Acknowledger
from .challenge import is_challenge
from .ends import Cancelled, Failed, Rejected, TimedOut, TransportLost
from .events import CallAnswered, CallProgress
from .offer_answer import SDP_TYPE, description_of
from .session import InviteSession
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..sdp import LocalMedia

__all__ = ["InviteClient"]


class InviteClient(InviteSession):
    """Calls somebody: INVITE, provisional answers, the answer, its ACK, or CANCEL.

    The first 2xx wins; each other branch of a fork gets ACK and BYE (§13.2.2.4).
    """

    __slots__ = ("_acks", "_cause", "_invite", "_local_media")

    def invite(
        self,
        uri: str,
        *,
        from_: str,
        to: str,
        media: LocalMedia | None,
        now: float,
        extra: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Send the INVITE.

        Args:
            uri: Request-URI.
            from_: From value without tag.
            to: To value.
            media: What to offer; ``None`` to leave the offer to the callee.
            now: Current time in seconds.
            extra: More header fields.
        """
        self._clock(now)
        self._acks = Acknowledger(self.outbound, self.config.max_forks)
        self._cause = ""
        self._local_media = media
        offer = b"" if media is None else self.negotiation.offer(media)
        fields = (*self.config.target_fields, *extra)
        self._invite = build_standalone("INVITE", uri, from_, to, self.ids, fields, SDP_TYPE, offer)
        self._fire(InviteInput.INVITE)

    @property
    def call_id(self) -> str:
        """Call-ID of the call."""
        return self._invite.call_id

    def _invite_event(self, event: TransactionEvent) -> None:
        match event:
            case ProvisionalResponse(_, response):
                if response.status_code > 100 or self.state is not InviteState.PROCEEDING:
                    self._fire(InviteInput.PROVISIONAL, response)
            case SuccessResponse(_, response):
                self._receive_success(response)
            case FailureResponse(_, response):
                self._receive_failure(response)
            case TransactionTimedOut():
                self._fire(InviteInput.TIMED_OUT)
            case TransportFailed(_, cause):
                self._cause = cause
                self._fire(InviteInput.TRANSPORT_FAILED)
            case _:
                return

    def _receive_success(self, response: Response) -> None:
        if self._acks:
            self._fire(InviteInput.REPEATED_SUCCESS, response)
            return
        try:
            self.dialog = self._confirmed_dialog(response)
            answer = self._take_description(response)
        except ProtocolError as error:
            self._cause = str(error)
            answer = b""
            if self.dialog is None:  # not even an ACK can be sent; the callee gives up by itself
                self._fire(InviteInput.TRANSPORT_FAILED)
                return
        self._acks.acknowledge(self._invite, self.dialog, answer, self._now)
        self._fire(InviteInput.BAD_ANSWER if self._cause else InviteInput.SUCCESS, response)

    def _confirmed_dialog(self, response: Response) -> Dialog:
        dialog = Dialog.from_response(self._invite, response)
        dialog.state = DialogState.CONFIRMED
        self._register(dialog)
        return dialog

    def _take_description(self, response: Response) -> bytes:
        """Take the answer, or answer the offer of a 2xx to an INVITE that had none."""
        description = description_of(response)
        if description is None:
            return b""
        if self._local_media is None or not self._invite.body:
            self.negotiation.receive_offer(description)
            return b"" if self._local_media is None else self.negotiation.answer(self._local_media)
        self.negotiation.receive_answer(description)
        return b""

    def _receive_failure(self, response: Response) -> None:
        retry = is_challenge(response) and self._allows(InviteInput.CHALLENGE)
        again = retry and self._answer_challenge(response)
        self._fire(InviteInput.CHALLENGE if again else InviteInput.FAILURE, response)

    def _answer_challenge(self, response: Response) -> bool:
        again = self._invite.copy()
        again.remove("via")
        again.set("CSeq", f"{self._invite.cseq.number + 1} INVITE")
        if not self.challenges.authorize(again, response):
            return False
        self._invite = again
        return True

    # What the rows of the table are made of

    def _send_invite(self, _message: Message | None = None) -> None:
        self._send(self._invite)

    def _send_cancel(self, _message: Message | None = None) -> None:
        self._open += 1
        self.outbound.cancel(self._invite, self, self._now)
        self._arm_expiry(InviteInput.CANCEL_EXPIRED, self.config.timers.timeout)

    def _withdraw(self, _message: Message | None = None) -> None:
        if self.outbound.withdraw(self._invite):  # still waits for the DNS: nobody knows of it
            self._open -= 1
            self.state = InviteState.TERMINATED

    def _drop_invite(self, _message: Message | None = None) -> None:
        self.outbound.layer.terminate(self.outbound.key(self._invite), self._now)

    def _report_progress(self, message: Message | None) -> None:
        if not isinstance(message, Response) or message.status_code == 100:
            return
        if message.to_tag and len(self._dialog_ids) < self.config.max_forks:
            self._register(Dialog.from_response(self._invite, message))
        status, reason = message.status_code, message.reason
        self.out.events.append(CallProgress(self.session, status, reason, message))
        self._take_early_media(message)

    def _take_early_media(self, message: Message) -> None:
        try:
            description = description_of(message)
            if description is not None and self._invite.body:
                self.negotiation.receive_answer(description)
                self._emit_media(early=True)
        except ProtocolError:
            return  # the final answer decides; early media is an extra

    def _report_answer(self, message: Message | None) -> None:
        if isinstance(message, Response):
            self._emit_media(early=False)
            self.out.events.append(CallAnswered(self.session, message))

    def _end_bad_answer(self, _message: Message | None = None) -> None:
        self._end(Failed(self._cause))

    def _acknowledge_again(self, message: Message | None) -> None:
        """Repeat the ACK for a repeated 2xx; a 2xx of another branch gets ACK and BYE."""
        if not isinstance(message, Response) or self._acks.repeat(message, self._now):
            return
        dialog = self._acks.new_branch(self._invite, message, self._now)
        if dialog is not None:
            self._open += 1
            self.outbound.send(dialog.request("BYE"), self, self._now, dialog.next_hop)

    def _end_cancelled(self, _message: Message | None = None) -> None:
        self._end(Cancelled())

    def _end_rejected(self, message: Message | None) -> None:
        if isinstance(message, Response):
            self._end(Rejected(message.status_code, message.reason), message)

    def _end_timed_out(self, _message: Message | None = None) -> None:
        self._end(TimedOut())

    def _end_unreachable(self, _message: Message | None = None) -> None:
        self._end(TransportLost(self._cause))
