"""One timer queue for many machines: a heap of deadlines, cancelled lazily."""

from __future__ import annotations

import heapq
from typing import Protocol

from ..table import NEVER

__all__ = ["Schedule", "Timed"]


class Timed(Protocol):
    """Something with a deadline that remembers its earliest entry in the queue."""

    scheduled: float

    @property
    def deadline(self) -> float | None:
        """Absolute time in seconds, or ``None``."""

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""


class Schedule:
    """Finds the machine whose deadline is next.

    A machine may push its deadline back or drop it without telling: the old entry is found out
    when it comes up. Only a deadline that moves forward needs `update`.
    """

    __slots__ = ("_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timed]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def update(self, item: Timed) -> None:
        """Note that the deadline of ``item`` may have moved forward."""
        deadline = item.deadline
        if deadline is not None and deadline < item.scheduled:
            self._push(deadline, item)

    def _push(self, deadline: float, item: Timed) -> None:
        item.scheduled = deadline
        self._count += 1
        heapq.heappush(self._heap, (deadline, self._count, item))

    @property
    def deadline(self) -> float | None:
        """The earliest deadline of all, exact."""
        heap = self._heap
        while heap:
            when, _, item = heap[0]
            actual = item.deadline
            if when == item.scheduled and actual == when:
                return when
            self._drop_head(when, actual, item)
        return None

    def _drop_head(self, when: float, actual: float | None, item: Timed) -> None:
        heapq.heappop(self._heap)
        if when != item.scheduled:
            return  # an earlier entry of the same machine took its place
        item.scheduled = NEVER
        if actual is not None:
            self._push(actual, item)

    def pop_due(self, now: float) -> Timed | None:
        """Remove and return a machine that is due, or ``None``."""
        deadline = self.deadline
        if deadline is None or deadline > now:
            return None
        item = heapq.heappop(self._heap)[2]
        item.scheduled = NEVER
        return item
