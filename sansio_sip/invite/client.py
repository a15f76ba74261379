"""The caller's side of a call (RFC 3261 §13.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog, build_standalone
from ..errors import LocalProtocolError, ProtocolError
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
from .descriptions import put_description
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Request, Response
    from ..sdp import LocalMedia
    from .leg import Leg

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
        fields = (*self.config.invite_fields, *extra)
        invite = build_standalone("INVITE", uri, from_, to, self.ids, fields)
        if media is not None and not late_offer:
            put_description(invite, self._first_offer.offer(media))
        self._acks = Acknowledger(self.outbound, self.config.max_forks)
        self._cause = ""
        self._legs = {}
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
            leg = self._confirmed_leg(response)
        except ProtocolError as error:  # not even an ACK can be sent; the callee gives up by itself
            self._cause = str(error)
            self._fire(InviteInput.TRANSPORT_FAILED)
            return
        answer = self._take_description(leg, response)
        self._acks.acknowledge(self._invite, leg.dialog, answer, self._now)
        self._fire(InviteInput.BAD_ANSWER if self._cause else InviteInput.SUCCESS, response)

    def _confirmed_leg(self, response: Response) -> Leg:
        leg = self._legs.get(response.to_tag)
        if leg is None:
            dialog = Dialog.from_response(self._invite, response)
            leg = self._new_leg(dialog)
        leg.confirm(response)
        leg.learn(response)
        self._register(leg.dialog.id)
        self.leg = leg
        return leg

    def _take_description(self, leg: Leg, response: Response) -> bytes:
        """Take the answer; or take the offer of a 2xx to an INVITE without one, and return our answer."""
        negotiation, first = leg.negotiation, leg.negotiation.agreed is None
        try:
            answer = leg.exchange(response, self._local_media)
            if first and negotiation.agreed is not None and negotiation.media is None and self._local_media:
                self._cause = "the offer has no stream that we can take"
        except ProtocolError as error:
            self._cause = str(error) or "the session description cannot be used"
            return b""
        finally:
            if first:
                negotiation.conclude()
        return answer

    def _leg_of(self, request: Request) -> Leg | None:
        if self.leg is not None and not self.leg.early:
            return super()._leg_of(request)
        return self._legs.get(request.from_tag)

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
