"""Which rows of the columns are in use."""

from __future__ import annotations

import heapq

_FEWEST = 16


class RowAllocator:
    """Gives out the lowest free row, so that those in use stay together and the columns can shrink again.

    Attributes:
        capacity: Rows that the columns have to have.
        used: Rows in use.
    """

    __slots__ = ("_free", "_taken", "capacity", "used")

    def __init__(self) -> None:
        self.capacity = _FEWEST
        self.used = 0
        self._free = list(range(_FEWEST))
        self._taken = bytearray(_FEWEST)

    def take(self) -> int:
        """Return a row that was free; `capacity` doubles when there was none."""
        if not self._free:
            self._free = list(range(self.capacity, 2 * self.capacity))
            self._taken.extend(bytes(self.capacity))
            self.capacity *= 2
        row = heapq.heappop(self._free)
        self._taken[row] = 1
        self.used += 1
        return row

    def give(self, row: int) -> None:
        """Take a row back; `capacity` halves while the upper three quarters of the rows are free."""
        self._taken[row] = 0
        self.used -= 1
        heapq.heappush(self._free, row)
        while self.capacity > _FEWEST and not any(self._taken[self.capacity // 4 :]):
            self.capacity //= 2
            del self._taken[self.capacity :]
            self._free = [free for free in self._free if free < self.capacity]
            heapq.heapify(self._free)
