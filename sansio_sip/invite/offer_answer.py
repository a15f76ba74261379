"""The offer/answer state of one dialog (RFC 3264 §4, RFC 6337): who owes whom a description."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..errors import LocalProtocolError
from ..sdp import apply_answer, build_sdp, decline_offer, make_answer, make_offer
from .agreement import Agreement
from .descriptions import description_of
from .negotiation import Negotiation
from .offer_state import OfferState
from .session_body import SessionBody

if TYPE_CHECKING:
    from ..message import Message
    from ..sdp import LocalMedia, NegotiatedMedia, SessionDescription
    from .negotiation import Description, Media

__all__ = ["OfferAnswer"]


def _own(local: Media) -> LocalMedia:
    if isinstance(local, SessionBody):
        raise LocalProtocolError("no body passes through this call: it describes media of its own")
    return local


def _read(description: Description) -> SessionDescription:
    return cast("SessionDescription", description)  # what `read` has returned


class OfferAnswer(Negotiation):
    """Keeps the descriptions of a dialog and makes our side of them; see `Negotiation`."""

    __slots__ = ("_answer", "_offer", "_offered", "_preview")

    def __init__(self, session_id: int) -> None:
        super().__init__(session_id)
        self._offer: SessionDescription | None = None  # the open offer, ours or the peer's
        self._offered: LocalMedia | None = None  # what ours was made of
        self._answer: Agreement | None = None  # given early, in a response that may be lost
        self._preview: SessionDescription | None = None  # the same from the peer

    @property
    def local_media(self) -> LocalMedia | None:
        """Our side of the last agreement."""
        return None if self.agreed is None else self.agreed.local

    @property
    def barren(self) -> bool:
        """Whether the last agreement left no stream."""
        return self.agreed is not None and self.media is None

    @property
    def said(self) -> LocalMedia | None:
        """What we said last, for a refresh that changes nothing."""
        return self.local_media

    def read(self, message: Message) -> SessionDescription | None:
        """Return the description in a message, or in a part of its body.

        Raises:
            ParseError: The body claims to be a description and is not.
        """
        return description_of(message)

    def is_known(self, description: Description) -> bool:
        """Return whether this is the description that the peer gave last (RFC 3261 §14.2)."""
        return self.agreed is not None and self.agreed.remote == description

    # Our offer

    def offer(self, local: Media) -> bytes:
        """Make our offer; its lines and payload types go on from the last agreement (RFC 3264 §8).

        Raises:
            LocalProtocolError: An offer is open already (RFC 3264 §4).
        """
        if self.is_open:
            raise LocalProtocolError(f"no offer can be made in {self.state.name}")
        agreed, ours = self.agreed, _own(local)
        previous = None if agreed is None else agreed.own
        ours = ours if agreed is None else agreed.placed(ours)
        made = make_offer(ours, session_id=self.session_id, version=self._next_version(), previous=previous)
        self._offer = made if agreed is None else agreed.unless_same(made)
        self._offered = ours
        self.state = OfferState.LOCAL_OFFER
        return build_sdp(self._offer)

    def receive_answer(self, description: Description) -> NegotiatedMedia:
        """Take the peer's answer to our offer.

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer, which is still open.
        """
        (offer, local), answer = self._own_offer(), _read(description)
        media = apply_answer(offer, answer, local)
        self._settle(Agreement(offer, answer, local, media))
        return media

    def receive_preview(self, description: Description) -> NegotiatedMedia:
        """Take what a response that may be lost says; the offer stays open (RFC 6337 §3.1.1).

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer.
        """
        (offer, local), answer = self._own_offer(), _read(description)
        self.media = apply_answer(offer, answer, local)
        self._preview = answer
        return self.media

    # The peer's offer

    def receive_offer(self, description: Description) -> None:
        """Take the peer's offer."""
        self._offer = _read(description)
        self._answer = None
        self.state = OfferState.REMOTE_OFFER

    def answer(self, local: Media) -> bytes:
        """Answer the peer's offer; an answer that was given early is the one (RFC 6337 §3.1.1).

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """
        answer = self._answer or self._make_answer(local)
        self._settle(answer)
        return build_sdp(answer.own)

    def preview(self, local: Media) -> bytes:
        """Answer in a response that may be lost: the offer stays open, the answer will be the same.

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """
        self._answer = self._answer or self._make_answer(local)
        self.previewed = True
        self.media = self._answer.media
        return build_sdp(self._answer.own)

    def decline(self) -> bytes:
        """Answer the peer's offer with every stream refused, where no status can (RFC 6337 §2.3).

        Raises:
            LocalProtocolError: No offer is open.
        """
        offer = self._peer_offer()
        made = decline_offer(offer, session_id=self.session_id, version=self._next_version())
        self._settle(Agreement(made, offer, self.local_media, None))
        return build_sdp(made)

    # The end of an exchange

    def conclude(self) -> None:
        """The final message of an INVITE is through: an offer that it left open is settled.

        Some peers answer in an unreliable 183 only; a peer that never answers has no media.
        """
        if self.state is OfferState.LOCAL_OFFER and self._preview is not None:
            self.receive_answer(self._preview)
        elif self.is_open:
            self.rollback()

    def rollback(self) -> None:
        """Forget an offer that was refused: what was agreed before holds (RFC 3261 §14.1)."""
        self._offer = self._offered = self._answer = self._preview = None
        if self.agreed is None:
            self.state, self.media = OfferState.NONE, None
        else:
            self.state, self.media = OfferState.STABLE, self.agreed.media

    def _settle(self, agreement: Agreement) -> None:
        self.agreed = agreement
        self.rollback()  # to this one

    def _next_version(self) -> int:
        return 1 if self.agreed is None else self.agreed.own.origin.version + 1

    def _make_answer(self, local: Media) -> Agreement:
        offer, agreed, ours = self._peer_offer(), self.agreed, _own(local)
        ours = ours if agreed is None else agreed.placed(ours)
        made, media = make_answer(offer, ours, session_id=self.session_id, version=self._next_version())
        return Agreement(made if agreed is None else agreed.unless_same(made), offer, ours, media)

    def _peer_offer(self) -> SessionDescription:
        if self.state is not OfferState.REMOTE_OFFER or self._offer is None:
            raise LocalProtocolError(f"there is no offer to answer in {self.state.name}")
        return self._offer

    def _own_offer(self) -> tuple[SessionDescription, LocalMedia]:
        if self.state is not OfferState.LOCAL_OFFER or self._offer is None or self._offered is None:
            raise LocalProtocolError("there is no offer that this could answer")
        return self._offer, self._offered
