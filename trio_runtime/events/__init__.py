"""Facts for applications, and the bus that carries them."""

from __future__ import annotations

from trio_runtime.events.bus import BusStatistics, EventBus
from trio_runtime.events.server_view import ServerView
from trio_runtime.events.stream import EventStream, Overflow, StreamStatistics

__all__ = [
    "BusStatistics",
    "EventBus",
    "EventStream",
    "Overflow",
    "ServerView",
    "StreamStatistics",
]
