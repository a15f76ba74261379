"""What a call tells about REFER: what the peer wants of us, and what became of what we wanted of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..headers import ReferTo
    from ..message import BodyPart

__all__ = [
    "ReferAccepted",
    "ReferEnd",
    "ReferEnded",
    "ReferFinished",
    "ReferLost",
    "ReferProgressed",
    "ReferReceived",
    "ReferRefused",
]


@attrs.frozen
class ReferReceived:
    """The peer asks us to contact somebody; it waits for `accept_refer` or `reject_refer`.

    Attributes:
        session: Name of the call.
        refer: Number of the REFER in verbs and events of this call.
        refer_to: Whom to contact, and how.
        referred_by: The peer's Referred-By as it stands, empty when there is none; nothing proves it.
        headers: Header fields for the request to send, Referred-By and Replaces among them.
        parts: Body parts that it must carry too: the referrer's token (RFC 3892 §2.2).
    """

    session: str
    refer: int
    refer_to: ReferTo
    referred_by: str
    headers: tuple[tuple[str, str], ...]
    parts: tuple[BodyPart, ...] = ()


@attrs.frozen
class ReferAccepted:
    """The peer has accepted our REFER.

    Attributes:
        session: Name of the call.
        refer: Number that `refer` gave.
        subscribed: Whether it tells us how it goes on; if not, `ReferEnded` follows at once.
    """

    session: str
    refer: int
    subscribed: bool


@attrs.frozen
class ReferProgressed:
    """The peer told how far it has come with our REFER.

    Attributes:
        session: Name of the call.
        refer: Number that `refer` gave.
        status_code: Status of the request that it sent, 100 when it has none yet.
        reason: The phrase that came with it.
    """

    session: str
    refer: int
    status_code: int
    reason: str


@attrs.frozen
class ReferRefused:
    """The peer refused our REFER, or did not answer it.

    Attributes:
        status_code: Its status; 408 for none, 503 when it could not be sent.
        reason: The phrase that came with it.
    """

    status_code: int
    reason: str


@attrs.frozen
class ReferFinished:
    """The peer has done what we asked for, or failed to.

    Attributes:
        status_code: Final status of the request that it sent: 2xx is success.
        reason: The phrase that came with it.
    """

    status_code: int
    reason: str


@attrs.frozen
class ReferLost:
    """Nobody will tell us any more how it went.

    Attributes:
        status_code: The last status heard, 0 for none.
        cause: Why: ``noresource``, ``timeout`` or another reason of the peer, ``expired`` when it fell
            silent, ``suppressed`` when no reports were agreed on, ``closed`` when we left.
    """

    status_code: int
    cause: str


ReferEnd = ReferRefused | ReferFinished | ReferLost


@attrs.frozen
class ReferEnded:
    """Our REFER is over; the last event with this number, and there is always exactly one.

    It may come after the end of the call: the peer's reports do not end with a BYE (RFC 5057 §4).

    Attributes:
        session: Name of the call.
        refer: Number that `refer` gave.
        end: How it ended.
    """

    session: str
    refer: int
    end: ReferEnd
