"""The next hop of a request, as far as no question to the DNS is needed (RFC 3261 §8.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import LocalProtocolError
from ..machine import Endpoint
from ..message import NameAddr, Uri, parse_uri
from ..resolve import default_port, is_numeric, is_secure

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["Hop", "first_hop_uri", "next_hop", "octets_of"]


class Hop(NamedTuple):
    """The next hop by name or number.

    Attributes:
        transport: As in a Via.
        host: ``maddr`` or the host of the URI.
        port: Port.
        domain: The host of the URI, which a certificate has to name.
    """

    transport: str
    host: str
    port: int
    domain: str

    @property
    def endpoint(self) -> Endpoint | None:
        """The hop as an endpoint when its host is numeric."""
        if not is_numeric(self.host):
            return None
        server_name = self.domain if is_secure(self.transport) else ""
        return Endpoint(self.transport, self.host, self.port, None, server_name)


def first_hop_uri(request: Request) -> str:
    """Return the URI that decides where a request goes: its first Route, else its Request-URI.

    For requests outside of dialogs, whose routes are loose; a dialog knows its own next hop.
    """
    routes = request.routes
    if routes:
        uri = NameAddr.parse(routes[0]).uri
        if isinstance(uri, Uri) and uri.param("lr") is not None:
            return str(uri)
    return request.uri


def next_hop(uri_text: str) -> Hop:
    """Return the transport, host and port that a URI names; of a name the DNS may know better.

    Raises:
        LocalProtocolError: The URI cannot be sent to, as a ``tel`` URI without a proxy.
    """
    uri = parse_uri(uri_text)
    if not isinstance(uri, Uri) or uri.scheme not in ("sip", "sips"):
        raise LocalProtocolError(f"no request can be sent to {uri_text!r}: it names no host")
    transport = (uri.param("transport") or "udp").upper()
    if uri.scheme == "sips":
        transport = "WSS" if transport in ("WS", "WSS") else "TLS"
    host = uri.param("maddr") or uri.host
    return Hop(transport, host, uri.port or default_port(transport), uri.host.lower())


def octets_of(request: Request) -> int:
    """Return how long a request is when it is written, Content-Length left out."""
    start = len(request.method) + len(request.uri) + len("  SIP/2.0\r\n\r\n")
    # All text is ASCII almost always, and Python knows that without looking.
    lines = [len(name) + 4 + _octets(value) for _, name, value in request.fields]
    return start + sum(lines) + len(request.body)


def _octets(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
