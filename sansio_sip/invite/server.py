"""The callee's side of a call (RFC 3261 §13.3, §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog
from ..errors import LocalProtocolError
from .descriptions import description_of
from .events import IncomingCall
from .leg import Leg
from .replaces import UNRELATED, Relation
from .server_table import ServerTable
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Request
    from ..transaction import TransactionKey
    from .negotiation import Media

__all__ = ["InviteServer"]


class InviteServer(ServerTable):
    """Is called by somebody: rings, answers or refuses, and repeats its 2xx until the ACK."""

    __slots__ = ("relation",)

    def receive_invite(
        self,
        key: TransactionKey,
        request: Request,
        now: float,
        relation: Relation = UNRELATED,
        username: str = "",
    ) -> None:
        """Take the INVITE that opens the call.

        Args:
            key: Its transaction.
            request: The INVITE.
            now: Current time in seconds.
            relation: The call that ends when this one is answered, or that it is to be added to.
            username: Whose password the caller knows, empty when nobody asked.

        Raises:
            RemoteProtocolError: It cannot be answered: no Contact, or a body that is no description.
        """
        self._clock(now)
        local_tag = self.ids.tag()
        dialog = Dialog.from_request(request, local_tag)
        offer = description_of(request)
        leg = Leg(dialog, self._first_offer, owner=False, packages=self.config.info_packages)
        if offer is not None:
            leg.negotiation.receive_offer(offer)
        leg.learn(request)
        leg.learn_packages(request)
        self._read_reliability(request)
        self.local_tag = local_tag
        self.call_id = request.call_id
        self.leg = leg
        self._cause = ""
        self._key = key
        self._request = request
        self._cseq = request.cseq.number
        self._response = None
        self._ring_reliable = False
        self._register(dialog.id)
        self._fire(InviteInput.INVITE)
        self.relation = relation
        self.out.events.append(IncomingCall(self.session, request, offer, *relation.sessions, username))

    @property
    def key(self) -> TransactionKey:
        """The INVITE server transaction."""
        return self._key

    def ring(
        self,
        now: float,
        status_code: int = 180,
        *,
        media: Media | None = None,
        reliable: bool | None = None,
        extra: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Send a provisional response, 180 by default; it is repeated every minute.

        Args:
            now: Current time in seconds.
            status_code: 101 to 199.
            media: What we can take: early media. Once it is told reliably it is the answer to the INVITE,
                or the offer when the INVITE had none.
            reliable: Whether PRACK has to acknowledge it (RFC 3262). By default when the caller demands
                it, and with ``media`` when the caller knows it.
            extra: More header fields.

        Raises:
            LocalProtocolError: The call is not waiting for an answer any more, the caller does not know
                reliable responses, or it has to and the response is none.
            NegotiationError: The offer has nothing that we can take; the call still waits.
        """
        self._clock(now)
        if not 101 <= status_code <= 199:
            raise LocalProtocolError(f"{status_code} is no provisional status that can be sent here")
        self._must_allow(InviteInput.RING)
        chosen = self._choose_reliable(media, reliable)
        packages = self.config.info_fields(self._request) if chosen else ()
        response = self._build(status_code, (*extra, *packages))
        self._describe_early(response, media, reliable=chosen)
        # A caller that insists on PRACK and left the offer to us hears nothing before there is one.
        silent = chosen and reliable is None and self._owes_offer
        self._response = None if silent else response
        self._ring_reliable = chosen
        self._fire(InviteInput.RING)

    def answer(self, media: Media | None, now: float, extra: Iterable[tuple[str, str]] = ()) -> None:
        """Accept the call with a 200.

        Args:
            media: What we can take; the answer, or the offer when the INVITE had none.
            now: Current time in seconds.
            extra: More header fields.

        Raises:
            LocalProtocolError: The call is not waiting for an answer any more, or a value cannot
                stand in a message.
            NegotiationError: The offer has nothing that we can take; the call still waits.
        """
        self._clock(now)
        self._must_allow(InviteInput.ANSWER)
        # First what may refuse a bad field: afterwards an offer would be used up.
        timer = self.answer_timer(self._request, self._now)
        response = self._build(200, (*self.config.answer_to(self._request), *timer, *extra))
        held = self._held_back
        self._describe(response, media)
        self._response = response
        self._fire(InviteInput.HOLD_BACK if held else InviteInput.ANSWER)
        self._take_over()

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
        self._must_allow(InviteInput.REJECT)
        self._response = self._build(status_code, extra, reason=reason)
        self._fire(InviteInput.REJECT)

    def _must_allow(self, what: InviteInput) -> None:
        if not self._allows(what):
            raise LocalProtocolError(f"{what.name} is not possible for a call in {self.state.name}")

    def settled(self, now: float) -> None:
        """Send the 2xx that was held back, if nothing is in its way any more."""
        super().settled(now)
        if self.state is InviteState.HELD and not self._held_back:
            self._fire(InviteInput.READY)
            self._take_over()

    def _take_over(self) -> None:
        if self.relation is not UNRELATED and self.state is InviteState.ACCEPTED:
            self.relation.take_over(self.session)

    def receive_cancel(self, invite: TransactionKey, now: float) -> None:
        """Take the CANCEL of the INVITE or of a re-INVITE, already answered itself (§9.2)."""
        super().receive_cancel(invite, now)
        if invite == self._key:
            self._fire(InviteInput.CANCEL_RECEIVED)

    def receive_ack(self, ack: Request, now: float) -> None:
        """Take an ACK in the dialog; one for another INVITE is ignored."""
        self._clock(now)
        if ack.cseq.number != self._cseq:
            super().receive_ack(ack, now)
        else:
            good = self.state is not InviteState.ACCEPTED or self._take_answer(ack)
            self._fire(InviteInput.ACK_RECEIVED if good else InviteInput.BAD_ANSWER, ack)
