"""One subscription to events: a bounded queue with a reader that may be slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

import attrs
import trio

__all__ = ["EventStream", "StreamStatistics"]

EventT = TypeVar("EventT")


@attrs.frozen
class StreamStatistics:
    """What passed one subscription.

    Attributes:
        delivered: Events that the reader took.
        dropped: Events lost because the reader was too slow; always the oldest ones.
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
    ) -> None:
        """Use `EventBus.subscribe` instead."""
        self._unsubscribe = unsubscribe
        self._wanted = wanted
        self._max_events = max_events
        self._events: deque[EventT] = deque()
        self._readers = trio.lowlevel.ParkingLot()
        self._ended = False
        self._delivered = self._dropped = 0

    def offer(self, event: EventT) -> int:
        """Keep the event if the filter wants it; return how many old ones were lost for it."""
        if self._wanted is not None and not self._wanted(event):
            return 0
        lost = 0
        if len(self._events) >= self._max_events:
            self._events.popleft()
            lost = 1
        self._dropped += lost
        self._events.append(event)
        self._readers.unpark()
        return lost

    def end(self) -> None:
        """Let the iteration stop once what waits has been read."""
        self._ended = True
        self._readers.unpark_all()

    def close(self) -> None:
        """Give the subscription up; what waits is forgotten."""
        self._unsubscribe(self)
        self._events.clear()
        self.end()

    def receive_nowait(self) -> EventT:
        """Return the oldest event; raises `trio.WouldBlock` if none waits, `trio.EndOfChannel` at the end."""
        if self._events:
            self._delivered += 1
            return self._events.popleft()
        raise trio.EndOfChannel if self._ended else trio.WouldBlock

    def __aiter__(self) -> EventStream[EventT]:
        """Return itself."""
        return self

    async def __anext__(self) -> EventT:
        """Wait for the oldest event; the iteration stops when the bus or the stream is closed."""
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._ended:
                raise StopAsyncIteration
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
