"""The next hop of a request, as far as no question to the DNS is needed (RFC 3261 §8.1.2)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple

import attrs

from ..errors import LocalProtocolError
from ..machine import Endpoint
from ..message import NameAddr, Uri, parse_uri

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["Hop", "TargetNeeded", "first_hop_uri", "is_numeric", "next_hop"]

_DEFAULT_PORTS = {"TLS": 5061, "WS": 80, "WSS": 443}


@attrs.frozen
class TargetNeeded:
    """A host name stands in the way of a request; answer with `target_found` or `target_failed`.

    Attributes:
        query: Number of the question.
        host: Name to resolve.
        port: Port to use.
        transport: Transport to use.
    """

    query: int
    host: str
    port: int
    transport: str


class Hop(NamedTuple):
    """The next hop by name or number."""

    transport: str
    host: str
    port: int

    @property
    def endpoint(self) -> Endpoint | None:
        """The hop as an endpoint when its host is numeric."""
        return Endpoint(self.transport, self.host, self.port) if is_numeric(self.host) else None


def is_numeric(host: str) -> bool:
    """Return whether a host is an IPv4 or IPv6 address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


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
    """Return the transport, host and port that a URI names.

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
    port = uri.port or _DEFAULT_PORTS.get(transport, 5060)
    return Hop(transport, host, port)
