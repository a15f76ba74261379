"""What is to happen on the wire, in the order of virtual time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TypeVar

import trio

__all__ = ["Timetable"]

ArgumentT = TypeVar("ArgumentT")


class Timetable:
    """A heap of calls to be made, and the task that makes them.

    A call is a function and one argument, not a closure: there is one for each datagram.

    Attributes:
        now: The time for the calls that are being made: asking the clock costs as much as a link.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[..., None], object]] = []
        self.now = 0.0
        self._serial = 0
        self._wake_at = float("inf")
        self._service = trio.CancelScope()
        self._nap = trio.CancelScope()
        self._stopped = trio.Event()

    def __len__(self) -> int:
        """Return how many calls are to be made."""
        return len(self._heap)

    def at(self, time: float, function: Callable[[ArgumentT], None], argument: ArgumentT) -> None:
        """Call a function at a time; of those at one time, the one that was asked for first."""
        self._serial += 1
        heappush(self._heap, (time, self._serial, function, argument))
        if time < self._wake_at:
            self._wake_at = self._nap.deadline = time

    def start(self) -> None:
        """Begin; call it inside of Trio."""
        # A system task and not a nursery: what a block raises must leave it bare, not in a group.
        trio.lowlevel.spawn_system_task(self._run)

    async def stop(self) -> None:
        """End; what is to be done then stays undone. Shield it: the task must be over before the loop is."""
        self._service.cancel()
        await self._stopped.wait()

    async def _run(self) -> None:
        heap = self._heap
        with self._service:
            while True:
                self.now = now = trio.current_time()
                while heap and heap[0][0] <= now:
                    _, _, function, argument = heappop(heap)
                    function(argument)
                self._wake_at = heap[0][0] if heap else float("inf")
                self._nap = trio.CancelScope(deadline=self._wake_at)
                with self._nap:
                    await trio.sleep_forever()
        self._stopped.set()
