"""Where a peer behind a NAT is really reached: not at the address that it believes to have."""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING

from ..message import Request, Uri, parse_uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..machine import Endpoint
    from ..message import Message, Via

__all__ = ["mapped_hop"]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 1918, RFC 6598 (between a carrier's NAT and those of its customers), RFC 4193.
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


def mapped_hop(message: Message, remote_target: str, route_set: tuple[str, ...]) -> str:
    """Return the URI of the address that a NAT has given to a peer; empty where its Contact can be believed.

    Over UDP the next request in a dialog goes to the peer's Contact (RFC 3261 §12.2.1.1), and phones without
    STUN write there what they know of themselves. Only what is certainly wrong is not believed:

    - in a request, a number in Contact that is also that of its one Via, while the request came from
      elsewhere and wants its answers there (``rport``, RFC 3581 §4): then the peer hears what comes back;
    - in a response, a private number, while it came from a public one and we have a public one ourselves.

    With a route set the proxy knows the way.

    Args:
        message: What came, with its source.
        remote_target: URI of the peer as it is known now.
        route_set: Routes of the dialog.
    """
    source = message.source
    if source is None or route_set or source.reliable or source.host in remote_target:
        return ""
    uri = parse_uri(remote_target)
    contact = _number(uri.host) if isinstance(uri, Uri) else None
    if contact is None:
        return ""
    is_wrong = _contradicted if isinstance(message, Request) else _unreachable
    return _hop(source) if is_wrong(message.vias, contact, source) else ""


def _contradicted(vias: Sequence[Via], contact: _Address, _source: Endpoint) -> bool:
    return len(vias) == 1 and vias[0].has_rport and _number(vias[0].host) == contact


def _unreachable(vias: Sequence[Via], contact: _Address, source: Endpoint) -> bool:
    ours = _number(vias[0].host)
    return _is_private(contact) and not _is_private(_number(source.host)) and not _is_private(ours)


@functools.lru_cache(maxsize=4_096)
def _number(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_private(address: _Address | None) -> bool:
    """Return whether an address is private; a name is not."""
    return address is not None and any(address in network for network in _PRIVATE)


def _hop(source: Endpoint) -> str:
    host = f"[{source.host}]" if ":" in source.host else source.host
    return f"sip:{host}:{source.port}"
