"""What names this proxy, and what it is responsible for (RFC 3261 §16.4, §16.5)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from ..message import Uri

if TYPE_CHECKING:
    from ..message import AnyUri, Via
    from .config import ProxyConfig

__all__ = ["Identity", "default_port"]

_DEFAULT_PORTS = {"TLS": 5061, "WS": 80, "WSS": 443}


def transport_of(uri: Uri) -> str:
    """Return the transport that a URI names, by its parameter, its scheme or by default."""
    transport = (uri.transport or "udp").upper()
    if uri.scheme == "sips":
        return "WSS" if transport in ("WS", "WSS") else "TLS"
    return transport


def default_port(uri: Uri) -> int:
    """Return the port that a URI without one means (RFC 3261 §19.1.2, RFC 7118 §5.5)."""
    return _DEFAULT_PORTS.get(transport_of(uri), 5060)


def _normal(host: str) -> str:
    if ":" not in host:
        return host.lower()
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        return host.lower()


class Identity:
    """Recognises what is addressed to this proxy.

    Args:
        config: Its addresses and domains.
    """

    __slots__ = ("_addresses", "_domains", "_hosts", "_names", "_ports", "_sent_by")

    def __init__(self, config: ProxyConfig) -> None:
        self._sent_by = dict(config.sent_by)
        self._addresses = frozenset((_normal(host), port) for host, port in config.sent_by.values())
        self._ports = frozenset(port for _, port in self._addresses)
        self._names = config.hosts
        registered = frozenset[str]() if config.registrar is None else config.registrar.domains
        self._domains = config.domains | registered
        self._hosts = self._domains | config.hosts | {host for host, _ in self._addresses}

    def is_own_via(self, via: Via) -> bool:
        """Whether this proxy put a Via into a request (RFC 3261 §18.1.2)."""
        host, port = via.sent_by
        return (_normal(host), port) in self._addresses

    def is_own(self, uri: AnyUri) -> bool:
        """Whether a URI resolves to this proxy, as one in a Route does."""
        if not isinstance(uri, Uri):
            return False
        host, port = _normal(uri.host), uri.port or default_port(uri)
        if (host, port) in self._addresses:
            return True
        # A name without a port may stand for any port, by way of SRV records.
        return host in self._names and (uri.port is None or port in self._ports)

    def is_own_record_route(self, uri: AnyUri) -> bool:
        """Whether a Request-URI is one that this proxy puts into Record-Route (§16.4)."""
        return isinstance(uri, Uri) and uri.param("lr") is not None and self.is_own(uri)

    def is_responsible(self, uri: AnyUri) -> bool:
        """Whether the router may change a Request-URI; a number belongs to no domain, so it is ours.

        A domain is ours at any port. An address, or a name of this machine, is ours at a port of ours only:
        another server may run beside this one.
        """
        if not isinstance(uri, Uri):
            return True
        return _normal(uri.host) in self._domains or self.is_own(uri)

    def is_responsible_for_host(self, host: str) -> bool:
        """Whether a domain or address is one of ours."""
        return _normal(host) in self._hosts

    def listens(self, transport: str, port: int) -> bool:
        """Whether requests over a transport come in at a port."""
        return transport in self._sent_by and self._sent_by[transport][1] == port

    def uri(self, transport: str, *, secure: bool, user: str = "") -> str:
        """Return the URI for Record-Route that leads back here over a transport (§16.6 item 4).

        Args:
            transport: The transport of the neighbour that will use it.
            secure: Whether it is to be a ``sips`` URI.
            user: User part, such as a flow token (RFC 5626 §5.2).
        """
        host, port = self._sent_by[transport]
        shown = f"{user}@" * bool(user) + (f"[{host}]" if ":" in host else host)
        # RFC 7118 §5.2 knows "ws" only; what makes it WSS is the scheme, or the peer's own connection.
        named = {"WSS": ";transport=ws", "TLS" if secure else "UDP": ""}
        param = named.get(transport, f";transport={transport.lower()}")
        return f"{'sips' if secure else 'sip'}:{shown}:{port}{param};lr"
