"""What waits to be sent to one client: its replies, and the events that it has not had yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.control.pushing.event_log import Filter

if TYPE_CHECKING:
    from trio_runtime.control.pushing.event_log import EventLog
    from trio_runtime.control.pushing.shared_stream import SharedStream

__all__ = ["Outbox"]

_EVERYTHING = Filter()


class Outbox:
    """Replies are never lost, as there are no more of them than commands under way; of events the oldest are.

    Args:
        log: The events.
        lost: Makes the frame that tells how many were lost, and counts them.
        stream: Where events can be sent without the writer; None for nowhere.

    Attributes:
        active: Whether events are wanted.
    """

    __slots__ = ("_log", "_lost", "_place", "_ready", "_replies", "_stream", "_wanted", "active")

    def __init__(
        self, log: EventLog, lost: Callable[[int], bytes], stream: SharedStream | None = None
    ) -> None:
        self._log = log
        self._lost = lost
        self._stream = stream
        self._replies: deque[bytes] = deque()
        self._ready = trio.Event()
        self._place = log.end
        self._wanted = _EVERYTHING
        self.active = False

    def subscribe(self, wanted: Filter) -> None:
        """Want events from now on."""
        self._wanted = wanted
        self._place = self._log.end
        self.active = True

    def unsubscribe(self) -> None:
        """Want none any more, those that wait included."""
        self.active = False

    def reply(self, frame: bytes) -> None:
        """Put a reply in, to be sent at once."""
        self._replies.append(frame)
        self._ready.set()

    def push(self) -> None:
        """Send the events that wait: at once where nobody has to wait for it, else by the writer."""
        stream = self._stream
        if not self.active or self._place == self._log.end:
            return
        if stream is None or self._replies or not stream.idle:
            self._ready.set()
            return
        piece = self._events()
        if piece and not stream.send_now(piece):
            self._ready.set()

    def _events(self) -> bytes:
        piece, lost = self._log.since(self._place, self._wanted)
        self._place = self._log.end
        return self._lost(lost) + piece if lost else piece

    async def next_piece(self) -> bytes:
        """Wait until there is something to send, and return all of it as one piece.

        It may be empty: then `SharedStream.send_now` has left something.
        """
        await self._ready.wait()
        self._ready = trio.Event()
        pieces = list(self._replies)
        self._replies.clear()
        if self.active:
            pieces.append(self._events())
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
