"""Route sets: where a request inside a dialog is addressed (RFC 3261 §12.2.1.1)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import attrs

from ..errors import RemoteProtocolError
from ..message import AnyUri, NameAddr, Uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..message import Message, Request

__all__ = ["Routing", "as_request_uri", "caller_target", "checked_routes", "read_target", "route_request"]


class Routing(NamedTuple):
    """Request-URI and Route header values of one request."""

    request_uri: str
    routes: tuple[str, ...]


def route_request(remote_target: str, route_set: Sequence[str]) -> Routing:
    """Return how a request to ``remote_target`` goes through ``route_set``.

    With a loose router first the target stays in the Request-URI. A strict router (RFC 2543)
    wants its own URI there and the target as the last Route.

    Raises:
        ParseError: The first route is no name-addr.
    """
    if not route_set:
        return Routing(remote_target, ())
    first = NameAddr.parse(route_set[0]).uri
    if isinstance(first, Uri) and first.param("lr") is not None:
        return Routing(remote_target, tuple(route_set))
    return Routing(as_request_uri(first), (*route_set[1:], f"<{remote_target}>"))


def checked_routes(values: Iterable[str]) -> tuple[str, ...]:
    """Return Record-Route values as a route set.

    Raises:
        ParseError: One is no name-addr, so that no request could ever follow it.
    """
    routes = tuple(values)
    for route in routes:
        NameAddr.parse(route, "record-route")
    return routes


def as_request_uri(uri: AnyUri) -> str:
    """Write a URI without what a Request-URI may not have: headers and ``method`` (§19.1.1, table 1)."""
    if not isinstance(uri, Uri) or not (uri.headers or uri.params):
        return str(uri)
    params = tuple([(name, value) for name, value in uri.params if name.lower() != "method"])
    return str(attrs.evolve(uri, params=params, headers=()))


def caller_target(request: Request) -> str:
    """Return where requests to the sender of one that opens a dialog go: to its Contact (§12.1.1).

    A caller of RFC 2543, which shows by a Via without branch, may leave Contact out and is then reached
    by its From (RFC 4475 §3.4.1).

    Raises:
        RemoteProtocolError: There is no Contact, which there must be (§8.1.1.8).
        ParseError: It cannot be read.
    """
    target = read_target(request)
    if target is not None:
        return target
    if request.via.branch:
        raise RemoteProtocolError("the request has no Contact to answer to")
    return as_request_uri(request.from_.uri)


def read_target(message: Message) -> str | None:
    """Return the remote target that the Contact of a message names; None without one (§12.1.1).

    Raises:
        ParseError: A Contact cannot be read.
    """
    values = message.values("contact")
    if not values or values == ["*"]:
        return None
    targets = [
        _read_contact(value) if len(value) <= _LONGEST_REMEMBERED else _read_contact.__wrapped__(value)
        for value in values
    ]
    return targets[0]


# A phone's Contact comes with each of its calls and with their re-INVITEs; strangers are bounded.
_LONGEST_REMEMBERED = 256


@functools.lru_cache(maxsize=1_024)
def _read_contact(value: str) -> str:
    return as_request_uri(NameAddr.parse(value, "contact").uri)
