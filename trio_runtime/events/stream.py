"""One subscription to events: a bounded queue with a reader that may be slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Literal, TypeAlias, TypeVar

import attrs
import trio

from trio_runtime.base.errors import LimitExceededError

__all__ = ["EventStream", "Overflow", "StreamStatistics"]

EventT = TypeVar("EventT")

Overflow: TypeAlias = Literal["oldest", "newest", "end"]
"""What is lost when a reader is too slow: the oldest event, the newest, or the subscription."""


@attrs.frozen
class StreamStatistics:
    """What passed one subscription.

    Attributes:
        delivered: Events that the reader took.
        dropped: Events lost because the reader was too slow.
        waiting: Events that wait for the reader.
        max_events: Most events that may wait.
    """

    delivered: int
    dropped: int
    waiting: int
    max_events: int


class EventStream(Generic[EventT]):
    """One subscription: iterate over it, close it, or use it as a context manager."""

    def __init__(
        self,
        unsubscribe: Callable[[EventStream[EventT]], None],
        wanted: Callable[[EventT], bool] | None,
        max_events: int,
        overflow: Overflow = "oldest",
        lost: Callable[[int], EventT] | None = None,
    ) -> None:
        """Use `EventBus.subscribe` instead."""
        self._unsubscribe = unsubscribe
        self._wanted = wanted
        self._max_events = max_events
        self._overflow = overflow
        self._lost = lost
        self._events: deque[EventT] = deque()
        self._readers = trio.lowlevel.ParkingLot()
        self._ended = self._cut_off = False
        self._delivered = self._dropped = self._untold = 0

    @property
    def begins_to_lag(self) -> bool:
        """Whether the last event was the first one lost since the reader has read anything."""
        return self._untold == 1

    @property
    def max_events(self) -> int:
        """How many events may wait."""
        return self._max_events

    def offer(self, event: EventT) -> int:
        """Keep the event if the filter wants it; return how many events were lost for it, itself included."""
        if self._wanted is not None and not self._wanted(event):
            return 0
        if len(self._events) < self._max_events:
            if self._untold and self._overflow == "newest":
                if self._lost is not None:
                    self._events.append(self._lost(self._untold))
                self._untold = 0
            self._events.append(event)
            self._readers.unpark()
            return 0
        self._dropped += 1
        self._untold += 1
        if self._overflow == "oldest":
            self._events.popleft()
            self._events.append(event)
        elif self._overflow == "end":
            self._cut_off = True
            self._unsubscribe(self)
            self.end()
        return 1

    def end(self) -> None:
        """Let the iteration stop once what waits has been read."""
        self._ended = True
        self._readers.unpark_all()

    def close(self) -> None:
        """Give the subscription up; what waits is forgotten."""
        self._unsubscribe(self)
        self._events.clear()
        self._untold = 0
        self.end()

    def receive_nowait(self) -> EventT:
        """Return the oldest event, or what says how many were lost before it.

        Raises:
            trio.WouldBlock: None waits.
            trio.EndOfChannel: There is none any more.
            LimitExceededError: There is none any more because the reader was too slow for ``overflow="end"``.
        """
        if self._untold and self._overflow == "oldest" and self._lost is not None:
            count, self._untold = self._untold, 0
            return self._lost(count)
        if self._events:
            self._delivered += 1
            if self._overflow == "oldest":
                self._untold = 0
            return self._events.popleft()
        if self._cut_off:
            raise LimitExceededError(f"the subscription ended: {self._max_events} events waited to be read")
        raise trio.EndOfChannel if self._ended else trio.WouldBlock

    def __aiter__(self) -> EventStream[EventT]:
        """Return itself."""
        return self

    async def __anext__(self) -> EventT:
        """Wait for the oldest event; the iteration stops when the bus or the stream is closed."""
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._ended and not self._cut_off:
                raise StopAsyncIteration
            if self._cut_off:
                break
            await self._readers.park()
        return self.receive_nowait()

    def __enter__(self) -> EventStream[EventT]:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the subscription."""
        self.close()

    def statistics(self) -> StreamStatistics:
        """Return the counters."""
        return StreamStatistics(self._delivered, self._dropped, len(self._events), self._max_events)
