"""Finds transactions by where they send to: when a connection ends, not every other one is asked."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from ..machine import Endpoint
    from .base import Transaction
    from .events import TransactionKey

__all__ = ["Ways"]

TransactionT = TypeVar("TransactionT", bound="Transaction")


class Ways(Generic[TransactionT]):
    """Transactions by the address and by the flow that they send to."""

    __slots__ = ("_by_way",)

    def __init__(self) -> None:
        self._by_way: dict[Hashable, dict[TransactionKey, TransactionT]] = {}

    def add(self, transaction: TransactionT) -> None:
        """Note where a transaction sends to."""
        for way in _ways(transaction.destination):
            self._by_way.setdefault(way, {})[transaction.key] = transaction

    def remove(self, transaction: TransactionT) -> None:
        """Forget it, before its destination changes or when it is over."""
        for way in _ways(transaction.destination):
            found = self._by_way[way]
            del found[transaction.key]
            if not found:
                del self._by_way[way]

    def to(self, destination: Endpoint) -> list[TransactionT]:
        """Return the transactions that send there; see `Endpoint.meets`."""
        found: dict[TransactionKey, TransactionT] = {}
        for way in _ways(destination):
            found.update(self._by_way.get(way, {}))
        return [each for each in found.values() if each.destination.meets(destination)]


def _ways(destination: Endpoint) -> tuple[Hashable, ...]:
    place = destination[:3]
    return (place,) if destination.flow is None else (place, destination.flow)
