"""What a call tells the user of the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .media_events import AnswerReceived, MediaNegotiated, OfferReceived, OfferWithdrawn, UpdateFailed
from .recovery_events import CallRecovered, CallRecovering
from .refer_events import ReferAccepted, ReferEnded, ReferProgressed, ReferReceived

if TYPE_CHECKING:
    from ..info import InfoPackage
    from ..message import Request, Response
    from ..sdp import SessionDescription
    from .ends import CallEnd

__all__ = [
    "AnswerReceived",
    "CallAnswered",
    "CallConfirmed",
    "CallEnded",
    "CallProgress",
    "IncomingCall",
    "InfoReceived",
    "InviteEvent",
    "MediaNegotiated",
    "OfferReceived",
    "OfferWithdrawn",
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


InviteEvent = (
    IncomingCall
    | CallProgress
    | MediaNegotiated
    | CallAnswered
    | CallConfirmed
    | InfoReceived
    | AnswerReceived
    | OfferReceived
    | OfferWithdrawn
    | UpdateFailed
    | ReferReceived
    | ReferAccepted
    | ReferProgressed
    | ReferEnded
    | CallRecovering
    | CallRecovered
    | CallEnded
)
