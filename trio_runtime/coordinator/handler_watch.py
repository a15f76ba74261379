"""Runs the application's code for calls, and reports what raises, what blocks and what does not end."""

from __future__ import annotations

import logging
import types
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from trio_runtime.events.types import HandlerBlocked, HandlerFailed, HandlerLingers

if TYPE_CHECKING:
    from trio_runtime.base.clock import Clock
    from trio_runtime.base.types import SessionId
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.session import Call

__all__ = ["HandlerStatistics", "HandlerWatch"]

ResultT = TypeVar("ResultT")
logger = logging.getLogger("trio_runtime")
_LINGER_S = 60.0  # a handler that tidies up after its call is done by then


@attrs.frozen
class HandlerStatistics:
    """What the application's code did.

    Attributes:
        running: Handlers that run now, those of plain functions left out.
        outlived: Those of them whose call is over.
        failed: Handlers that raised.
        blocked: How often one held everything up.
        longest_block_s: The longest of that, in seconds.
        lingered: Handlers that were still running long after their call.
    """

    running: int
    outlived: int
    failed: int
    blocked: int
    longest_block_s: float
    lingered: int


@attrs.define(eq=False)
class _Run:
    call: Call
    name: str


class HandlerWatch:
    """Knows every handler that runs.

    Args:
        clock: Measures them.
        operations: Where events are published.
        slow_s: Seconds at a stretch after which a handler counts as blocking; None never.
        start_soon: Starts a task that lives as long as the coordinator.
    """

    def __init__(
        self,
        clock: Clock,
        operations: CallOps,
        slow_s: float | None,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._clock = clock
        self._operations = operations
        self._slow_s = float("inf") if slow_s is None else slow_s
        self._start_soon = start_soon
        self._runs: dict[SessionId, list[_Run]] = {}
        self._outlived: OrderedDict[_Run, float] = OrderedDict()
        self._reporting = False
        self._failed = self._blocked = self._lingered = 0
        self._longest_s = 0.0

    def timed(self, call: Call, hook: Callable[..., ResultT], *arguments: object) -> ResultT:
        """Run a plain hook in place, and report it where it takes too long."""
        begun = self._clock.now()
        try:
            return hook(*arguments)
        finally:
            self._took(call, _name_of(hook), self._clock.now() - begun)

    async def drive(self, call: Call, handler: object, body: Awaitable[ResultT]) -> ResultT:
        """Await what a handler has returned, and report it where it works on for too long between awaits."""
        run = _Run(call, _name_of(handler))
        self._runs.setdefault(call.id, []).append(run)
        try:
            return await self._stepped(run, _as_coroutine(body))
        finally:
            self._forget(run)

    def _forget(self, run: _Run) -> None:
        self._outlived.pop(run, None)
        runs = self._runs[run.call.id]
        runs.remove(run)
        if not runs:
            del self._runs[run.call.id]

    @types.coroutine
    def _stepped(self, run: _Run, body: Coroutine[Any, Any, ResultT]) -> Generator[Any, Any, ResultT]:
        now = self._clock.now
        answer: Any = None
        error: BaseException | None = None
        while True:
            begun = now()
            try:
                wish = body.send(answer) if error is None else body.throw(error)
            except StopIteration as end:
                result: ResultT = end.value
                return result
            finally:
                if now() - begun > self._slow_s:
                    self._took(run.call, run.name, now() - begun)
            answer = error = None
            try:
                answer = yield wish
            except BaseException as raised:
                error = raised

    def _took(self, call: Call, name: str, seconds: float) -> None:
        if seconds <= self._slow_s:
            return
        self._blocked += 1
        self._longest_s = max(self._longest_s, seconds)
        logger.warning("the handler %s of %r held everything up for %.3f s", name, call, seconds)
        self._operations.publish(HandlerBlocked, call.id, name, seconds)

    def failed(self, call: Call, error: Exception) -> None:
        """Report a handler that raised; the call is left to whoever asked it."""
        self._failed += 1
        logger.error("the handler of %r failed", call, exc_info=error)
        self.told(call, error)

    def told(self, call: Call, error: Exception) -> None:
        """Publish what a handler raised."""
        self._operations.publish(HandlerFailed, call.id, f"{type(error).__name__}: {error}")

    def call_over(self, call: Call) -> None:
        """Note that a call has ended: its handlers should do so soon."""
        for run in self._runs.get(call.id, ()):
            self._outlived[run] = self._clock.now()
            if not self._reporting:
                self._reporting = True
                self._start_soon(self._report)

    async def _report(self) -> None:
        """Wait for the handlers of calls that are over, and report those that go on."""
        while self._outlived:
            run, over_at = next(iter(self._outlived.items()))
            await self._clock.sleep_until(over_at + _LINGER_S)
            if self._outlived.pop(run, None) is not None:  # most have ended meanwhile, and are gone
                self._lingers(run, self._clock.now() - over_at)
        self._reporting = False

    def _lingers(self, run: _Run, seconds: float) -> None:
        self._lingered += 1
        logger.warning("the handler %s of %r still runs %.0f s after its end", run.name, run.call, seconds)
        self._operations.publish(HandlerLingers, run.call.id, run.name, seconds)

    def statistics(self) -> HandlerStatistics:
        """Return the counters."""
        runs = [run for each in self._runs.values() for run in each]
        outlived = sum([run.call.end is not None for run in runs])
        return HandlerStatistics(
            len(runs), outlived, self._failed, self._blocked, self._longest_s, self._lingered
        )


def _name_of(handler: object) -> str:
    return str(getattr(handler, "__qualname__", type(handler).__qualname__))


def _as_coroutine(body: Awaitable[ResultT]) -> Coroutine[Any, Any, ResultT]:
    if isinstance(body, Coroutine):
        return body

    async def wait() -> ResultT:
        return await body

    return wait()
