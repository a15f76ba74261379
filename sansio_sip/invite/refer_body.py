"""What REFER and its NOTIFYs carry in their bodies: a token, a piece of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteProtocolError
from ..headers import ReferredBy
from ..message import SIPFRAG_TYPE, parse_multipart, parse_sipfrag

if TYPE_CHECKING:
    from ..message import BodyPart, Request, SipFragment

__all__ = ["report_of", "token_of"]


def token_of(request: Request) -> tuple[BodyPart, ...]:
    """Return the body parts that the Referred-By of a REFER points to (RFC 3892 §2.2).

    Raises:
        ParseError: Referred-By or the body cannot be read.
    """
    referred_by = ReferredBy.of(request)
    wanted = "" if referred_by is None else referred_by.content_id
    if not wanted or not (request.content_type or "").startswith("multipart/"):
        return ()
    parts = parse_multipart(request.body, request.get("content-type") or "")
    return tuple(part for part in parts if part.content_id == wanted)


def report_of(request: Request) -> SipFragment:
    """Return what a NOTIFY about a REFER says.

    Raises:
        RemoteProtocolError: It has no body, or one that does not begin with a status line (§2.4.5).
    """
    if request.content_type != SIPFRAG_TYPE:
        raise RemoteProtocolError("a NOTIFY about a REFER without sipfrag", status_hint=415)
    fragment = parse_sipfrag(request.body)
    if fragment.status_code is None:
        raise RemoteProtocolError("a report that does not begin with a status line")
    return fragment
