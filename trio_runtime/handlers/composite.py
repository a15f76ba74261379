"""Several handlers as one, and the one that refuses (HND-5, HND-6)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.handlers.decisions import CallDecision, Defer, Reject
from trio_runtime.handlers.handler import CallHandler

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session import Call, IncomingCall, TransferRequest

__all__ = ["CompositeHandler", "RejectAllHandler"]


class RejectAllHandler(CallHandler):
    """Refuses every call.

    Args:
        status_code: 300 to 699.
        reason: Phrase.
    """

    def __init__(self, status_code: int = 486, reason: str = "Busy Here") -> None:
        if not 300 <= status_code <= 699:
            raise ConfigurationError(f"must be 300 to 699, not {status_code}", field="status_code")
        self._decision = Reject(status_code, reason)

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """Refuse."""
        return self._decision


class CompositeHandler(CallHandler):
    """Asks handlers in order; the first decision that is no `Defer` counts, else the first `Defer`.

    All of them hear of the answer and the end of every call. About a transfer the one is asked whose decision
    counted; when nobody's did, the first.

    Args:
        handlers: The handlers, the most important one first.
    """

    def __init__(self, *handlers: CallHandler) -> None:
        if not handlers:
            raise ConfigurationError("must be one at least", field="handlers")
        self._handlers = handlers
        self._chosen: dict[str, CallHandler] = {}

    def on_incoming_call(self, call: IncomingCall) -> CallDecision | Awaitable[CallDecision]:
        """Ask each handler; in a task of the call's own as soon as one of them needs that."""
        deferred: CallDecision | None = None
        for place, handler in enumerate(self._handlers):
            decision = handler.on_incoming_call(call)
            if isinstance(decision, Awaitable):
                return self._ask_on(call, decision, place, deferred)
            if not isinstance(decision, Defer):
                self._chosen[call.id] = handler
                return decision
            deferred = deferred or decision
        return deferred or Defer()

    async def _ask_on(
        self, call: IncomingCall, first: Awaitable[CallDecision], place: int, deferred: CallDecision | None
    ) -> CallDecision:
        decision = await first
        for handler, following in zip(
            self._handlers[place:], (*self._handlers[place + 1 :], None), strict=True
        ):
            if not isinstance(decision, Defer):
                self._chosen[call.id] = handler
                return decision
            deferred = deferred or decision
            if following is not None:
                answer = following.on_incoming_call(call)
                decision = await answer if isinstance(answer, Awaitable) else answer
        return deferred or Defer()

    def on_call_established(self, call: Call) -> Awaitable[None] | None:
        """Tell every handler."""
        return _all([handler.on_call_established(call) for handler in self._handlers])

    def on_call_ended(self, call: Call, reason: CallEnd) -> Awaitable[None] | None:
        """Tell every handler."""
        self._chosen.pop(call.id, None)
        return _all([handler.on_call_ended(call, reason) for handler in self._handlers])

    def on_transfer_requested(self, call: Call, request: TransferRequest[Call]) -> Awaitable[None] | None:
        """Ask the handler that took the call."""
        return self._chosen.get(call.id, self._handlers[0]).on_transfer_requested(call, request)


def _all(hooks: list[Awaitable[None] | None]) -> Awaitable[None] | None:
    waiting = [hook for hook in hooks if hook is not None]
    return _one_by_one(waiting) if waiting else None


async def _one_by_one(hooks: list[Awaitable[None]]) -> None:
    for hook in hooks:
        await hook
