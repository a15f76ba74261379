"""The caller's side of a call (RFC 3261 §13.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog, DialogState, build_standalone
from ..errors import LocalProtocolError, ProtocolError
from ..message import Response
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
from .client_table import ClientTable
from .offer_answer import SDP_TYPE, description_of
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..sdp import LocalMedia

__all__ = ["InviteClient"]


class InviteClient(ClientTable):
    """Calls somebody: INVITE, provisional answers, the answer, its ACK, or CANCEL.

    The first 2xx wins; each other branch of a fork gets ACK and BYE (§13.2.2.4).
    """

    __slots__ = ()

    def invite(
        self,
        uri: str,
        *,
        from_: str,
        to: str,
        media: LocalMedia | None,
        now: float,
        extra: Iterable[tuple[str, str]] = (),
        late_offer: bool = False,
    ) -> None:
        """Send the INVITE.

        Args:
            uri: Request-URI.
            from_: From value without tag.
            to: To value.
            media: What to offer; ``None`` for a call without media.
            now: Current time in seconds.
            extra: More header fields.
            late_offer: Whether the callee makes the offer, in its 2xx; ``media`` answers it.

        Raises:
            LocalProtocolError: The call was made already, or a value cannot stand in a message.
        """
        self._clock(now)
        if not self._allows(InviteInput.INVITE):
            raise LocalProtocolError(f"a call in {self.state.name} cannot be made again")
        invite = build_standalone("INVITE", uri, from_, to, self.ids, (*self.config.target_fields, *extra))
        if media is not None and not late_offer:
            invite.body = self.negotiation.offer(media)
            invite.add("Content-Type", SDP_TYPE)
        self._acks = Acknowledger(self.outbound, self.config.max_forks)
        self._cause = ""
        self._local_media = media
        self._invite = invite
        self._fire(InviteInput.INVITE)

    @property
    def call_id(self) -> str:
        """Call-ID of the call."""
        return self._invite.call_id

    def _invite_event(self, event: TransactionEvent) -> None:
        match event:
            case ProvisionalResponse(key, response) if key == self._current:
                if response.status_code > 100 or self.state is not InviteState.PROCEEDING:
                    self._fire(InviteInput.PROVISIONAL, response)
            case SuccessResponse(key, response) if key == self._current:
                self._receive_success(response)
            case FailureResponse(key, response) if key == self._current:
                self._receive_failure(response)
            case TransactionTimedOut(key) if key == self._current:
                self._fire(InviteInput.TIMED_OUT)
            case TransportFailed(key, cause) if key == self._current:
                self._cause = cause
                self._fire(InviteInput.TRANSPORT_FAILED)
            case _:
                return  # of the CANCEL, or of an INVITE that was challenged and sent again

    @property
    def _current(self) -> tuple[str | int, ...]:
        return self.outbound.key(self._invite)

    def _receive_success(self, response: Response) -> None:
        if self._acks:
            self._fire(InviteInput.REPEATED_SUCCESS, response)
            return
        try:
            dialog = self._confirmed_dialog(response)
        except ProtocolError as error:  # not even an ACK can be sent; the callee gives up by itself
            self._cause = str(error)
            self._fire(InviteInput.TRANSPORT_FAILED)
            return
        answer = self._take_description(response)
        self._acks.acknowledge(self._invite, dialog, answer, self._now)
        self._fire(InviteInput.BAD_ANSWER if self._cause else InviteInput.SUCCESS, response)

    def _confirmed_dialog(self, response: Response) -> Dialog:
        dialog = Dialog.from_response(self._invite, response)
        dialog.state = DialogState.CONFIRMED
        self._register(dialog.id)
        self.dialog = dialog
        return dialog

    def _take_description(self, response: Response) -> bytes:
        """Take the answer; or take the offer of a 2xx to an INVITE without one, and return our answer."""
        media = self._local_media
        try:
            description = description_of(response)
            if description is None:
                return b""
            if self._invite.body:
                self.negotiation.receive_answer(description)
                return b""
            self.negotiation.receive_offer(description)
            return b"" if media is None else self.negotiation.answer(media)
        except ProtocolError as error:
            self._cause = str(error) or "the session description cannot be used"
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
