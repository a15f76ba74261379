"""Which response of a callee has a session description, and whether it is reliable (RFC 3262, RFC 6337)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ProtocolError
from .offer_answer import OfferAnswer
from .offer_state import OfferState
from .passed_bodies import PassedBodies
from .reliable import ReliableResponses
from .session import InviteSession
from .session_body import SessionBody, put_description
from .states import InviteInput

if TYPE_CHECKING:
    from ..message import Request, Response
    from ..transaction import TransactionKey
    from .negotiation import Media

__all__ = ["ServerDescriptions"]


class ServerDescriptions(InviteSession):
    """Puts offers and answers into the responses to an INVITE."""

    __slots__ = ("_cause", "_cseq", "_key", "_known", "_request", "_required")

    _cause: str
    _key: TransactionKey
    _known: bool
    _required: bool
    _request: Request  # until the ACK comes: a call that is held needs no more than its number
    _cseq: int

    def _reliable(self) -> ReliableResponses:
        found = self.concern(ReliableResponses)
        if found is None:
            found = ReliableResponses(self, self._key, self._request, self._now)
            self.add_concern(found)
        return found

    def _read_reliability(self, invite: Request) -> None:
        """Note what the caller knows and demands.

        Raises:
            ParseError: Require or Supported cannot be read.
        """
        self._required = "100rel" in invite.require
        self._known = self._required or "100rel" in invite.supported

    def _choose_reliable(self, media: Media | None, wanted: bool | None) -> bool:
        required, known = self._required, self._known
        if wanted is None:
            return required or (known and media is not None and "100rel" in self.config.supported)
        if wanted and not known:
            raise LocalProtocolError("the caller does not know reliable provisional responses")
        if required and not wanted:
            raise LocalProtocolError("the caller demands reliable provisional responses")
        if wanted and media is None and self._owes_offer:
            raise LocalProtocolError("the first reliable response has to make the offer (RFC 3262 §5)")
        return wanted

    @property
    def _owes_offer(self) -> bool:
        """Whether the INVITE left the offer to us and it is not made yet."""
        return self.negotiation.state is OfferState.NONE

    @property
    def _exchange_begun(self) -> bool:
        """Whether the exchange of the INVITE needs nothing more from us; later ones are others."""
        return self.negotiation.begun or self.negotiation.answerable

    @property
    def _held_back(self) -> bool:
        """Whether a 2xx has to wait: for PRACK, or for the end of another exchange (RFC 3262 §5)."""
        reliable, negotiation = self.concern(ReliableResponses), self.negotiation
        if reliable is not None and reliable.describes:
            return True
        return negotiation.begun and negotiation.is_open

    def pass_bodies(self, now: float, *, passes: bool = True) -> None:
        """Let bodies pass through this call as they are, or no more; until something of ours is said.

        Args:
            now: Current time in seconds.
            passes: Whether they pass; else the call describes its own media, as it does by default.

        Raises:
            LocalProtocolError: Something is said already, or the call waits for no answer.
        """
        self._clock(now)
        before = self.negotiation
        if before.passes is passes:
            return
        if not self._allows(InviteInput.RING) or self._exchange_begun or before.previewed:
            raise LocalProtocolError("the caller has been told of media already")
        fresh = PassedBodies(before.session_id) if passes else OfferAnswer(before.session_id)
        offer = fresh.read(self._request)
        if offer is not None:
            fresh.receive_offer(offer)
        self.require_leg().negotiation = self._first_offer = fresh

    @property
    def knows_reliable(self) -> bool:
        """Whether the caller takes reliable provisional responses."""
        return self._known

    def passed_reliably(self, *, reliable: bool) -> bool:
        """Return whether a description goes into a reliable response, as it came in one or not."""
        return self._required or (reliable and self._known and "100rel" in self.config.supported)

    def _describe_early(self, response: Response, media: Media | None, *, reliable: bool) -> None:
        negotiation = self.negotiation
        if reliable:
            self._reliable().check_room()
        if media is None or self._exchange_begun:
            return
        media = self._placed(media)
        if negotiation.must_answer:
            put_description(response, negotiation.answer(media) if reliable else negotiation.preview(media))
            self._report_agreement()
        elif reliable:
            put_description(response, negotiation.offer(media))
        else:
            raise LocalProtocolError("an offer needs a reliable response (RFC 3261 §13.2.1)")

    def _describe(self, response: Response, media: Media | None) -> None:
        negotiation = self.negotiation
        if self._exchange_begun:
            return  # no response after the answer has a description (RFC 6337 §3.1.1)
        if media is None:
            negotiation.conclude()
        elif negotiation.must_answer:
            put_description(response, negotiation.answer(self._placed(media)))
        else:
            put_description(response, negotiation.offer(self._placed(media)))

    def _placed(self, media: Media) -> Media:
        """Return the media at the address that the caller can reach, by the way that our answers go."""
        if isinstance(media, SessionBody) or not media.any_interface:
            return media
        return media.at(self.outbound.own.host(self.outbound.layer.way_back(self._key)))

    def _report_agreement(self) -> None:
        self.report_media(self.require_leg())

    def _take_answer(self, ack: Request) -> bool:
        """Take the answer to the offer of our 2xx; False when it breaks the rules."""
        negotiation = self.negotiation
        if negotiation.begun:
            return True  # what is open now is another exchange
        try:
            answer = negotiation.read(ack) if negotiation.answerable else None
            if answer is not None:
                negotiation.receive_answer(answer)
                self._report_agreement()
        except ProtocolError as error:
            self._cause = str(error)
            return False
        finally:
            negotiation.conclude()
        return True
