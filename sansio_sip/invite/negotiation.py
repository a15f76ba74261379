"""Who owes whom a description in one dialog, whoever makes them (RFC 3264 §4, RFC 6337)."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from .offer_state import OfferState
from .session_body import SessionBody

if TYPE_CHECKING:
    from ..message import Message
    from ..sdp import LocalMedia, NegotiatedMedia, SessionDescription
    from .agreement import Agreement

__all__ = ["Body", "Description", "Media", "Negotiation"]

Description: TypeAlias = "SessionDescription | SessionBody"
"""What the peer says."""

Media: TypeAlias = "LocalMedia | SessionBody"
"""What the user says."""

Body: TypeAlias = bytes | SessionBody
"""What goes into a message; empty for nothing."""

_Self = TypeVar("_Self", bound="Negotiation")


class Negotiation(ABC):
    """The offers and answers of one dialog.

    An open offer stands beside what was agreed before, which `rollback` brings back.

    Args:
        session_id: Number in the ``o=`` line of descriptions that are made here.

    Attributes:
        state: Whether an offer is open, and whose.
        media: What was agreed last, or what an early answer lets expect; ``None`` where bodies pass.
        agreed: The last agreement, ``None`` before the first, and where bodies pass.
        session_id: Number in the ``o=`` line.
        previewed: Whether we have said something in a response that may be lost.
        passes: Whether bodies pass as they are.
    """

    __slots__ = ("agreed", "media", "previewed", "session_id", "state")

    passes = False

    def __init__(self, session_id: int) -> None:
        self.state = OfferState.NONE
        self.media: NegotiatedMedia | None = None
        self.agreed: Agreement | None = None
        self.session_id = session_id
        self.previewed = False

    def fork(self: _Self) -> _Self:
        """Return an independent copy for one more dialog of the same INVITE (RFC 6337 §2.2)."""
        return copy.copy(self)

    @property
    def is_open(self) -> bool:
        """Whether an offer waits for its answer, so that no other can be made (RFC 3264 §4)."""
        return self.state is OfferState.LOCAL_OFFER or self.state is OfferState.REMOTE_OFFER

    @property
    def answerable(self) -> bool:
        """Whether the peer owes us an answer."""
        return self.state is OfferState.LOCAL_OFFER

    @property
    def must_answer(self) -> bool:
        """Whether we owe the peer an answer."""
        return self.state is OfferState.REMOTE_OFFER

    @property
    def begun(self) -> bool:
        """Whether there was an agreement."""
        return self.agreed is not None

    @property
    def local_media(self) -> LocalMedia | None:
        """Our side of the last agreement; ``None`` where bodies pass."""
        return None

    @property
    @abstractmethod
    def said(self) -> Media | None:
        """What we said last, for a refresh that changes nothing."""

    @property
    def peer_body(self) -> SessionBody | None:
        """What the peer said last, where bodies pass: its open offer, or its part of an agreement."""
        return None

    @property
    def open_body(self) -> SessionBody | None:
        """The open offer, where bodies pass."""
        return None

    @property
    def barren(self) -> bool:
        """Whether the last agreement left no stream."""
        return False

    @property
    def news(self) -> SessionBody | None:
        """What the peer said in the last step, where bodies pass."""
        return None

    @abstractmethod
    def read(self, message: Message) -> Description | None:
        """Return the description in a message.

        Raises:
            ParseError: The body claims to be a description and is not.
        """

    @abstractmethod
    def is_known(self, description: Description) -> bool:
        """Return whether this is the description that the peer gave last (RFC 3261 §14.2)."""

    @abstractmethod
    def offer(self, local: Media) -> Body:
        """Make our offer.

        Raises:
            LocalProtocolError: An offer is open already (RFC 3264 §4).
        """

    @abstractmethod
    def receive_answer(self, description: Description) -> object:
        """Take the peer's answer to our offer.

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer, which is still open.
        """

    @abstractmethod
    def receive_preview(self, description: Description) -> object:
        """Take what a response that may be lost says; the offer stays open (RFC 6337 §3.1.1).

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer.
        """

    @abstractmethod
    def receive_offer(self, description: Description) -> None:
        """Take the peer's offer."""

    @abstractmethod
    def answer(self, local: Media) -> Body:
        """Answer the peer's offer.

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """

    @abstractmethod
    def preview(self, local: Media) -> Body:
        """Answer in a response that may be lost: the offer stays open.

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """

    @abstractmethod
    def decline(self) -> Body:
        """Answer the peer's offer with every stream refused, where no status can (RFC 6337 §2.3).

        Raises:
            LocalProtocolError: No offer is open.
        """

    @abstractmethod
    def conclude(self) -> None:
        """The final message of an INVITE is through: an offer that it left open is settled.

        Some peers answer in an unreliable 183 only; a peer that never answers has no media.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Forget an offer that was refused: what was agreed before holds (RFC 3261 §14.1)."""
