"""The order in which callers wait."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import attrs

from trio_runtime.base.priority import CallPriority

__all__ = ["CallerRecord", "Place", "WaitingLine", "place_of"]

Place: TypeAlias = tuple[int, float, int]
"""Where a caller stands: emergencies first, then by the time of coming less what the priority is worth."""


def place_of(priority: CallPriority, joined_at: float, number: int, ageing: float) -> Place:
    """Return the place of a caller, which never changes: whoever waits rises as others come and stay behind.

    One step of priority is worth `ageing` seconds of waiting. So a caller is overtaken only by those who come
    within the worth of the steps between them, and nobody waits for ever. Emergencies alone go before all.

    Args:
        priority: How urgent the call is.
        joined_at: When it came, in seconds.
        number: Its number, for those who come at one moment.
        ageing: Seconds that a step is worth; infinite lets no waiting make up for it.
    """
    if ageing == float("inf"):
        return -int(priority), joined_at, number
    first = -1 if priority is CallPriority.EMERGENCY else 0
    return first, joined_at - int(priority) * ageing, number


@attrs.define(eq=False)
class CallerRecord:
    """Somebody who waits, or talks to an agent.

    Attributes:
        name: Names the caller, as the id of the call.
        queue: The queue.
        priority: How urgent it is.
        skills: Least levels of the skills that an agent needs.
        place: Where the caller stands in the line.
        joined_at: When the caller came into the first queue.
        entered_at: When the caller came into this one.
        offers: Who is being asked, by the number of the offer.
        agent: Who has the caller; empty while nobody does.
        connected_at: Since when.
        callback: Whether the caller has hung up and will be called.
    """

    name: str
    queue: str
    priority: CallPriority
    skills: Mapping[str, float]
    place: Place
    joined_at: float
    entered_at: float
    offers: dict[int, str] = attrs.field(factory=dict)
    agent: str = ""
    connected_at: float = 0.0
    callback: bool = False

    @property
    def demand(self) -> tuple[str, frozenset[tuple[str, float]]]:
        """What the caller needs: equal for those who can be served by the same agents."""
        return self.queue, frozenset(self.skills.items())


class WaitingLine:
    """Callers in their order."""

    __slots__ = ("_callers", "_places")

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._callers: dict[Place, CallerRecord] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[CallerRecord]:
        return iter([self._callers[place] for place in self._places])

    def add(self, caller: CallerRecord) -> None:
        """Let a caller stand where the place says."""
        insort(self._places, caller.place)
        self._callers[caller.place] = caller

    def remove(self, caller: CallerRecord) -> None:
        """Let a caller go; one that is not there is no error."""
        if self._callers.pop(caller.place, None) is not None:
            del self._places[bisect_left(self._places, caller.place)]

    def position(self, caller: CallerRecord) -> int | None:
        """Return the position of a caller, 1 for who is next; None when he is not in the line."""
        if caller.place not in self._callers:
            return None
        return bisect_left(self._places, caller.place) + 1
