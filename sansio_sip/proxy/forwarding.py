"""The copy of a request that goes to one target (RFC 3261 §16.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..dialog.route import as_request_uri
from ..message import NameAddr, Uri, parse_uri
from .rewriting import pushed_routes, with_uri, without_first

if TYPE_CHECKING:
    from ..message import Request
    from .targets import Target

__all__ = ["Forwarded", "forward"]


class Forwarded(NamedTuple):
    """A copy for one target, complete but for Record-Route and Via.

    Attributes:
        request: The copy.
        next_hop: URI that decides where it goes.
    """

    request: Request
    next_hop: str


def forward(request: Request, target: Target, breadth: int) -> Forwarded:
    """Make the copy for a target: items 1 to 3 and 5 to 7 of §16.6, and Max-Breadth.

    Args:
        request: The request after `preprocess`.
        target: Where it goes.
        breadth: Its share of Max-Breadth; 0 for a request that cannot fork.

    Raises:
        ParseError: The first Route cannot be read.
    """
    uri = request.uri if target.uri == request.uri else as_request_uri(parse_uri(target.uri))
    copy = with_uri(request, uri)
    left = request.max_forwards
    copy.set("Max-Forwards", "70" if left is None else str(left - 1))
    if breadth:
        copy.set("Max-Breadth", str(breadth))
    for name, value in target.headers:
        copy.insert_first(name, value)
    pushed_routes(copy, target.routes)
    return _routed(copy)


def _routed(copy: Request) -> Forwarded:
    """Format the copy for a strict router where the next one is such, and find the next hop."""
    secure = copy.uri[:5].lower() == "sips:"
    routes = copy.routes
    if not routes:
        return Forwarded(copy, copy.uri)
    first = NameAddr.parse(routes[0], "route").uri
    if not isinstance(first, Uri) or first.param("lr") is None:
        fields = without_first(copy.fields, "route")
        copy, target = with_uri(copy, as_request_uri(first), fields), copy.uri
        copy.add("Route", f"<{target}>")
    return Forwarded(copy, _secured(str(first)) if secure else str(first))


def _secured(uri: str) -> str:
    """Return a URI as ``sips``: a secure target is reached over TLS on every hop (§16.6 item 7)."""
    return f"sips:{uri[4:]}" if uri[:4].lower() == "sip:" else uri
