"""The open questions to the DNS and the lookups that wait for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .records import QuestionKey

__all__ = ["OpenQuestions"]


class OpenQuestions:
    """Questions by number; lookups with the same question share it. The limit on lookups bounds them."""

    __slots__ = ("_asked_by", "_count", "_keys", "_numbers", "_waiting")

    def __init__(self) -> None:
        self._count = 0
        self._keys: dict[int, QuestionKey] = {}
        self._numbers: dict[QuestionKey, int] = {}
        self._waiting: dict[int, dict[int, None]] = {}
        self._asked_by: dict[int, set[int]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, number: int) -> QuestionKey | None:
        """Return what a question asks, ``None`` when it is not open."""
        return self._keys.get(number)

    def open(self, key: QuestionKey, query: int) -> int:
        """Let a lookup wait for a question; return its number when it has to be asked, else 0."""
        number = self._numbers.get(key)
        new = number is None
        if number is None:
            self._count += 1
            number = self._numbers[key] = self._count
            self._keys[number] = key
        self._waiting.setdefault(number, {})[query] = None
        self._asked_by.setdefault(query, set()).add(number)
        return number if new else 0

    def close(self, number: int) -> tuple[int, ...]:
        """Remove a question that is answered; return the lookups that wait for it."""
        queries = tuple(self._waiting.pop(number, ()))
        del self._numbers[self._keys.pop(number)]
        for query in queries:
            self._asked_by[query].discard(number)
        return queries

    def forget(self, query: int) -> None:
        """Let a lookup wait no longer; questions that nobody waits for are dropped."""
        for number in self._asked_by.pop(query, ()):
            self._waiting[number].pop(query, None)
            if not self._waiting[number]:
                del self._waiting[number]
                del self._numbers[self._keys.pop(number)]
