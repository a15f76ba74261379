"""Gives each event to all who want it, as the same octets, and wakes their writers without haste."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.control.events import ApiEvent, call_of, event_name
from trio_runtime.control.messages import event_text, lost_text
from trio_runtime.control.pushing.frames import text_frame
from trio_runtime.control.pushing.outbox import Outbox

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.events import EventStream
    from trio_runtime.events.types import SessionEvent

__all__ = ["Fanout", "Subscriber"]

_GROUP = 16  # writers that are woken before everybody else has a turn


@attrs.define(eq=False)
class Subscriber:
    """A client that may have events pushed.

    Attributes:
        outbox: Where they wait.
        active: Whether it wants any.
        names: Those that it wants, None for all.
        calls: The calls whose events it wants, None for all.
    """

    outbox: Outbox
    active: bool = False
    names: frozenset[str] | None = None
    calls: frozenset[SessionId] | None = None

    def wants(self, name: str, call: SessionId | None) -> bool:
        """Return whether it wants an event."""
        return (
            self.active
            and (self.names is None or name in self.names)
            and (self.calls is None or call in self.calls)
        )


class Fanout:
    """All subscribers of the API.

    Args:
        wall_time: The time in seconds since 1970.
        share: Share of the time that sending may take.
        max_waiting: Events that may wait for one subscriber.

    Attributes:
        published: Events encoded.
        dropped: Events lost over all subscribers.
    """

    def __init__(self, wall_time: Callable[[], float], share: float, max_waiting: int) -> None:
        self._wall_time = wall_time
        self._rest = (1 - share) / share
        self._max_waiting = max_waiting
        self._subscribers: dict[Subscriber, None] = {}
        self._pending: dict[Subscriber, None] = {}
        self._news = trio.Event()
        self._number = 0
        self.published = 0
        self.dropped = 0

    def join(self) -> Subscriber:
        """Return a new subscriber, who wants nothing yet."""
        subscriber = Subscriber(Outbox(self._max_waiting, self._lost_frame))
        self._subscribers[subscriber] = None
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber."""
        self._subscribers.pop(subscriber, None)
        self._pending.pop(subscriber, None)

    @property
    def active(self) -> int:
        """How many want events."""
        return sum([each.active for each in self._subscribers])

    def _lost_frame(self, count: int) -> bytes:
        return text_frame(lost_text(count, self._wall_time()))

    def publish(self, event: ApiEvent) -> None:
        """Put an event into the queues of all who want it; it is encoded once, if anybody does."""
        self._number += 1
        name, call = event_name_of(type(event)), call_of(event)
        frame = b""
        for subscriber in self._subscribers:
            if subscriber.wants(name, call):
                if not frame:
                    frame = text_frame(event_text(event, self._number, self._wall_time()))
                self.dropped += subscriber.outbox.offer(frame)
                self._pending[subscriber] = None
        if frame:
            self.published += 1
            self._news.set()

    async def listen(self, events: EventStream[SessionEvent]) -> None:
        """Publish what the coordinator publishes, until that is over."""
        with events:
            async for event in events:
                self.publish(event)

    async def wake_for_ever(self) -> None:
        """Let the writers send, a few at a time, and rest in between as the share demands."""
        while True:
            await self._news.wait()
            self._news = trio.Event()
            began = trio.current_time()
            while self._pending:
                await self._wake_some()
            await trio.sleep((trio.current_time() - began) * self._rest)

    async def _wake_some(self) -> None:
        for _ in range(min(_GROUP, len(self._pending))):
            subscriber = next(iter(self._pending))
            del self._pending[subscriber]
            subscriber.outbox.wake()
        await trio.lowlevel.checkpoint()


_NAMES: dict[type, str] = {}


def event_name_of(kind: type) -> str:
    """Return the name of an event, made once."""
    name = _NAMES.get(kind)
    if name is None:
        name = _NAMES[kind] = event_name(kind)
    return name
