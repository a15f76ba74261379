"""Answers of the DNS that still hold, and targets that failed lately."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from .records import QuestionKey, Record
    from .target import Target

__all__ = ["AnswerCache", "Blacklist"]


class AnswerCache:
    """Records by question, each until its time to live is over.

    Args:
        max_entries: How many answers are kept; the one that came first makes room.

    Attributes:
        evicted: How many had to make room.
    """

    __slots__ = ("_entries", "_max", "evicted")

    def __init__(self, max_entries: int) -> None:
        self._entries: dict[QuestionKey, tuple[float, tuple[Record, ...]]] = {}
        self._max = max_entries
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: QuestionKey, now: float) -> tuple[Record, ...] | None:
        """Return the records of an answer that still holds, or ``None``."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= now:
            del self._entries[key]
            return None
        return entry[1]

    def put(self, key: QuestionKey, records: tuple[Record, ...], until: float) -> None:
        """Remember an answer."""
        self._entries.pop(key, None)
        if len(self._entries) >= self._max:
            del self._entries[next(iter(self._entries))]
            self.evicted += 1
        self._entries[key] = (until, records)


class Blacklist:
    """Targets that failed, each for some time.

    Args:
        max_entries: How many are kept; the one that failed first makes room.
    """

    __slots__ = ("_max", "_until")

    def __init__(self, max_entries: int) -> None:
        self._until: dict[tuple[str, str, int], float] = {}
        self._max = max_entries

    def __len__(self) -> int:
        return len(self._until)

    def add(self, endpoint: Endpoint, until: float) -> None:
        """Remember a failure."""
        key = endpoint[:3]
        self._until.pop(key, None)
        if len(self._until) >= self._max:
            del self._until[next(iter(self._until))]
        self._until[key] = until

    def remove(self, endpoint: Endpoint) -> None:
        """Forget a failure: the target has answered."""
        self._until.pop(endpoint[:3], None)

    def holds(self, endpoint: Endpoint, now: float) -> bool:
        """Return whether a target failed lately."""
        until = self._until.get(endpoint[:3])
        if until is not None and until <= now:
            del self._until[endpoint[:3]]
            return False
        return until is not None

    def sorted(self, targets: Iterable[Target], now: float) -> tuple[Target, ...]:
        """Return targets with those that failed lately at the end: better a slim chance than none."""
        return tuple(sorted(targets, key=lambda target: self.holds(target.endpoint, now)))
