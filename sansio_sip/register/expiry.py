"""Which address has a binding that ends next."""

from __future__ import annotations

import heapq

__all__ = ["ExpiryQueue"]

_SLACK = 64


class ExpiryQueue:
    """The earliest end for each address, in a heap whose outdated entries are found out when they come up."""

    __slots__ = ("_ends", "_heap")

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    @property
    def deadline(self) -> float | None:
        """The earliest end of all, exact."""
        heap = self._heap
        while heap and self._ends.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def set(self, aor: str, end: float | None) -> None:
        """Note the earliest end of an address; ``None`` when it has no bindings any more."""
        if end is None:
            self._ends.pop(aor, None)
        elif self._ends.get(aor) != end:
            self._ends[aor] = end
            heapq.heappush(self._heap, (end, aor))
        # Refreshes leave outdated entries behind; they may never be many more than the true ones.
        if len(self._heap) > 2 * len(self._ends) + _SLACK:
            self._heap = [(end, aor) for aor, end in self._ends.items()]
            heapq.heapify(self._heap)

    def pop_due(self, now: float) -> str | None:
        """Remove and return an address with a binding that has ended, or ``None``."""
        deadline = self.deadline
        if deadline is None or deadline > now:
            return None
        aor = heapq.heappop(self._heap)[1]
        del self._ends[aor]
        return aor
