"""One call's signalling on either side: requests inside it, BYE, and its one end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..transaction import TransactionEvent, TransactionKey, TransactionTerminated
from .bye import ByeRequest
from .ends import LocallyClosed, RemoteBye
from .in_call import answer_in_call
from .modify import Modifier
from .modify_actions import Wish
from .offer_server import OfferServer
from .referring import ReferVerbs
from .reinvite_server import ReinviteServer
from .states import InviteInput

if TYPE_CHECKING:
    from ..message import Message, Request
    from ..sdp import LocalMedia
    from .leg import Leg

__all__ = ["InviteSession"]


_UNHEARD = Wish(None, heard=lambda _status, _response: None)


class InviteSession(ReferVerbs):
    """One call; `InviteClient` and `InviteServer` have the tables."""

    __slots__ = ()

    @property
    def call_id(self) -> str:
        """Call-ID of the call."""
        raise NotImplementedError

    def hang_up(self, now: float) -> None:
        """End the call as its state demands: CANCEL, BYE, a refusal, or ACK and then BYE."""
        self._clock(now)
        self._fire(InviteInput.HANG_UP)

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

    # Changing the session

    @property
    def local_media(self) -> LocalMedia:
        """Our side of the last agreement.

        Raises:
            LocalProtocolError: There is none.
        """
        media = self.negotiation.local_media
        if media is None:
            raise LocalProtocolError("the call has no media")
        return media

    def update_media(self, media: LocalMedia, now: float, *, late_offer: bool = False) -> None:
        """Change the media: by re-INVITE, before the answer by UPDATE, as soon as the dialog allows it.

        Args:
            media: What we can take from now on.
            now: Current time in seconds.
            late_offer: Whether the re-INVITE leaves the offer to the peer.

        Raises:
            LocalProtocolError: There is no dialog, the call is over, or a change is on its way.
        """
        self._modifier(now).want(Wish(media, late_offer), now)

    def refresh(self, wish: Wish, now: float) -> None:
        """Send a request that changes nothing, as a session timer needs it (RFC 4028 §7.4).

        Raises:
            LocalProtocolError: There is no dialog, the call is over, or a change is on its way.
        """
        self._modifier(now).want(wish, now)

    def refresh_session(self, now: float) -> bool:
        """Refresh the session for its timer; False when a change is on its way or the call is over."""
        try:
            self.refresh(_UNHEARD, now)
        except LocalProtocolError:
            return False
        return True

    def _modifier(self, now: float) -> Modifier:
        self._clock(now)
        if self.leg is None or self.over:
            raise LocalProtocolError(f"a call in {self.state.name} has no session to change")
        for concern in self.concerns:
            if isinstance(concern, Modifier) and concern.is_for(self.leg):
                return concern
        modifier = Modifier(self, self.leg, self._now)
        self.add_concern(modifier)
        return modifier

    def answer_offer(self, media: LocalMedia, now: float) -> None:
        """Accept the offer of an `OfferReceived` with what we can take.

        Raises:
            LocalProtocolError: There is none that waits.
            NegotiationError: The offer has nothing that we can take; it still waits.
        """
        self._waiting_offer(now).answer(media, now)

    def reject_offer(self, status_code: int, now: float) -> None:
        """Refuse the offer of an `OfferReceived`; the session stays as it was (RFC 3261 §14.2).

        Raises:
            LocalProtocolError: There is none that waits, or the status is none that refuses.
        """
        self._waiting_offer(now).reject(status_code, now)

    def _waiting_offer(self, now: float) -> OfferServer:
        self._clock(now)
        for concern in self.concerns:
            if isinstance(concern, OfferServer) and concern.waiting:
                return concern
        raise LocalProtocolError("no offer of the peer waits for an answer")

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
        if self.leg is None:
            raise LocalProtocolError("there is no dialog to send BYE in")
        ByeRequest(self, self.leg.dialog, self._bye_fields).send(self._now)

    def _end_locally(self, _message: Message | None = None) -> None:
        self._end(LocallyClosed())

    def _end_lost(self, _message: Message | None = None) -> None:
        self._end(self._lost)

    def _end_by_bye(self, message: Message | None) -> None:
        self._end(RemoteBye((message.get("reason") or "") if message is not None else ""))
