"""One timer queue for many machines, cancelled lazily."""

from __future__ import annotations

import heapq
from collections import deque
from typing import Protocol, TypeAlias

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


_Entry: TypeAlias = tuple[float, int, Timed]
_MAX_CHANGED = 64


class Schedule:
    """Finds the machine whose deadline is next.

    A machine may push its deadline back or drop it without telling: the old entry is found out
    when it comes up. Only a deadline that moves forward needs `update`.

    Most deadlines come in rising order, 64*T1 after the message of the moment, so they stand in a
    queue; only those that do not fit at its end go into the heap.
    """

    __slots__ = ("_changed", "_count", "_heap", "_queue")

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._queue: deque[_Entry] = deque()
        self._changed: list[Timed] = []
        self._count = 0

    def __len__(self) -> int:
        self._take_changes()
        return len(self._heap) + len(self._queue)

    def update(self, item: Timed) -> None:
        """Note that the deadline of ``item`` may have moved forward."""
        # Looked at when somebody asks: one message moves the deadline of its transaction several times.
        changed = self._changed
        if not changed or changed[-1] is not item:
            changed.append(item)
            if len(changed) > _MAX_CHANGED:
                self._take_changes()

    def _take_changes(self) -> None:
        for item in self._changed:
            deadline = item.deadline
            if deadline is not None and deadline < item.scheduled:
                self._push(deadline, item)
        self._changed.clear()

    def _push(self, deadline: float, item: Timed) -> None:
        item.scheduled = deadline
        self._count += 1
        queue = self._queue
        if not queue or deadline >= queue[-1][0]:
            queue.append((deadline, self._count, item))
        else:
            heapq.heappush(self._heap, (deadline, self._count, item))

    @property
    def deadline(self) -> float | None:
        """The earliest deadline of all, exact."""
        if not (self._changed or self._queue or self._heap):
            return None
        entry = self._first()
        return None if entry is None else entry[0]

    def _first(self) -> _Entry | None:
        """Return the earliest entry that is still true; those that are not are dropped."""
        if self._changed:
            self._take_changes()
        queue, heap = self._queue, self._heap
        while queue or heap:
            entry = heap[0] if heap and (not queue or heap[0] < queue[0]) else queue[0]
            when, _, item = entry
            actual = item.deadline
            if when == item.scheduled and actual == when:
                return entry
            self._drop(entry)
            if when == item.scheduled:  # and not a later entry than the one that took its place
                item.scheduled = NEVER
                if actual is not None:
                    self._push(actual, item)
        return None

    def _drop(self, entry: _Entry) -> None:
        if self._heap and self._heap[0] is entry:
            heapq.heappop(self._heap)
        else:
            self._queue.popleft()

    def pop_due(self, now: float) -> Timed | None:
        """Remove and return a machine that is due, or ``None``."""
        entry = self._first()
        if entry is None or entry[0] > now:
            return None
        self._drop(entry)
        entry[2].scheduled = NEVER
        return entry[2]
