"""Transports and the names of their services in the DNS (RFC 3263 §4.1, §9, RFC 7118 §10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .records import NaptrRecord, clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Service", "default_port", "is_secure", "naptr_services", "srv_service"]

_DEFAULT_PORTS = {"TLS": 5061, "WS": 80, "WSS": 443}
_SRV_PREFIXES = {
    "UDP": "_sip._udp",
    "TCP": "_sip._tcp",
    "TLS": "_sips._tcp",
    "WS": "_sip._ws",
    "WSS": "_sips._ws",
}
# SIPS+D2U is none: there is no TLS over UDP.
_NAPTR_TRANSPORTS = {
    "sip+d2u": "UDP",
    "sip+d2t": "TCP",
    "sips+d2t": "TLS",
    "sip+d2w": "WS",
    "sips+d2w": "WSS",
}


class Service(NamedTuple):
    """A transport of a domain and where to ask for it.

    Attributes:
        transport: As in a Via.
        name: Name to ask for.
        direct: Whether the name is a host (NAPTR flag ``a``) and not an SRV record.
    """

    transport: str
    name: str
    direct: bool = False


def default_port(transport: str) -> int:
    """Return the port of a transport where none is given."""
    return _DEFAULT_PORTS.get(transport, 5060)


def is_secure(transport: str) -> bool:
    """Return whether a transport runs over TLS."""
    return transport in ("TLS", "WSS")


def srv_service(transport: str, domain: str) -> Service:
    """Return the SRV name of a transport in a domain (§4.2)."""
    return Service(transport, f"{_SRV_PREFIXES[transport]}.{domain}")


def naptr_services(records: Iterable[NaptrRecord], transports: Iterable[str]) -> list[Service]:
    """Return the services of NAPTR records that can be used, the most preferred first (§4.1).

    Args:
        records: In any order.
        transports: Those that we have and the URI allows.
    """
    usable = frozenset(transports)
    services: list[Service] = []
    for record in sorted(records, key=lambda record: (record.order, record.preference)):
        transport = _NAPTR_TRANSPORTS.get(record.service.lower(), "")
        name, flag = clean_name(record.replacement), record.flags.lower()
        if transport in usable and name and flag in ("s", "a"):
            services.append(Service(transport, name, flag == "a"))
    return services
