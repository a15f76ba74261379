"""Messages by recipient: the first of each is on its way, the others wait for its answer (RFC 3428 §8)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..subscribe import UsageRequest

__all__ = ["Letter", "Letters"]


@attrs.frozen(eq=False)
class Letter:
    """One message.

    Attributes:
        number: Its number in events.
        request: The MESSAGE with its second tries.
    """

    number: int
    request: UsageRequest

    @property
    def recipient(self) -> str:
        """The Request-URI."""
        return self.request.request.uri


class Letters:
    """The queue of each recipient."""

    __slots__ = ("_queues", "waiting")

    def __init__(self) -> None:
        self._queues: dict[str, deque[Letter]] = {}
        self.waiting = 0

    def __contains__(self, recipient: str) -> bool:
        return recipient in self._queues

    def add(self, letter: Letter) -> bool:
        """Append a message; return whether it is the first of its recipient and can go."""
        queue = self._queues.setdefault(letter.recipient, deque())
        queue.append(letter)
        self.waiting += len(queue) > 1
        return len(queue) == 1

    def answered(self, recipient: str) -> tuple[Letter, Letter | None]:
        """Remove the message that has its answer; return it and the next one, which can go now."""
        queue = self._queues[recipient]
        done = queue.popleft()
        if not queue:
            del self._queues[recipient]
            return done, None
        self.waiting -= 1
        return done, queue[0]

    def drop_waiting(self) -> Iterator[Letter]:
        """Remove the messages that are not on their way, in order."""
        for queue in self._queues.values():
            first = queue.popleft()
            self.waiting -= len(queue)
            yield from queue
            queue.clear()
            queue.append(first)
