"""What waits to be sent to one client: replies, and events of which the oldest may be lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import trio

__all__ = ["Outbox"]


class Outbox:
    """Frames for one client. Replies are never lost: there are no more of them than commands under way.

    Args:
        max_events: How many events may wait.
        lost_frame: Makes the frame that tells how many were lost.

    Attributes:
        dropped: Events lost so far.
        sent: Events handed to the writer so far.
    """

    __slots__ = ("_events", "_lost_frame", "_max_events", "_ready", "_replies", "_untold", "dropped", "sent")

    def __init__(self, max_events: int, lost_frame: Callable[[int], bytes]) -> None:
        self._replies: deque[bytes] = deque()
        self._events: deque[bytes] = deque()
        self._max_events = max_events
        self._lost_frame = lost_frame
        self._ready = trio.Event()
        self._untold = 0
        self.dropped = 0
        self.sent = 0

    def __len__(self) -> int:
        """Return how many events wait."""
        return len(self._events)

    def reply(self, frame: bytes) -> None:
        """Put a reply in, to be sent at once."""
        self._replies.append(frame)
        self._ready.set()

    def offer(self, frame: bytes) -> int:
        """Put an event in, to be sent when `wake` says so; return how many were lost for it."""
        self._events.append(frame)
        if len(self._events) <= self._max_events:
            return 0
        self._events.popleft()
        self._untold += 1
        self.dropped += 1
        return 1

    def wake(self) -> None:
        """Let the writer send the events that wait."""
        if self._events:
            self._ready.set()

    def forget_events(self) -> None:
        """Drop the events that wait, because they are not wanted any more."""
        self._events.clear()
        self._untold = 0

    async def next_piece(self) -> bytes:
        """Wait until there is something to send, and return all of it as one piece."""
        await self._ready.wait()
        self._ready = trio.Event()
        pieces = list(self._replies)
        self._replies.clear()
        if self._untold:
            pieces.append(self._lost_frame(self._untold))
            self._untold = 0
        self.sent += len(self._events)
        pieces += self._events
        self._events.clear()
        return b"".join(pieces)
