"""Offers and answers that are made elsewhere and pass as they are: what is held is who may speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ParseError
from ..sdp import build_sdp, decline_offer, parse_sdp
from .descriptions import SDP_TYPE
from .negotiation import Negotiation
from .offer_state import OfferState
from .session_body import SessionBody, body_of

if TYPE_CHECKING:
    from ..message import Message
    from .negotiation import Body, Description, Media

__all__ = ["PassedBodies"]

_NOTHING = SessionBody(b"")


def _as_body(value: Media | Description) -> SessionBody:
    if not isinstance(value, SessionBody):
        raise LocalProtocolError("bodies pass through this call: it describes no media of its own")
    return value


class PassedBodies(Negotiation):
    """Keeps who owes whom a description, and the last ones; see `Negotiation`.

    What is said is not looked into: whether an answer fits its offer is for those to judge who made them.
    """

    __slots__ = ("_news", "_offer", "_peer", "_preview", "_said")

    passes = True

    def __init__(self, session_id: int) -> None:
        super().__init__(session_id)
        self._said: SessionBody | None = None
        self._peer: SessionBody | None = None
        self._offer: SessionBody | None = None  # the open one, ours or the peer's
        self._preview: SessionBody | None = None  # the peer's answer in a response that may be lost
        self._news: SessionBody | None = None

    @property
    def begun(self) -> bool:
        """Whether there was an agreement."""
        return self._said is not None

    @property
    def said(self) -> SessionBody | None:
        """What we said last, for a refresh that changes nothing."""
        return self._said

    @property
    def peer_body(self) -> SessionBody | None:
        """What the peer said last: its open offer, what it answered early, or its part of an agreement."""
        return self._offer if self.must_answer else self._preview or self._peer

    @property
    def open_body(self) -> SessionBody | None:
        """The open offer."""
        return self._offer

    @property
    def news(self) -> SessionBody | None:
        """What the peer said in the last step; none after one of ours."""
        return self._news

    def read(self, message: Message) -> SessionBody | None:
        """Return the body of a message that has a description.

        Raises:
            ParseError: A body of several parts cannot be read.
        """
        return body_of(message)

    def is_known(self, description: Description) -> bool:
        """Return whether the peer said the same last."""
        return description == self._peer

    # Our offer

    def offer(self, local: Media) -> SessionBody:
        """Make our offer.

        Raises:
            LocalProtocolError: An offer is open already, or this is none that was made elsewhere.
        """
        if self.is_open:
            raise LocalProtocolError(f"no offer can be made in {self.state.name}")
        self._offer = _as_body(local)
        self._news = None
        self.state = OfferState.LOCAL_OFFER
        return self._offer

    def receive_answer(self, description: Description) -> None:
        """Take the peer's answer to our offer.

        Raises:
            LocalProtocolError: We made no offer.
        """
        self._settle(self._open(OfferState.LOCAL_OFFER), _as_body(description))
        self._news = self._peer

    def receive_preview(self, description: Description) -> None:
        """Take what a response that may be lost says; the offer stays open.

        Raises:
            LocalProtocolError: We made no offer.
        """
        self._open(OfferState.LOCAL_OFFER)
        self._preview = self._news = _as_body(description)

    # The peer's offer

    def receive_offer(self, description: Description) -> None:
        """Take the peer's offer."""
        self._offer = _as_body(description)
        self._news = None
        self.state = OfferState.REMOTE_OFFER

    def answer(self, local: Media) -> SessionBody:
        """Answer the peer's offer; what was said early does not bind who said it to us.

        Raises:
            LocalProtocolError: No offer is open, or this is none that was made elsewhere.
        """
        offer, answer = self._open(OfferState.REMOTE_OFFER), _as_body(local)
        self._settle(answer, offer)
        return answer

    def preview(self, local: Media) -> SessionBody:
        """Answer in a response that may be lost: the offer stays open.

        Raises:
            LocalProtocolError: No offer is open, or this is none that was made elsewhere.
        """
        self._open(OfferState.REMOTE_OFFER)
        body, self.previewed = _as_body(local), True
        return body

    def decline(self) -> Body:
        """Answer the peer's offer with every stream refused; nothing where it cannot be read.

        Raises:
            LocalProtocolError: No offer is open.
        """
        offer, answer = self._open(OfferState.REMOTE_OFFER), _NOTHING
        if offer.content_type == SDP_TYPE:
            try:
                read = parse_sdp(offer.content)
                declined = decline_offer(read, session_id=self.session_id, version=1)
                answer = SessionBody(build_sdp(declined))
            except ParseError:
                answer = _NOTHING
        self._settle(answer, offer)
        return answer if answer.content else b""

    # The end of an exchange

    def conclude(self) -> None:
        """The final message of an INVITE is through: what was said early is the answer."""
        if self.state is OfferState.LOCAL_OFFER and self._preview is not None:
            self.receive_answer(self._preview)
        elif self.is_open:
            self.rollback()

    def rollback(self) -> None:
        """Forget an offer that was refused: what was agreed before holds."""
        self._offer = self._preview = self._news = None
        self.state = OfferState.NONE if self._said is None else OfferState.STABLE

    def _settle(self, said: SessionBody, peer: SessionBody) -> None:
        self._said, self._peer = said, peer
        self.rollback()  # to these

    def _open(self, state: OfferState) -> SessionBody:
        if self.state is not state or self._offer is None:
            raise LocalProtocolError(f"there is no offer that this could answer in {self.state.name}")
        return self._offer
