"""Ready-made ways of dealing with incoming calls."""

from trio_runtime.handlers.composite import CompositeHandler, RejectAllHandler
from trio_runtime.handlers.decisions import Accept, CallDecision, Defer, Forward, Redirect, Reject
from trio_runtime.handlers.handler import AutoAnswerHandler, CallHandler
from trio_runtime.handlers.hooks import CallHooks
from trio_runtime.handlers.queue import QueueHandler, QueueStatistics
from trio_runtime.handlers.routing import Route, RoutingHandler

__all__ = [
    "Accept",
    "AutoAnswerHandler",
    "CallDecision",
    "CallHandler",
    "CallHooks",
    "CompositeHandler",
    "Defer",
    "Forward",
    "QueueHandler",
    "QueueStatistics",
    "Redirect",
    "Reject",
    "RejectAllHandler",
    "Route",
    "RoutingHandler",
]
