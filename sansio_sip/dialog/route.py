"""Route sets: where a request inside a dialog is addressed (RFC 3261 §12.2.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..message import NameAddr, Uri

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Routing", "route_request"]


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
    if first.param("lr") is not None:
        return Routing(remote_target, tuple(route_set))
    return Routing(_as_request_uri(first), (*route_set[1:], f"<{remote_target}>"))


def _as_request_uri(uri: object) -> str:
    # Headers and the method parameter are not allowed in a Request-URI (§19.1.1, table 1).
    if not isinstance(uri, Uri):
        return str(uri)
    params = tuple((name, value) for name, value in uri.params if name.lower() != "method")
    return str(
        Uri(
            scheme=uri.scheme,
            user=uri.user,
            password=uri.password,
            host=uri.host,
            port=uri.port,
            params=params,
            headers=(),
        )
    )
