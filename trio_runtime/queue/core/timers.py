"""The moments at which something is due, each with a name."""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Timers"]

NameT = TypeVar("NameT", bound=Hashable)


class Timers(Generic[NameT]):
    """Times by name. What was set again or cancelled is found out when it comes up, or tidied up in bulk."""

    __slots__ = ("_heap", "_number", "_set")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, NameT]] = []
        self._set: dict[NameT, tuple[float, int]] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._set)

    def set(self, name: NameT, at: float) -> None:
        """Let something be due at a time, and no more at the time that was set before."""
        self._number += 1
        self._set[name] = at, self._number
        heapq.heappush(self._heap, (at, self._number, name))
        if len(self._heap) > 2 * len(self._set) + 64:
            self._heap = [(at, number, name) for name, (at, number) in self._set.items()]
            heapq.heapify(self._heap)

    def cancel(self, name: NameT) -> None:
        """Let something be due no more; what was not is no error."""
        self._set.pop(name, None)

    @property
    def earliest(self) -> float | None:
        """When the next thing is due."""
        while self._heap:
            at, number, name = self._heap[0]
            if self._set.get(name) == (at, number):
                return at
            heapq.heappop(self._heap)
        return None

    def pop_due(self, now: float) -> NameT | None:
        """Return one thing that is due, the earliest first; None when there is none."""
        earliest = self.earliest
        if earliest is None or earliest > now:
            return None
        name = heapq.heappop(self._heap)[2]
        del self._set[name]
        return name
