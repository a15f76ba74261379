"""The offer/answer state of one dialog (RFC 3264 §4, RFC 6337): who owes whom a description."""

from __future__ import annotations

import copy
from enum import IntEnum, unique
from typing import TYPE_CHECKING, NamedTuple

import attrs

from ..errors import LocalProtocolError
from ..sdp import apply_answer, build_sdp, make_answer, make_offer

if TYPE_CHECKING:
    from ..sdp import LocalMedia, NegotiatedMedia, SessionDescription

__all__ = ["OfferAnswer", "OfferState"]


@unique
class OfferState(IntEnum):
    """Whether an offer is open, and whose."""

    NONE = 0
    LOCAL_OFFER = 1
    REMOTE_OFFER = 2
    STABLE = 3


class _Answer(NamedTuple):
    description: SessionDescription
    media: NegotiatedMedia
    local: LocalMedia


class OfferAnswer:
    """Keeps the descriptions of a dialog and makes our side of them.

    An open offer stands beside what was agreed before, which `rollback` brings back.

    Args:
        session_id: Number in the ``o=`` line, the same in every description of this dialog.

    Attributes:
        state: Whether an offer is open, and whose.
        media: What was agreed last, or what an early answer lets expect.
        local_media: Our side of the last agreement.
        offered: Our side of our open offer.
    """

    # fmt: off
    __slots__ = ("_answer", "_local", "_open", "_preview", "_session_id", "_version", "local_media", "media",
                 "offered", "state")
    # fmt: on

    def __init__(self, session_id: int) -> None:
        self.state = OfferState.NONE
        self.media: NegotiatedMedia | None = None
        self.local_media: LocalMedia | None = None
        self.offered: LocalMedia | None = None
        self._session_id = session_id
        self._version = 0
        self._local: SessionDescription | None = None  # our side of the last agreement
        self._open: SessionDescription | None = None  # the open offer, ours or the peer's
        self._answer: _Answer | None = None  # given early, in a response that may be lost
        self._preview: SessionDescription | None = None  # the same from the peer

    def fork(self) -> OfferAnswer:
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

    def offer(self, local: LocalMedia) -> bytes:
        """Make our offer; its lines and payload types go on from the last agreement (RFC 3264 §8).

        Raises:
            LocalProtocolError: An offer is open already (RFC 3264 §4).
        """
        if self.is_open:
            raise LocalProtocolError(f"no offer can be made in {self.state.name}")
        made = make_offer(local, session_id=self._session_id, version=self._version + 1, previous=self._local)
        self._open = self._unless_same(made)
        self.offered = local
        self.state = OfferState.LOCAL_OFFER
        return build_sdp(self._open)

    def receive_offer(self, description: SessionDescription) -> None:
        """Take the peer's offer."""
        self._open = description
        self._answer = None
        self.state = OfferState.REMOTE_OFFER

    def answer(self, local: LocalMedia) -> bytes:
        """Answer the peer's offer; an answer that was given early is the one (RFC 6337 §3.1.1).

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """
        answer = self._answer or self._make_answer(local)
        self._settle(answer.description, answer.local, answer.media)
        return build_sdp(answer.description)

    def preview(self, local: LocalMedia) -> bytes:
        """Answer in a response that may be lost: the offer stays open, the answer will be the same.

        Raises:
            LocalProtocolError: No offer is open.
            NegotiationError: The offer has nothing that we can take.
        """
        self._answer = self._answer or self._make_answer(local)
        self.media = self._answer.media
        return build_sdp(self._answer.description)

    def _make_answer(self, local: LocalMedia) -> _Answer:
        if self.state is not OfferState.REMOTE_OFFER or self._open is None:
            raise LocalProtocolError(f"there is no offer to answer in {self.state.name}")
        made, media = make_answer(self._open, local, session_id=self._session_id, version=self._version + 1)
        return _Answer(self._unless_same(made), media, local)

    def receive_answer(self, description: SessionDescription) -> NegotiatedMedia:
        """Take the peer's answer to our offer.

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer, which is still open.
        """
        offer, local = self._own_offer()
        media = apply_answer(offer, description, local)
        self._settle(offer, local, media)
        return media

    def receive_preview(self, description: SessionDescription) -> NegotiatedMedia:
        """Take what a response that may be lost says; the offer stays open (RFC 6337 §3.1.1).

        Raises:
            LocalProtocolError: We made no offer.
            NegotiationError: The answer does not fit the offer.
        """
        offer, local = self._own_offer()
        self.media = apply_answer(offer, description, local)
        self._preview = description
        return self.media

    def conclude(self) -> None:
        """The final message of an INVITE is through: an offer that it left open is settled.

        Some peers answer in an unreliable 183 only; a peer that never answers has no media.
        """
        if self.state is OfferState.LOCAL_OFFER and self._preview is not None:
            self.receive_answer(self._preview)
        elif self.is_open:
            self.rollback()

    def _own_offer(self) -> tuple[SessionDescription, LocalMedia]:
        if self.state is not OfferState.LOCAL_OFFER or self._open is None or self.offered is None:
            raise LocalProtocolError("there is no offer that this could answer")
        return self._open, self.offered

    def rollback(self) -> None:
        """Forget an offer that was refused: what was agreed before holds (RFC 3261 §14.1)."""
        self._open = self._answer = self._preview = self.offered = None
        self.state = OfferState.NONE if self._local is None else OfferState.STABLE

    def _settle(self, own: SessionDescription, local: LocalMedia, media: NegotiatedMedia) -> None:
        self._local, self.local_media, self.media = own, local, media
        self._version = own.origin.version
        self._open = self._answer = self._preview = self.offered = None
        self.state = OfferState.STABLE

    def _unless_same(self, made: SessionDescription) -> SessionDescription:
        """Return the last description of ours when nothing but its number changed (RFC 3264 §8)."""
        last = self._local
        if last is not None and attrs.evolve(made, origin=last.origin) == last:
            return last
        return made
