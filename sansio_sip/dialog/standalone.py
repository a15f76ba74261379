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
        extra: More header fields.
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
    request.add("Max-Forwards", "70")
    request.add("From", f"{from_};tag={ids.tag()}")
    request.add("To", to)
    request.add("Call-ID", ids.call_id())
    request.add("CSeq", f"1 {method}")
    for name, value in extra:
        request.add(name, value)
    if body:
        request.add("Content-Type", content_type)
    return request
