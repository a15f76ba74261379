"""Route information before the targets are looked for (RFC 3261 §16.4, RFC 5626 §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import attrs

from ..message import NameAddr, Uri, parse_uri
from .identity import default_port, transport_of
from .rewriting import with_uri, without_first, without_last
from .targets import Reply

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import AnyUri, Request
    from .identity import Identity

__all__ = ["USUALLY", "Flows", "Preprocessed", "preprocess"]

USUALLY = "usually."
"""What stands before the token of a flow in Record-Route that may be replaced by what the URIs say."""


class Flows(Protocol):
    """Names flows in the user part of Record-Route, for peers that only their connection reaches."""

    def token(self, flow: Endpoint, *, needed: bool = False) -> str:
        """Return a name for a flow that nobody else can make up; empty when it needs none.

        Args:
            flow: The flow.
            needed: Whether nothing else leads to its peer, as far as is known.
        """
        ...

    def find(self, token: str) -> Endpoint | None:
        """Return the flow that a token names, None when it is gone or forged."""
        ...

    def forget(self, flow: Endpoint) -> None:
        """Take note that a flow is gone."""
        ...


class Preprocessed(NamedTuple):
    """A request without what was meant for this proxy.

    Attributes:
        request: The request, a copy when anything had to change.
        flow: The flow that a route of ours named, when the request is to go out on it.
        reply: What refuses the request.
    """

    request: Request
    flow: Endpoint | None = None
    reply: Reply | None = None


def preprocess(
    request: Request, source: Endpoint, identity: Identity, flows: Flows | None = None
) -> Preprocessed:
    """Undo strict routing, take off a ``maddr`` of ours, and pop the routes that name us.

    Args:
        request: The request as it was received; it is not changed.
        source: Where it came from.
        identity: What names the proxy.
        flows: Finds the flows that routes name.

    Raises:
        ParseError: A Route that matters here cannot be read.
    """
    request = _strip_maddr(_undo_strict_routing(request, identity), source, identity)
    token = ""
    # Two in a row are the two sides of one Record-Route, the last one that of the far side: to take off the
    # first only would bring the request back here.
    while routes := request.routes:
        uri = NameAddr.parse(routes[0], "route").uri
        if not identity.is_own(uri):
            break
        request = with_uri(request, request.uri, without_first(request.fields, "route"))
        token = _token(uri)
    for route in request.routes[1:2]:
        NameAddr.parse(route, "route")  # with a strict router ahead, this one is looked at as well
    return _on_flow(request, token, source, flows)


def _token(uri: AnyUri) -> str:
    return (uri.user or "") if isinstance(uri, Uri) else ""


def _on_flow(request: Request, token: str, source: Endpoint, flows: Flows | None) -> Preprocessed:
    """Find the flow that a request has to go out on; one that it came in on is none (RFC 5626 §5.3)."""
    if flows is None or not token:
        return Preprocessed(request)
    flow = flows.find(token.removeprefix(USUALLY))
    if flow is None:
        # Without the connection that it was called by, a phone may still listen where its Contact leads.
        reply = None if token.startswith(USUALLY) else Reply(430)
        return Preprocessed(request, reply=reply)
    return Preprocessed(request, None if flow == source else flow)


def _undo_strict_routing(request: Request, identity: Identity) -> Request:
    """Take the target back out of the last Route, where a strict router of RFC 2543 put it."""
    if not identity.is_own_record_route(request.request_uri):
        return request
    routes = request.routes
    if not routes:
        return request
    target = str(NameAddr.parse(routes[-1], "route").uri)
    return with_uri(request, target, without_last(request.fields, "route"))


def _strip_maddr(request: Request, source: Endpoint, identity: Identity) -> Request:
    uri = parse_uri(request.uri)
    if not isinstance(uri, Uri):
        return request
    maddr = uri.param("maddr")
    if maddr is None or not identity.is_responsible_for_host(maddr):
        return request
    port = uri.port or default_port(uri)
    if transport_of(uri) != source.transport or not identity.listens(source.transport, port):
        return request  # it is for us, but at another port or transport: forwarded there
    params = tuple([pair for pair in uri.params if pair[0].lower() not in ("maddr", "transport")])
    return with_uri(request, str(attrs.evolve(uri, params=params, port=None)))
