"""Connections that their maker lets us use for requests to him (RFC 5923)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..machine import Endpoint

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["alias_of"]


def alias_of(request: Request, source: Endpoint, *, authenticated: bool) -> Endpoint | None:
    """Return where requests may go that take the connection of ``source`` instead of a new one.

    The address is always the one that the connection comes from: nobody gets what is meant for another host
    by claiming its name. Over TLS the peer has to be known by its certificate (§6.2); over TCP its sent-by
    has to be the very address.

    Args:
        request: What came by the connection, its Via as received or stamped.
        source: The far end of the connection.
        authenticated: Whether the certificate of the peer was checked.
    """
    try:
        via = request.via
    except ParseError:
        return None
    if all(name != "alias" for name, _ in via.params):
        return None
    known = authenticated if source.transport == "TLS" else via.host == source.host
    if source.transport not in ("TCP", "TLS") or not known:
        return None
    return Endpoint(source.transport, source.host, via.sent_by[1])
