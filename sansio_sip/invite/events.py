"""What a call tells the user of the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .recovery_events import CallRecovered, CallRecovering
from .refer_events import ReferAccepted, ReferEnded, ReferProgressed, ReferReceived

if TYPE_CHECKING:
    from ..info import InfoPackage
    from ..message import Request, Response
    from ..sdp import NegotiatedMedia, SessionDescription
    from .ends import CallEnd

__all__ = [
    "CallAnswered",
    "CallConfirmed",
    "CallEnded",
    "CallProgress",
    "IncomingCall",
    "InfoReceived",
    "InviteEvent",
    "MediaNegotiated",
    "OfferReceived",
    "UpdateFailed",
]


@attrs.frozen
class IncomingCall:
    """An INVITE opened a new call; it waits for `ring`, `answer` or `reject`.

    Attributes:
        session: Name of the call in every verb and event.
        request: The INVITE.
        offer: Its session description, ``None`` when the offer is left to us.
        replaces: Name of the call of ours whose place it wants; answering gives it that place. Whether
            the caller may have it is the user's to find out (RFC 3891 §3, §8).
        joins: Name of the call of ours that it wants to be added to; who cannot mix refuses with 488
            (RFC 3911 §4).
        username: Whose password the caller knows, empty when nobody asked.
    """

    session: str
    request: Request
    offer: SessionDescription | None
    replaces: str = ""
    joins: str = ""
    username: str = ""


@attrs.frozen
class CallProgress:
    """A provisional response to our INVITE: 180 is ringing, 183 may bring early media."""

    session: str
    status_code: int
    reason: str
    response: Response


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
class CallAnswered:
    """Our INVITE was answered with a 2xx and the ACK is on its way."""

    session: str
    response: Response


@attrs.frozen
class CallConfirmed:
    """The ACK to our 2xx came."""

    session: str


@attrs.frozen
class InfoReceived:
    """An INFO in the call, already answered with 200 (RFC 6086, and DTMF relay).

    Attributes:
        session: Name of the call.
        content_type: Content-Type with its parameters, empty when there is no body.
        body: The body.
        package: Its Info Package with parameters; ``None`` for an INFO of the old kind.
    """

    session: str
    content_type: str
    body: bytes
    package: InfoPackage | None = None


@attrs.frozen
class CallEnded:
    """The call is over; there is always exactly one, and nothing of the call follows it.

    What became of our REFERs may still be told: the peer's reports do not end with a BYE.

    Attributes:
        session: Name of the call.
        end: How it ended.
        response: The failure response, where one ended it.
    """

    session: str
    end: CallEnd
    response: Response | None = None


@attrs.frozen
class OfferReceived:
    """The peer wants to change the media; it waits for `answer_offer` or `reject_offer`.

    Attributes:
        session: Name of the call.
        offer: The offer, ``None`` in a re-INVITE that leaves it to us.
        method: ``INVITE``, ``UPDATE`` or ``PRACK``; all but the first want an answer at once.
    """

    session: str
    offer: SessionDescription | None
    method: str


@attrs.frozen
class UpdateFailed:
    """A change of media that we asked for was refused; what was agreed before holds (RFC 3261 §14.1).

    Attributes:
        session: Name of the call.
        status_code: Why: the peer's status, 408 for none, 488 for an answer that cannot be used.
        reason: The phrase that came with it.
    """

    session: str
    status_code: int
    reason: str


InviteEvent = (
    IncomingCall
    | CallProgress
    | MediaNegotiated
    | CallAnswered
    | CallConfirmed
    | InfoReceived
    | OfferReceived
    | UpdateFailed
    | ReferReceived
    | ReferAccepted
    | ReferProgressed
    | ReferEnded
    | CallRecovering
    | CallRecovered
    | CallEnded
)
