"""Who takes an incoming call: the task of `serve`, a `CallHandler`, or nobody."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, SdpError, VoipError
from trio_runtime.coordinator.forwarding import forward_call
from trio_runtime.handlers import Accept, CallDecision, CallHandler, Defer, Forward, Redirect, Reject
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.coordinator.dialling import Dial
    from trio_runtime.coordinator.handler_watch import HandlerWatch
    from trio_runtime.coordinator.lifecycle_hooks import LifecycleHooks
    from trio_runtime.session import Call, TransferRequest

__all__ = ["CallTask", "Reception"]

logger = logging.getLogger("trio_runtime")
_DECISIONS = (Accept, Reject, Redirect, Forward, Defer)
CallTask = Callable[[IncomingCall], Awaitable[object]]


class Reception:
    """Hands incoming calls out and contains what goes wrong there.

    Args:
        watch: Runs the application's code.
        hooks: Told of every call.
        handler: The callback style, or ``None``.
        start_soon: Starts a task that lives as long as the coordinator.
        dial: Tells how to call a URI on behalf of another call.
    """

    def __init__(
        self,
        watch: HandlerWatch,
        hooks: LifecycleHooks,
        handler: CallHandler | None,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        dial: Dial,
    ) -> None:
        self._watch = watch
        self._hooks = hooks
        self._handler = handler
        self._start_soon = start_soon
        self._dial = dial
        self._take: Callable[[IncomingCall], None] | None = None

    async def serve(self, task: CallTask, started: Callable[[], None]) -> None:
        """Run ``task`` for each incoming call, in a task of its own, until cancelled.

        Raises:
            VoipError: Somebody serves already.
        """
        if self._take is not None:
            raise VoipError("calls are being served already: one `serve` at a time")
        async with trio.open_nursery() as nursery:
            self._take = lambda call: nursery.start_soon(self._run, task, call, name=f"call {call.id}")
            try:
                started()
                await trio.sleep_forever()
            finally:
                self._take = None

    async def _run(self, task: CallTask, call: IncomingCall) -> None:
        """Run the application's task for one call: its return, or its failure, ends that call only."""
        try:
            await self._watch.drive(call, task, self._watch.timed(call, task, call))
        except Exception as error:
            self._contain(call, error)
        finally:
            call.hang_up()

    def _contain(self, call: IncomingCall, error: Exception) -> None:
        if call.end is not None and _is_only_about_calls(error):
            return  # the call ended under the handler's hands, as calls do
        # An offer that has nothing for us, such as one without the keys that we require, is no fault of ours.
        not_acceptable = isinstance(error, SdpError)
        if not_acceptable:
            logger.info("%r is refused: %s", call, error)
            self._watch.told(call, error)
        else:
            self._watch.failed(call, error)
        if call.undecided:
            call.reject(488 if not_acceptable else 500)

    def incoming(self, call: IncomingCall) -> None:
        """Take a call that just came in."""
        self._hooks.created(call)
        if call.end is not None or not call.undecided:
            return  # a hook has decided
        if self._take is not None:
            self._take(call)
        elif self._handler is not None:
            self._ask(self._handler, call)
        else:
            call.reject(480)  # nobody is at home

    def _ask(self, handler: CallHandler, call: IncomingCall) -> None:
        try:
            decision = self._watch.timed(call, handler.on_incoming_call, call)
            if isinstance(decision, _DECISIONS):
                self._apply(call, decision)
            else:
                self._start_soon(lambda: self._decide_later(call, handler, decision))
        except Exception as error:
            self._contain(call, error)

    async def _decide_later(
        self, call: IncomingCall, handler: CallHandler, decision: Awaitable[CallDecision]
    ) -> None:
        try:
            self._apply(call, await self._watch.drive(call, handler.on_incoming_call, decision))
        except Exception as error:
            self._contain(call, error)

    def _apply(self, call: IncomingCall, decision: CallDecision) -> None:
        match decision:
            case Accept(headers):
                call.accept(headers=headers)
            case Reject(status_code, reason):
                call.reject(status_code, reason)
            case Redirect(targets):
                call.reject(302, headers=[("Contact", f"<{target}>") for target in targets])
            case Forward():
                self._start_soon(lambda: self._forward(call, decision))
            case Defer(timeout):
                call.ring()
                self._start_soon(lambda: self._expire(call, timeout))

    async def _forward(self, call: IncomingCall, decision: Forward) -> None:
        try:
            await forward_call(call, decision, self._dial)
        except Exception as error:
            self._contain(call, error)

    async def _expire(self, call: IncomingCall, timeout: float) -> None:
        with trio.move_on_after(timeout):
            await call.ended()
        if call.undecided:
            call.reject(480)

    def transfer_requested(self, call: Call, request: TransferRequest[Call]) -> None:
        """Ask the handler about a wish of the peer; without one it is refused."""
        if self._handler is not None and isinstance(call, IncomingCall):
            self._hooks.tell(call, self._handler.on_transfer_requested, call, request)
        if self._handler is None or not isinstance(call, IncomingCall):
            request.reject()

    def established(self, call: Call) -> None:
        """Tell the hooks, and the handler of a call that came in, that it is answered."""
        self._hooks.established(call)
        if self._handler is not None and isinstance(call, IncomingCall):
            self._hooks.tell(call, self._handler.on_call_established, call)

    def ended(self, call: Call) -> None:
        """Tell the hooks, and the handler of a call that came in, that it is over."""
        self._watch.call_over(call)
        self._hooks.terminated(call)
        if self._handler is not None and isinstance(call, IncomingCall) and call.end is not None:
            self._hooks.tell(call, self._handler.on_call_ended, call, call.end)


def _is_only_about_calls(error: Exception) -> bool:
    """Return whether an error, or all of a group that left a nursery of the handler, say how a call ended."""
    if isinstance(error, ExceptionGroup):
        return error.split(CallError)[1] is None
    return isinstance(error, CallError)
