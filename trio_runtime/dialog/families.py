"""Where a call came from, and which version of IP its media needs, as far as that can be told before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import ProtocolError
from sansio_sip.message import NameAddr
from sansio_sip.outbound import next_hop

if TYPE_CHECKING:
    from sansio_sip.agent import Sender
    from sansio_sip.invite import IncomingCall
    from sansio_sip.outbound import Way

__all__ = ["callee_speaks_six", "caller_host", "caller_speaks_six", "way_speaks_six"]


def way_speaks_six(way: Way) -> bool:
    """Return whether a phone that is registered with us is reached by IPv6."""
    flow = way.flow or way.usual_flow
    if flow is not None:
        return ":" in flow.host
    return callee_speaks_six(str(NameAddr.parse(way.routes[0]).uri) if way.routes else way.uri, None, None)


def caller_speaks_six(event: IncomingCall) -> bool:
    """Return whether who calls wants media by IPv6: as the offer says, else as the call came."""
    offer = event.offer
    if offer is not None and offer.media and (connection := offer.connection_of(offer.media[0])) is not None:
        return ":" in connection.address
    return ":" in caller_host(event)


def caller_host(event: IncomingCall) -> str:
    """Return the numeric address that a call came from (RFC 3261 §18.2.1); empty when nobody can tell."""
    try:
        via = event.request.via
    except ProtocolError:
        return ""
    return via.received or via.host


def callee_speaks_six(uri: str, proxy: str | None, sender: Sender | None) -> bool:
    """Return whether a call goes to a numeric address of IPv6; what a name leads to is not known yet."""
    first = proxy if sender is None else sender.outbound_proxy
    try:
        return ":" in next_hop(first or uri).host
    except ProtocolError:
        return False
