"""What a proxy server publishes."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from sansio_sip.proxy import FinalResponseSent, RequestExpired, RequestForwarded, RequestRefused
from trio_runtime.events.types import ContactRegistered, ContactRemoved, RegisterRefused, StoreFailed
from trio_runtime.proxy.request import ProxyRequest

__all__ = ["EventsLost", "ProxyServerEvent", "RouteFailed", "RouteTimedOut"]


@attrs.frozen
class RouteFailed:
    """The routing function raised, or gave what is no route; the request got 500, others live.

    Attributes:
        request: The request.
        error: What it raised.
    """

    request: ProxyRequest
    error: Exception


@attrs.frozen
class RouteTimedOut:
    """The routing function took too long; the request was refused.

    Attributes:
        request: The request.
        seconds: How long was waited.
    """

    request: ProxyRequest
    seconds: float


@attrs.frozen
class EventsLost:
    """A subscriber was too slow.

    Attributes:
        count: How many events it has lost here.
    """

    count: int


ProxyServerEvent: TypeAlias = (
    RequestForwarded
    | FinalResponseSent
    | RequestExpired
    | RequestRefused
    | RouteFailed
    | RouteTimedOut
    | ContactRegistered
    | ContactRemoved
    | RegisterRefused
    | StoreFailed
    | EventsLost
)
