"""What a call tells the user of the agent about offers and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..message import Response
    from ..sdp import NegotiatedMedia, SessionDescription
    from .leg import Leg
    from .session_body import SessionBody

__all__ = [
    "AnswerReceived",
    "MediaNegotiated",
    "OfferReceived",
    "OfferWithdrawn",
    "UpdateFailed",
    "media_event",
]


@attrs.frozen
class MediaNegotiated:
    """Offer and answer met; media runs from now on.

    Attributes:
        session: Name of the call.
        media: Addresses, formats and direction, ``None`` when there is no audio.
        early: Whether the call is not answered yet.
        ours: Whether this is what became of a change that we asked for.
        remote_held: Whether the peer does not want to hear us, although we would speak (RFC 3264 §8.4).
    """

    session: str
    media: NegotiatedMedia | None
    early: bool
    ours: bool = False
    remote_held: bool = False


@attrs.frozen
class AnswerReceived:
    """The peer's answer to an offer in a call through which bodies pass; it is for who made the offer.

    Attributes:
        session: Name of the call.
        body: The answer as it came.
        early: Whether the call is not answered yet.
        ours: Whether it answers a change that we asked for.
        settled: Whether it is the answer; else it came in a response that may be lost, and the offer is open.
    """

    session: str
    body: SessionBody
    early: bool
    ours: bool = False
    settled: bool = True


@attrs.frozen
class OfferReceived:
    """The peer wants to change the media; it waits for `answer_offer` or `reject_offer`.

    Attributes:
        session: Name of the call.
        offer: The offer, ``None`` in a re-INVITE that leaves it to us, and where bodies pass.
        method: ``INVITE``, ``UPDATE`` or ``PRACK``; all but the first want an answer at once.
        body: The offer as it came, where bodies pass; ``None`` in a re-INVITE that leaves it to us.
        in_response: Whether it came in a response to an INVITE of ours that left the offer to the peer. It is
            answered all the same; what refuses it is an answer without any stream.
    """

    session: str
    offer: SessionDescription | None
    method: str
    body: SessionBody | None = None
    in_response: bool = False


@attrs.frozen
class OfferWithdrawn:
    """Where bodies pass: an `OfferReceived` needs no answer any more, as it was cancelled or waited too long.

    Attributes:
        session: Name of the call.
    """

    session: str


@attrs.frozen
class UpdateFailed:
    """A change of media that we asked for was refused; what was agreed before holds (RFC 3261 §14.1).

    Attributes:
        session: Name of the call.
        status_code: Why: the peer's status, 408 for none, 488 for an answer that cannot be used.
        reason: The phrase that came with it.
        response: The refusal, ``None`` when there was none.
    """

    session: str
    status_code: int
    reason: str
    response: Response | None = attrs.field(default=None, eq=False, repr=False)


def media_event(session: str, leg: Leg, *, ours: bool) -> MediaNegotiated | AnswerReceived | None:
    """Return what tells that two sides have agreed.

    Args:
        session: Name of the call.
        leg: Where they have.
        ours: Whether we had asked for a change.

    Returns:
        ``None`` where bodies pass and the last word was ours: of that the user knows.
    """
    negotiation = leg.negotiation
    if not negotiation.passes:
        return MediaNegotiated(session, negotiation.media, leg.early, ours, leg.remote_held)
    body, settled = negotiation.news, not negotiation.answerable
    return None if body is None else AnswerReceived(session, body, leg.early, ours, settled)
