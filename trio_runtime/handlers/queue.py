"""Callers who wait in line until somebody takes them (HND-3)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.handlers.decisions import CallDecision, Defer, Reject
from trio_runtime.handlers.handler import CallHandler

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session import Call, IncomingCall

__all__ = ["QueueHandler", "QueueStatistics"]

_FULL = Reject(486, "Queue full")


@attrs.define(eq=False)
class _Taker:
    """Somebody who waits for a caller, and the one that is meant for him."""

    given: trio.Event = attrs.field(factory=trio.Event)
    call: IncomingCall | None = None


@attrs.frozen
class QueueStatistics:
    """What became of the callers.

    Attributes:
        waiting: Callers who wait now.
        queued: Callers who were put in line.
        taken: Callers whom somebody took.
        refused: Callers for whom there was no room.
        abandoned: Callers who gave up, or waited too long.
    """

    waiting: int
    queued: int
    taken: int
    refused: int
    abandoned: int


class QueueHandler(CallHandler):
    """Lets callers ring in the order in which they came; `next_call` gives the one who waits longest.

    Who hangs up leaves the line at once. The call that `next_call` gives still rings: answer or reject it.

    Args:
        max_queue_size: Callers who may wait; one more is refused with ``refusal``.
        max_wait: Seconds that a caller may wait; then the call is refused with 480.
        refusal: How one is refused for whom there is no room.
    """

    def __init__(
        self,
        max_queue_size: int = 100,
        *,
        max_wait: float = 300.0,
        refusal: Reject = _FULL,
    ) -> None:
        if max_queue_size < 1:
            raise ConfigurationError(f"must be at least 1, not {max_queue_size}", field="max_queue_size")
        if not max_wait > 0:
            raise ConfigurationError(f"must be above 0 s, not {max_wait}", field="max_wait")
        self._max_queue_size = max_queue_size
        self._max_wait = max_wait
        self._refusal = refusal
        self._waiting: deque[IncomingCall] = deque()
        self._takers: deque[_Taker] = deque()
        self._queued = self._taken = self._refused = self._abandoned = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        """Put a caller in line, or refuse when it is full."""
        if len(self._waiting) >= self._max_queue_size:
            self._refused += 1
            return self._refusal
        self._queued += 1
        self._waiting.append(call)
        self._hand_out()
        return Defer(self._max_wait)

    def on_call_ended(self, call: Call, reason: CallEnd) -> None:
        """Take out of the line who has gone."""
        for place, other in enumerate(self._waiting):
            if other is call:
                del self._waiting[place]
                self._abandoned += 1
                return

    async def next_call(self) -> IncomingCall:
        """Wait for a caller and return the one who has waited longest; takers are served in their order."""
        while True:
            taker = _Taker()
            self._takers.append(taker)
            self._hand_out()
            try:
                await taker.given.wait()
            except trio.Cancelled:
                self._give_back(taker)
                raise
            if taker.call is not None and taker.call.end is None:
                self._taken += 1
                return taker.call
            self._abandoned += 1  # gone at the very moment

    def _hand_out(self) -> None:
        while self._waiting and self._takers:
            taker = self._takers.popleft()
            taker.call = self._waiting.popleft()
            taker.given.set()

    def _give_back(self, taker: _Taker) -> None:
        """Let a caller go on waiting whose taker was cancelled: in front of all others."""
        if taker.call is None:
            self._takers.remove(taker)
        elif taker.call.end is None:
            self._waiting.appendleft(taker.call)
            self._hand_out()
        else:
            self._abandoned += 1

    def next_call_nowait(self) -> IncomingCall | None:
        """Return the caller who has waited longest, None when nobody waits."""
        if not self._waiting:
            return None
        self._taken += 1
        return self._waiting.popleft()

    def position(self, call: IncomingCall) -> int | None:
        """Return the place of a caller in the line, 1 for the next; None when it does not wait."""
        return next((place for place, other in enumerate(self._waiting, 1) if other is call), None)

    def statistics(self) -> QueueStatistics:
        """Return what became of the callers so far."""
        return QueueStatistics(len(self._waiting), self._queued, self._taken, self._refused, self._abandoned)
