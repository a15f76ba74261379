"""How requests reach a contact that is known from elsewhere, as from a registrar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request

__all__ = ["Way", "put_way"]


@attrs.frozen(kw_only=True)
class Way:
    """One place to send a request to, and how it gets there.

    Attributes:
        uri: The Request-URI there.
        routes: Route values to be visited on the way, such as the Path of a binding (RFC 3327 §5.3).
        flow: Where it goes whatever the URIs say (RFC 5626 §5.3), or None.
        usual_flow: The connection that it goes by as long as that is there, or None.
        instance: The phone that is reached there, which may be reached by other ways too; empty when unknown.
        q: Its preference, 0 to 1.
    """

    uri: str
    routes: tuple[str, ...] = ()
    flow: Endpoint | None = None
    usual_flow: Endpoint | None = None
    instance: str = ""
    q: float = 1.0


def put_way(request: Request, way: Way) -> None:
    """Write into a request where it goes to, and how it gets there."""
    request.uri = way.uri
    for route in reversed(way.routes):
        request.insert_first("Route", route)
    request.flow = way.usual_flow
