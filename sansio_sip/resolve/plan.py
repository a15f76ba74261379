"""What has to be asked to find the target of a URI (RFC 3263 §4)."""

from __future__ import annotations

import functools
import ipaddress
from enum import Enum, unique
from typing import TYPE_CHECKING

import attrs

from ..errors import LocalProtocolError
from ..message import Uri, parse_uri
from .records import clean_name
from .services import is_secure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Plan", "Step", "is_numeric", "make_plan"]

_SECURE = {"TCP": "TLS", "TLS": "TLS", "WS": "WSS", "WSS": "WSS"}


@unique
class Step(Enum):
    """The first question."""

    NOTHING = "nothing"
    ADDRESSES = "addresses"
    SRV = "srv"
    NAPTR = "naptr"


@attrs.frozen
class Plan:
    """How a URI is resolved.

    Attributes:
        step: What is asked first.
        host: The TARGET of RFC 3263: ``maddr``, else the host.
        domain: The host of the URI, which a certificate has to name.
        port: The port of the URI, or None.
        transports: Those that may be used, in order; with an explicit one or a default the first is meant,
            and the others follow when it fails.
        all_of_them: Whether targets of every transport belong into the list, and not of the first only.
    """

    step: Step
    host: str
    domain: str
    port: int | None
    transports: tuple[str, ...]
    all_of_them: bool = False


@functools.lru_cache(maxsize=4_096)  # hops are few, and asked about with every message
def is_numeric(host: str) -> bool:
    """Return whether a host is an IPv4 or IPv6 address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def make_plan(text: str, supported: Sequence[str], *, large: bool) -> Plan:
    """Return how to find the target of a URI.

    Args:
        text: A ``sip`` or ``sips`` URI.
        supported: Transports that we have, the preferred first.
        large: Whether the request is too large for UDP; then TCP comes before it (RFC 3261 §18.1.1).

    Raises:
        ProtocolError: It is no such URI, or needs a transport that we do not have.
    """
    uri = parse_uri(text)
    if not isinstance(uri, Uri):
        raise LocalProtocolError(f"no request can be sent to {text[:80]!r}: it names no host")
    host = uri.param("maddr") or uri.host
    numeric = is_numeric(host)
    if not numeric:
        host = clean_name(host)
    wanted = _wanted(uri, fixed=numeric or uri.port is not None)
    usable = tuple([name for name in supported if uri.scheme == "sip" or is_secure(name)])
    transports = usable if wanted is None else (wanted,)
    if large and "TCP" in supported and "UDP" in transports:
        transports = ("TCP", *(name for name in transports if name != "TCP"))
    transports = tuple([name for name in transports if name in supported])
    if not host or not transports:
        raise LocalProtocolError(f"there is no transport to {text[:80]!r}, or no host in it")
    both = large and transports[0] == "TCP"
    return Plan(_first_step(uri, wanted, numeric), host, uri.host.lower(), uri.port, transports, both)


def _first_step(uri: Uri, wanted: str | None, numeric: bool) -> Step:
    if numeric:
        return Step.NOTHING
    if uri.port is not None:
        return Step.ADDRESSES
    return Step.NAPTR if wanted is None else Step.SRV


def _wanted(uri: Uri, *, fixed: bool) -> str | None:
    """Return the transport that the URI settles, ``None`` when the DNS decides (§4.1)."""
    given = uri.transport
    if given:
        name = given.upper()
        # A sips URI is about TLS whatever it says besides; over UDP there is none.
        return _SECURE.get(name, "") if uri.scheme == "sips" else name
    if not fixed:
        return None
    return "TLS" if uri.scheme == "sips" else "UDP"
