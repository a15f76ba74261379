"""Handlers: the callback style of taking calls (HND-1, HND-2)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from trio_runtime.handlers.decisions import Accept, CallDecision

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session import Call, IncomingCall, TransferRequest

__all__ = ["AutoAnswerHandler", "CallHandler"]


class CallHandler:
    """Decides about incoming calls; subclass it and override what matters.

    Each hook may be a plain function, which runs in place, costs no task and must not block, or an
    async function, which runs in a task of the call's own.
    """

    def on_incoming_call(self, call: IncomingCall) -> CallDecision | Awaitable[CallDecision]:
        """Decide about a call."""
        raise NotImplementedError

    def on_call_established(self, call: Call) -> Awaitable[None] | None:
        """Hear that a call was answered and acknowledged."""
        return None

    def on_transfer_requested(self, call: Call, request: TransferRequest[Call]) -> Awaitable[None] | None:
        """Decide about the wish of a caller that we call somebody else: `TransferRequest.accept` or `reject`.

        Not asked while `Call.transfer_requests` is read. Unless it is overridden the wish is refused.
        """
        request.reject()
        return None

    def on_call_ended(self, call: Call, reason: CallEnd) -> Awaitable[None] | None:
        """Hear that a call is over; exactly once for each call that came in."""
        return None


class AutoAnswerHandler(CallHandler):
    """Answers every call."""

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """Accept."""
        return Accept()
