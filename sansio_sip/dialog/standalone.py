"""Requests outside of any dialog, the first of a new one among them (RFC 3261 §8.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..message import Request
from ..message.names import is_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids

__all__ = ["build_standalone"]

_MAX_FORWARDS = "max-forwards"


def build_standalone(
    method: str,
    uri: str,
    from_: str,
    to: str,
    ids: Ids,
    extra: Iterable[tuple[str, str]] = (),
    content_type: str = "",
    body: bytes = b"",
) -> Request:
    """Build a request with a Call-ID and From tag of its own, without Via.

    Args:
        method: Method.
        uri: Request-URI.
        from_: From value without tag.
        to: To value without tag.
        ids: Makes Call-ID and tag.
        extra: More header fields; a Max-Forwards among them takes the place of 70, as who sends a call on
            on behalf of another one has it (RFC 7332 §4).
        content_type: Media type of the body.
        body: Body octets.

    Raises:
        LocalProtocolError: A value cannot stand in a message.
    """
    if not is_token(method):
        raise LocalProtocolError(f"method {method!r} is not a token")
    if body and not content_type:
        raise LocalProtocolError("a body needs a content_type (RFC 3261 §20.15)")
    request = Request(method, uri, body=body)
    fields = tuple(extra)
    request.add("Max-Forwards", _hops(fields))
    request.add("From", f"{from_};tag={ids.tag()}")
    request.add("To", to)
    request.add("Call-ID", ids.call_id())
    request.add("CSeq", f"1 {method}")
    for name, value in fields:
        if name.lower() != _MAX_FORWARDS:
            request.add(name, value)
    if body:
        request.add("Content-Type", content_type)
    return request


def _hops(fields: tuple[tuple[str, str], ...]) -> str:
    """Return how many hops are left to a request (RFC 3261 §8.1.1.6)."""
    hops = next((value for name, value in fields if name.lower() == _MAX_FORWARDS), "70")
    if not (hops.isascii() and hops.isdecimal() and len(hops) <= 3 and int(hops) <= 255):
        raise LocalProtocolError(f"Max-Forwards {hops!r} is not in 0..255")
    return hops
