"""Ready-made ways of dealing with incoming calls."""

from trio_runtime.handlers.decisions import Accept, CallDecision, Defer, Redirect, Reject
from trio_runtime.handlers.handler import AutoAnswerHandler, CallHandler

__all__ = [
    "Accept",
    "AutoAnswerHandler",
    "CallDecision",
    "CallHandler",
    "Defer",
    "Redirect",
    "Reject",
]
