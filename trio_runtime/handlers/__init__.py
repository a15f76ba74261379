"""Ready-made ways of dealing with incoming calls."""

from trio_runtime.handlers.decisions import Accept, CallDecision, Defer, Redirect, Reject
from trio_runtime.handlers.handler import AutoAnswerHandler, CallHandler
from trio_runtime.handlers.hooks import CallHooks

__all__ = [
    "Accept",
    "AutoAnswerHandler",
    "CallDecision",
    "CallHandler",
    "CallHooks",
    "Defer",
    "Redirect",
    "Reject",
]
