"""Our own contacts, moved to the address that belongs to the way of a message (RFC 3261 §8.1.1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs

from ..errors import ParseError
from ..message import NameAddr, Uri, parse_uri

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["Place", "contact_at", "move_contacts"]

# RFC 7118 §5.2 knows one value for both; the scheme tells whether it is secure.
_URI_TRANSPORTS = {"UDP": "", "TCP": "tcp", "TLS": "tls", "WS": "ws", "WSS": "ws"}


class Place(NamedTuple):
    """Where we can be reached by one transport."""

    transport: str
    host: str
    port: int


def contact_at(uri: Uri, place: Place, *, secure: bool) -> str:
    """Return a Contact value with the user and the parameters of ``uri`` at another place.

    Args:
        uri: Our own URI as it is somewhere.
        place: Where it goes.
        secure: Whether it has to be a sips URI; only where the transport is secure it can be one.
    """
    secure = secure and place.transport in ("TLS", "WSS")
    transport = _URI_TRANSPORTS[place.transport]
    if secure and transport == "tls":
        transport = ""  # in a sips URI the transport is TCP below TLS (RFC 3261 §26.2.2)
    params = tuple([param for param in uri.params if param[0].lower() != "transport"])
    if transport:
        params = (*params, ("transport", transport))
    scheme = "sips" if secure else "sip"
    text = str(attrs.evolve(uri, scheme=scheme, host=place.host, port=place.port, params=params))
    return f"<{parse_uri(text)}>"


def move_contacts(request: Request, own: Uri, place: Place, *, secure: bool) -> None:
    """Move every Contact of a request that names our first address; all others are somebody else's.

    Args:
        request: Changed in place.
        own: The URI of our first address.
        place: Where the peer of this request reaches us.
        secure: Whether the request is for a sips URI.
    """
    try:
        values = request.values("contact")
        moved = [_moved(NameAddr.parse(value), own, place, secure=secure) or value for value in values]
    except ParseError:
        return  # as the asterisk that removes all bindings (§10.2.2)
    if moved != values:
        request.set("Contact", ", ".join(moved))


def _moved(contact: NameAddr, own: Uri, place: Place, *, secure: bool) -> str:
    uri = contact.uri
    if not isinstance(uri, Uri) or (uri.host, uri.port) != (own.host, own.port):
        return ""
    return str(attrs.evolve(contact, uri=NameAddr.parse(contact_at(uri, place, secure=secure)).uri))
