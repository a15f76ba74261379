"""A bounded publish and subscribe: the publisher never waits, the slow subscriber loses the oldest."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

import attrs
import trio

from trio_runtime.base.errors import LimitExceededError

__all__ = ["BusStatistics", "EventBus", "EventStream", "StreamStatistics"]

EventT = TypeVar("EventT")
logger = logging.getLogger("trio_runtime")


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


@attrs.frozen
class BusStatistics:
    """What passed the bus.

    Attributes:
        published: Events published.
        dropped: Events lost over all subscriptions.
        filter_errors: Events that a subscriber's filter failed on, which then did not get them.
        subscribers: Open subscriptions.
    """

    published: int
    dropped: int
    filter_errors: int
    subscribers: int


class EventStream(Generic[EventT]):
    """One subscription: iterate over it, close it, or use it as a context manager."""

    def __init__(
        self, bus: EventBus[EventT], wanted: Callable[[EventT], bool] | None, max_events: int
    ) -> None:
        """Use `EventBus.subscribe` instead."""
        self._bus = bus
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
        self._bus.unsubscribe(self)
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


class EventBus(Generic[EventT]):
    """Hands each event to every subscriber that wants it."""

    def __init__(self, *, max_subscribers: int = 10_000) -> None:
        """Allow `max_subscribers` subscriptions at one time."""
        self._streams: dict[EventStream[EventT], None] = {}
        self._max_subscribers = max_subscribers
        self._published = self._dropped = self._filter_errors = 0

    def subscribe(
        self, wanted: Callable[[EventT], bool] | None = None, *, max_events: int = 1_024
    ) -> EventStream[EventT]:
        """Return a stream of the events from now on.

        Args:
            wanted: Chooses the events; it runs inside the publisher, so it must be quick. None takes all.
            max_events: How many may wait before the oldest is dropped.

        Raises:
            LimitExceededError: there are `max_subscribers` already.
        """
        if len(self._streams) >= self._max_subscribers:
            raise LimitExceededError(f"the event bus has {self._max_subscribers} subscribers already")
        stream = EventStream(self, wanted, max_events)
        self._streams[stream] = None
        return stream

    def unsubscribe(self, stream: EventStream[EventT]) -> None:
        """Forget a subscription; one that is unknown is ignored."""
        self._streams.pop(stream, None)

    def publish(self, event: EventT) -> None:
        """Hand the event out; never waits and never raises."""
        self._published += 1
        for stream in tuple(self._streams):
            try:
                self._dropped += stream.offer(event)
            except Exception:
                # A filter is foreign code: its fault must not stop the signalling that publishes.
                self._filter_errors += 1
                logger.exception("the filter of an event subscription failed")

    def close(self) -> None:
        """End every subscription after what waits in it."""
        for stream in tuple(self._streams):
            stream.end()
        self._streams.clear()

    def statistics(self) -> BusStatistics:
        """Return the counters."""
        return BusStatistics(self._published, self._dropped, self._filter_errors, len(self._streams))
