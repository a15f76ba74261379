"""The offer/answer state of one call (RFC 3264 §4, RFC 6337): who owes whom a description."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..sdp import apply_answer, build_sdp, make_answer, make_offer, parse_sdp

if TYPE_CHECKING:
    from ..message import Message
    from ..sdp import LocalMedia, NegotiatedMedia, SessionDescription

SDP_TYPE = "application/sdp"

__all__ = ["SDP_TYPE", "OfferAnswer", "OfferState", "description_of"]


@unique
class OfferState(IntEnum):
    """Whether an offer is open, and whose."""

    NONE = 0
    LOCAL_OFFER = 1
    REMOTE_OFFER = 2
    STABLE = 3


def description_of(message: Message) -> SessionDescription | None:
    """Return the session description in a message, ``None`` when it carries none.

    Raises:
        ParseError: The body claims to be a description and is not.
    """
    if not message.body or (message.content_type or SDP_TYPE) != SDP_TYPE:
        return None
    return parse_sdp(message.body)


class OfferAnswer:
    """Keeps the descriptions of a call and makes our side of them.

    Args:
        session_id: Number in the ``o=`` line, the same in every description of this call.
    """

    __slots__ = ("_local", "_local_media", "_remote", "_session_id", "_version", "media", "state")

    def __init__(self, session_id: int) -> None:
        self.state = OfferState.NONE
        self.media: NegotiatedMedia | None = None
        self._session_id = session_id
        self._version = 0
        self._local: SessionDescription | None = None
        self._remote: SessionDescription | None = None
        self._local_media: LocalMedia | None = None

    def offer(self, local: LocalMedia) -> bytes:
        """Make our offer.

        Raises:
            LocalProtocolError: An offer is open already (RFC 3264 §4).
        """
        if self.state in (OfferState.LOCAL_OFFER, OfferState.REMOTE_OFFER):
            raise LocalProtocolError(f"no offer can be made in {self.state.name}")
        self._version += 1
        self._local_media = local
        self._local = make_offer(local, session_id=self._session_id, version=self._version)
        self.state = OfferState.LOCAL_OFFER
        return build_sdp(self._local)

    def receive_offer(self, description: SessionDescription) -> None:
        """Take the peer's offer."""
        self._remote = description
        self.state = OfferState.REMOTE_OFFER

    def answer(self, local: LocalMedia) -> bytes:
        """Answer the peer's offer.

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """
        if self.state is not OfferState.REMOTE_OFFER or self._remote is None:
            raise LocalProtocolError(f"there is no offer to answer in {self.state.name}")
        answer, media = make_answer(
            self._remote, local, session_id=self._session_id, version=self._version + 1
        )
        self._version += 1
        self._local, self._local_media, self.media = answer, local, media
        self.state = OfferState.STABLE
        return build_sdp(answer)

    def receive_answer(self, description: SessionDescription) -> NegotiatedMedia:
        """Take the peer's answer to our offer; a later one replaces that of an early dialog.

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer.
        """
        if self._local is None or self._local_media is None:
            raise LocalProtocolError("there is no offer that this could answer")
        self.media = apply_answer(self._local, description, self._local_media)
        self._remote = description
        self.state = OfferState.STABLE
        return self.media

    @property
    def answerable(self) -> bool:
        """Whether the peer owes us an answer."""
        return self.state is OfferState.LOCAL_OFFER
