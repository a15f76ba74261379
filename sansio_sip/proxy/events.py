"""Everything a proxy tells its runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..register import RegistrarEvent
from ..resolve import DnsQuestion

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request

__all__ = [
    "FinalResponseSent",
    "ProxyEvent",
    "RequestExpired",
    "RequestForwarded",
    "RequestRefused",
    "RoutingNeeded",
]


@attrs.frozen
class RoutingNeeded:
    """The router wants to give the targets of a request later; `route` takes them.

    Attributes:
        context: Number of the request.
        request: The request, after the routes that name the proxy have been removed.
        source: Where it came from.
    """

    context: int
    request: Request
    source: Endpoint


@attrs.frozen
class RequestForwarded:
    """A request has been sent to one target, or its address is being looked for.

    Attributes:
        context: Number of the request.
        method: Its method.
        target: The Request-URI that it was sent with.
    """

    context: int
    method: str
    target: str


@attrs.frozen
class FinalResponseSent:
    """A request got its final response.

    Attributes:
        context: Number of the request.
        status_code: Status of the response; of several 2xx each has an event.
    """

    context: int
    status_code: int


@attrs.frozen
class RequestExpired:
    """A request other than INVITE had no answer in time; it gets none any more (RFC 4320 §4.2).

    Attributes:
        context: Number of the request.
    """

    context: int


@attrs.frozen
class RequestRefused:
    """The proxy answered a request itself instead of forwarding it.

    Attributes:
        method: Its method.
        uri: Its Request-URI.
        source: Where it came from.
        status_code: Status of the answer.
    """

    method: str
    uri: str
    source: Endpoint
    status_code: int


ProxyEvent = (
    RoutingNeeded
    | RequestForwarded
    | FinalResponseSent
    | RequestExpired
    | RequestRefused
    | RegistrarEvent
    | DnsQuestion
)
