"""Puts each event into the log once, as octets, and sends what is new to all who want it, without haste."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.control.events import EVENTS, ApiEvent, call_of
from trio_runtime.control.messages import event_text, lost_text
from trio_runtime.control.pushing.event_log import EventLog
from trio_runtime.control.pushing.frames import text_frame
from trio_runtime.control.pushing.outbox import Outbox

if TYPE_CHECKING:
    from trio_runtime.control.pushing.shared_stream import SharedStream
    from trio_runtime.events import EventStream
    from trio_runtime.events.types import SessionEvent

__all__ = ["Fanout"]

_GROUP = 32  # connections that are written to before everybody else has a turn: half a millisecond
_NAMES = {kind: name for name, kind in EVENTS.items()}


class Fanout:
    """The events of the API, and all who may want them.

    Args:
        wall_time: The time in seconds since 1970.
        share: Share of the time that sending may take.
        max_waiting: Events that may wait for one subscriber.

    Attributes:
        published: Events encoded.
        dropped: Events that were lost, over all subscribers.
    """

    def __init__(self, wall_time: Callable[[], float], share: float, max_waiting: int) -> None:
        self._wall_time = wall_time
        self._rest = (1 - share) / share
        self._log = EventLog(max_waiting)
        self._outboxes: dict[Outbox, None] = {}
        self._news = trio.Event()
        self._number = 0
        self.published = 0
        self.dropped = 0

    def join(self, stream: SharedStream | None = None) -> Outbox:
        """Return a new outbox, whose client wants no events yet; ``stream`` is what it writes to."""
        outbox = Outbox(self._log, self._lost, stream)
        self._outboxes[outbox] = None
        return outbox

    def leave(self, outbox: Outbox) -> None:
        """Forget a client."""
        self._outboxes.pop(outbox, None)

    @property
    def active(self) -> int:
        """How many want events."""
        return sum([each.active for each in self._outboxes])

    def _lost(self, count: int) -> bytes:
        self.dropped += count
        return text_frame(lost_text(count, self._wall_time()))

    def publish(self, event: ApiEvent) -> None:
        """Let an event be sent to all who want it; while nobody wants any, it is only counted."""
        self._number += 1
        if not any(each.active for each in self._outboxes):
            return
        frame = text_frame(event_text(event, self._number, self._wall_time()))
        self._log.append(_NAMES[type(event)], call_of(event), frame)
        self.published += 1
        self._news.set()

    async def listen(self, events: EventStream[SessionEvent]) -> None:
        """Publish what the coordinator publishes, until that is over."""
        with events:
            async for event in events:
                self.publish(event)

    async def send_for_ever(self) -> None:
        """Send what is new, a few connections at a time, and rest in between as the share demands."""
        while True:
            await self._news.wait()
            self._news = trio.Event()
            began = trio.current_time()
            waiting = list(self._outboxes)
            for start in range(0, len(waiting), _GROUP):
                for outbox in waiting[start : start + _GROUP]:
                    outbox.push()
                await trio.lowlevel.checkpoint()
            await trio.sleep((trio.current_time() - began) * self._rest)
