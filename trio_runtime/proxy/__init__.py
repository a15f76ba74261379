"""A stateful proxy as a ready server with a routing function."""

from sansio_sip.proxy import Reply, Target
from trio_runtime.proxy.answers import RouteAnswer, RouteFunction, to_registered
from trio_runtime.proxy.asking import RoutingStatistics
from trio_runtime.proxy.config import ProxyServerConfig
from trio_runtime.proxy.events import ProxyServerEvent, RouteFailed, RouteTimedOut
from trio_runtime.proxy.location import Location, Reachable, targets_of
from trio_runtime.proxy.request import ProxyRequest
from trio_runtime.proxy.server import ProxyServer
from trio_runtime.proxy.statistics import ProxyServerStatistics

__all__ = [
    "Location",
    "ProxyRequest",
    "ProxyServer",
    "ProxyServerConfig",
    "ProxyServerEvent",
    "ProxyServerStatistics",
    "Reachable",
    "Reply",
    "RouteAnswer",
    "RouteFailed",
    "RouteFunction",
    "RouteTimedOut",
    "RoutingStatistics",
    "Target",
    "targets_of",
    "to_registered",
]
