"""A bounded publish and subscribe: the publisher never waits, a slow subscriber loses events and is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar

import attrs

from trio_runtime.base.errors import LimitExceededError
from trio_runtime.events.stream import EventStream, Overflow

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
        lags: How often a subscriber began to lose events.
        ended_by_subject: Subscriptions that were still open when what they were about ended, as a call.
    """

    published: int
    dropped: int
    filter_errors: int
    subscribers: int
    lags: int = 0
    ended_by_subject: int = 0


def _nothing(_: object) -> None:
    return None


class EventBus(Generic[EventT]):
    """Hands each event to every subscriber that wants it."""

    def __init__(
        self,
        *,
        max_subscribers: int = 10_000,
        subject_of: Callable[[EventT], Hashable | None] = _nothing,
        lost: Callable[[int], EventT] | None = None,
    ) -> None:
        """Begin without subscribers.

        Args:
            max_subscribers: Subscriptions at one time.
            subject_of: What an event is about, such as a call.
            lost: Makes the event that tells a subscriber how many it has lost; without it nobody is told.
        """
        # Which stream is about what, in the order of subscription; about nothing in particular is None.
        self._streams: dict[EventStream[EventT], tuple[Hashable | None, ...]] = {}
        self._by_subject: dict[Hashable | None, dict[EventStream[EventT], None]] = {None: {}}
        self._max_subscribers = max_subscribers
        self._subject_of = subject_of
        self._lost = lost
        self._published = self._dropped = self._filter_errors = self._lags = self._ended_by_subject = 0

    def subscribe(
        self,
        wanted: Callable[[EventT], bool] | None = None,
        *,
        max_events: int = 1_024,
        about: Hashable | None = None,
        and_about: Hashable | None = None,
        overflow: Overflow = "oldest",
    ) -> EventStream[EventT]:
        """Return a stream of the events from now on.

        Args:
            wanted: Chooses the events; it runs inside the publisher, so it must be quick. None takes all.
            max_events: How many may wait.
            about: Take only what is about this; nobody else's events cost anything. None takes all.
            and_about: Take what is about this as well.
            overflow: What happens when so many wait and one more comes: ``oldest`` or ``newest`` drops that
                event, ``end`` ends the subscription. What is lost is counted, logged, and told in the stream.

        Raises:
            LimitExceededError: there are `max_subscribers` already.
        """
        if len(self._streams) >= self._max_subscribers:
            raise LimitExceededError(f"the event bus has {self._max_subscribers} subscribers already")
        stream = EventStream(self.unsubscribe, wanted, max_events, overflow, self._lost)
        subjects = (about,) if and_about is None else (about, and_about)
        self._streams[stream] = subjects
        for subject in subjects:
            self._by_subject.setdefault(subject, {})[stream] = None
        return stream

    def unsubscribe(self, stream: EventStream[EventT]) -> None:
        """Forget a subscription; one that is unknown is ignored."""
        if stream not in self._streams:
            return
        for subject in self._streams.pop(stream):
            streams = self._by_subject[subject]
            del streams[stream]
            if not streams and subject is not None:
                del self._by_subject[subject]

    def end_subject(self, about: Hashable) -> None:
        """End the subscriptions to what will have no more events; what waits in them can still be read.

        One that is about something else as well goes on.
        """
        for stream in tuple(self._by_subject.get(about, ())):
            if len(self._streams[stream]) > 1:
                continue
            self._ended_by_subject += 1
            self.unsubscribe(stream)
            stream.end()

    def announce(self, kind: Callable[P, EventT], *values: P.args, **named: P.kwargs) -> None:
        """Publish ``kind(*values)``, made only if anybody subscribes and else just counted."""
        if self._streams:
            self.publish(kind(*values, **named))
        else:
            self._published += 1

    def publish(self, event: EventT) -> None:
        """Hand the event out; never waits and never raises."""
        self._published += 1
        streams = tuple(self._by_subject[None])
        if len(self._by_subject) > 1 and (about := self._subject_of(event)) is not None:
            streams += tuple(self._by_subject.get(about, ()))
        for stream in streams:
            try:
                if stream.offer(event):
                    self._count_loss(stream)
            except Exception:
                # A filter is foreign code: its fault must not stop the signalling that publishes.
                self._filter_errors += 1
                logger.exception("the filter of an event subscription failed")

    def _count_loss(self, stream: EventStream[EventT]) -> None:
        self._dropped += 1
        if stream.begins_to_lag:
            self._lags += 1
            logger.warning("a subscriber of events does not keep up: more than %d wait", stream.max_events)

    def close(self) -> None:
        """End every subscription after what waits in it."""
        for stream in tuple(self._streams):
            stream.end()
        self._streams.clear()
        self._by_subject = {None: {}}

    def statistics(self) -> BusStatistics:
        """Return the counters."""
        return BusStatistics(
            self._published,
            self._dropped,
            self._filter_errors,
            len(self._streams),
            self._lags,
            self._ended_by_subject,
        )
