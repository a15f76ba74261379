"""A back-to-back user agent as a ready server with a routing function (RFC 7092)."""

from trio_runtime.b2bua.answers import CallRoute, CallRouteAnswer, Leg
from trio_runtime.b2bua.config import B2buaConfig
from trio_runtime.b2bua.headers import HeaderPolicy
from trio_runtime.b2bua.records import Attempt, B2buaEvent, CallRecord, CallRouteFailed
from trio_runtime.b2bua.requests import MessageRoute
from trio_runtime.b2bua.server import B2bua, B2buaStatistics

__all__ = [
    "Attempt",
    "B2bua",
    "B2buaConfig",
    "B2buaEvent",
    "B2buaStatistics",
    "CallRecord",
    "CallRoute",
    "CallRouteAnswer",
    "CallRouteFailed",
    "HeaderPolicy",
    "Leg",
    "MessageRoute",
]
