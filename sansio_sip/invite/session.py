"""One call's signalling on either side: requests inside it, BYE, and its one end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteProtocolError
from ..headers import Reason
from ..transaction import TransactionEvent, TransactionKey, TransactionTerminated
from .bye import ByeRequest
from .changing import ChangeVerbs
from .ends import LocallyClosed, RemoteBye, TimedOut
from .in_call import answer_in_call
from .offer_in_response import OfferInResponse
from .recovery import DialogRecovery
from .reinvite_server import ReinviteServer
from .states import InviteInput

if TYPE_CHECKING:
    from ..message import Message, Request
    from .leg import Leg

__all__ = ["InviteSession"]


class InviteSession(ChangeVerbs):
    """One call; `InviteClient` and `InviteServer` have the tables."""

    __slots__ = ()

    def hang_up(self, now: float) -> None:
        """End the call as its state demands: CANCEL, BYE, a refusal, or ACK and then BYE."""
        self._clock(now)
        self._fire(InviteInput.HANG_UP)

    def lose_media(self, now: float) -> None:
        """End the call because nothing is heard of the peer any more; the BYE says so (RFC 3326)."""
        self._clock(now)
        reason = Reason("SIP", 408, "Media timeout")
        self.lose(TimedOut("media"), (("Reason", str(reason)),))

    def close(self, now: float) -> None:
        """Hang up, and end what would outlive the call; may be called again without effect."""
        self.hang_up(now)
        self.close_transfers(now)

    # Requests inside the dialog

    def receive_request(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request inside a dialog of this call (RFC 3261 §12.2.2)."""
        self._clock(now)
        bye = request.method == "BYE"
        leg = self._leg_of(request)
        if leg is None:
            # A branch of the fork that lost the race: its end is not the end of the call.
            self.respond(key, request, 200 if bye else 481)
            return
        try:
            leg.dialog.receive_request(request)
        except RemoteProtocolError as error:
            self.respond(key, request, error.status_hint)
            return
        recovery = self.concern(DialogRecovery)
        if recovery is not None:
            recovery.heard(now)
        if bye:
            self.respond(key, request, 200)
            self._fire(InviteInput.BYE_RECEIVED, request)
            return
        leg.learn(request)
        answer_in_call(self, leg, key, request)

    def _leg_of(self, request: Request) -> Leg | None:
        """Return the leg that a request came on, ``None`` for one that is not ours any more."""
        leg = self.leg
        return leg if leg is not None and request.from_tag == leg.dialog.remote_tag else None

    def receive_ack(self, ack: Request, now: float) -> None:
        """Take an ACK for a 2xx of ours in the dialog; one for another INVITE is ignored."""
        self._clock(now)
        for concern in self.concerns:
            if isinstance(concern, ReinviteServer) and concern.cseq == ack.cseq.number:
                concern.receive_ack(ack, now)

    def receive_cancel(self, invite: TransactionKey, now: float) -> None:
        """Take the CANCEL of an INVITE of the peer, already answered itself (§9.2)."""
        self._clock(now)
        for concern in self.concerns:
            if isinstance(concern, ReinviteServer) and concern.key == invite:
                concern.receive_cancel(now)

    # Own transactions

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of the INVITE or CANCEL transaction of this call."""
        self._clock(now)
        if isinstance(event, TransactionTerminated):
            self.transaction_ended()
        self._invite_event(event)

    def _invite_event(self, event: TransactionEvent) -> None:
        """Take an event of the INVITE transaction; only a caller has one."""

    # What the rows of the tables are made of

    def _send_bye(self, _message: Message | None = None) -> None:
        for concern in self.concerns:
            if isinstance(concern, OfferInResponse):
                concern.call_over(self._now)  # the ACK comes first
        ByeRequest(self, self.require_leg().dialog, self._bye_fields).send(self._now)

    def _end_locally(self, _message: Message | None = None) -> None:
        self._end(LocallyClosed())

    def _end_lost(self, _message: Message | None = None) -> None:
        self._end(self._lost)

    def _end_by_bye(self, message: Message | None) -> None:
        self._end(RemoteBye((message.get("reason") or "") if message is not None else ""))
