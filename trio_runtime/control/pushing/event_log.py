"""The last events as frames: one log for all subscribers, of whom each knows how far it has read."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["EventLog", "Filter"]


class Filter(NamedTuple):
    """Which events a subscriber wants.

    Attributes:
        names: Their names, None for all.
        calls: The calls that they are about, None for all and for those that are about none.
    """

    names: frozenset[str] | None = None
    calls: frozenset[SessionId] | None = None


class _Entry(NamedTuple):
    name: str
    call: SessionId | None
    frame: bytes


_Key: TypeAlias = tuple[int, Filter]


class EventLog:
    """Holds so many events; who is further behind has lost the others.

    An event costs the same however many read it. Those who want the same, and have read as far, get the very
    same octets, put together once.

    Args:
        max_events: How many are kept.
    """

    def __init__(self, max_events: int) -> None:
        self._entries: deque[_Entry] = deque(maxlen=max_events)
        self._joined: dict[_Key, bytes] = {}
        self.end = 0

    def append(self, name: str, call: SessionId | None, frame: bytes) -> None:
        """Add an event; the oldest is dropped when there are too many."""
        self._entries.append(_Entry(name, call, frame))
        self._joined.clear()
        self.end += 1

    def since(self, place: int, wanted: Filter) -> tuple[bytes, int]:
        """Return what came since a place, and how many events before it were dropped, wanted or not.

        Args:
            place: The value of `end` when the reader was here last.
            wanted: What the reader wants.
        """
        first = self.end - len(self._entries)
        lost = max(0, first - place)
        key = (max(place, first), wanted)
        joined = self._joined.get(key)
        if joined is None:
            joined = self._joined[key] = self._join(key[0] - first, wanted)
        return joined, lost

    def _join(self, start: int, wanted: Filter) -> bytes:
        names, calls = wanted
        return b"".join(
            [
                entry.frame
                for entry in islice(self._entries, start, None)
                if (names is None or entry.name in names) and (calls is None or entry.call in calls)
            ]
        )
