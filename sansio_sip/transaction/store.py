"""What both sides of the transaction layer share: output, timers, clock, counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..machine import Outbox
from .config import LayerConfig, LayerStatistics
from .schedule import Schedule

if TYPE_CHECKING:
    from .base import Transaction
    from .events import TransactionEvent

__all__ = ["Store"]


class Store:
    """The common ground of client and server transactions.

    Args:
        config: Timers and limits.
        now: Current time in seconds.
        outbox: Where packets and events go.
    """

    __slots__ = ("closing", "config", "now", "out", "schedule", "statistics")

    def __init__(self, config: LayerConfig, now: float, outbox: Outbox[TransactionEvent] | None) -> None:
        self.config = config
        self.now = now
        self.out: Outbox[TransactionEvent] = Outbox() if outbox is None else outbox
        self.schedule = Schedule()
        self.statistics = LayerStatistics()
        self.closing = False

    def clock(self, now: float) -> float:
        """Take the time in; one that goes back counts as the last one seen."""
        if now > self.now:
            self.now = now
        return self.now

    def touch(self, transaction: Transaction) -> None:
        """Note that a transaction did something: its deadline, or its end when closing."""
        if self.closing and transaction.state in transaction.table.lingering:
            transaction.close(self.now)
        self.schedule.update(transaction)
