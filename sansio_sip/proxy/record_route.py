"""Staying on the path of a dialog (RFC 3261 §16.6 item 4, §16.7 item 8)."""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING

from ..message import NameAddr
from .preprocessing import USUALLY

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from .identity import Identity
    from .preprocessing import Flows

__all__ = ["FlowUse", "add_record_route"]

# Neither do these open a dialog nor do they change its route; whatever is unknown might (§16.6 item 4).
_WITHOUT = frozenset({"ACK", "BYE", "CANCEL", "INFO", "MESSAGE", "OPTIONS", "PRACK", "PUBLISH", "REGISTER"})
_SECURE = frozenset({"TLS", "WSS"})


@unique
class FlowUse(Enum):
    """How one side of a dialog is reached: by its URI, by its flow while that lasts, or by that alone."""

    NONE = ""
    USUAL = USUALLY
    ONLY = "only"


def add_record_route(
    request: Request,
    source: Endpoint,
    destination: Endpoint,
    identity: Identity,
    *,
    flows: Flows | None,
    wanted: bool,
    by_flow: tuple[FlowUse, FlowUse] = (FlowUse.NONE, FlowUse.NONE),
) -> None:
    """Put one value on top of Record-Route, or two where the sides of the proxy differ.

    With two values each side finds the one that it can use next to itself, so none has to be rewritten
    in responses: that is the double form. A side differs by transport, by ``sips`` or by a flow token.

    Args:
        request: The copy to be forwarded, complete but for this and its Via.
        source: Where the request came from.
        destination: Where it goes.
        identity: What names the proxy.
        flows: Makes flow tokens.
        wanted: Whether the proxy wants to stay on the path; it must where TLS begins or ends, and where it
            alone has the flow to a phone.
        by_flow: How source and destination are reached.
    """
    if request.method in _WITHOUT:
        return
    secure = _is_secure(request)
    received_secure = source.transport in _SECURE
    if not wanted and secure == received_secure and FlowUse.ONLY not in by_flow:
        return
    leaves_tls = received_secure and destination.transport not in _SECURE
    back, on = by_flow
    inside = _value(identity, source, flows, secure=received_secure and (secure or leaves_tls), use=back)
    outside = _value(identity, destination, flows, secure=secure, use=on)
    request.insert_first("Record-Route", inside)
    if outside != inside:
        request.insert_first("Record-Route", outside)


def _is_secure(request: Request) -> bool:
    """Whether Request-URI or topmost Route is a ``sips`` URI."""
    routes = request.routes
    return request.uri.startswith("sips:") or (
        bool(routes) and NameAddr.parse(routes[0], "route").uri.scheme.lower() == "sips"
    )


def _value(identity: Identity, side: Endpoint, flows: Flows | None, *, secure: bool, use: FlowUse) -> str:
    token = ""
    if flows is not None and (use is not FlowUse.NONE or side.flow is not None):
        token = flows.token(side)
        if not token and use is not FlowUse.NONE:
            token = flows.token(side, needed=True)
            token = f"{USUALLY}{token}" if use is FlowUse.USUAL else token
    return f"<{identity.uri(side.transport, secure=secure, user=token)}>"
