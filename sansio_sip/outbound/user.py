"""Who sends requests: the transaction user (RFC 3261 §5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ..machine import Endpoint

if TYPE_CHECKING:
    from ..message import Request
    from ..transaction import TransactionEvent

__all__ = ["Finisher", "TransactionUser"]


class TransactionUser(Protocol):
    """Who sent a request and hears what became of it (the TU of RFC 3261 §5)."""

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take one event of an own client transaction."""


Finisher = Callable[["Request", Endpoint], str]
"""Completes a request when its next hop is known; gives the branch of the Via to put on top.

It is asked again, with the request as it was, when the request goes to another target.
"""
