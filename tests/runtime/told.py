"""What a stream of events has told so far."""

from __future__ import annotations

from typing import TypeVar

import trio

from trio_runtime.events import EventStream
from trio_runtime.events.types import SessionEvent

__all__ = ["told"]

EventT = TypeVar("EventT")


def told(events: EventStream[SessionEvent], kind: type[EventT]) -> list[EventT]:
    """The events of a kind that wait in a stream."""
    found: list[EventT] = []
    while True:
        try:
            event = events.receive_nowait()
        except (trio.WouldBlock, trio.EndOfChannel):
            return found
        if isinstance(event, kind):
            found.append(event)
