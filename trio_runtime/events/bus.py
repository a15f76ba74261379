"""A bounded publish and subscribe: the publisher never waits, the slow subscriber loses the oldest."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

import attrs

from trio_runtime.base.errors import LimitExceededError
from trio_runtime.events.stream import EventStream

__all__ = ["BusStatistics", "EventBus"]

EventT = TypeVar("EventT")
P = ParamSpec("P")
logger = logging.getLogger("trio_runtime")


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
        stream = EventStream(self.unsubscribe, wanted, max_events)
        self._streams[stream] = None
        return stream

    def unsubscribe(self, stream: EventStream[EventT]) -> None:
        """Forget a subscription; one that is unknown is ignored."""
        self._streams.pop(stream, None)

    def announce(self, kind: Callable[P, EventT], *values: P.args, **named: P.kwargs) -> None:
        """Publish ``kind(*values)``, made only if anybody subscribes and else just counted."""
        if self._streams:
            self.publish(kind(*values, **named))
        else:
            self._published += 1

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
