"""SRTP for the rows of the plane: by which cryptographic context the packets of each row are secured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

import numpy as np

from ..srtp import SrtpReceiver, SrtpSender, SrtpStatus
from ..srtp.batch import ContextT, ContextTable, SrtpReceiverBatch, SrtpSenderBatch
from .columns import resized
from .headers import Bytes2D, Flags, Longs, Rows

MAX_OVERHEAD = 32
"""Octets that SRTP may add: a tag of 16 and an MKI as long."""
_WINDOW = 128
_FEWEST = 16
_NONE = -1


class ContextRows(Generic[ContextT]):
    """The contexts of one direction, which stay with their sessions and are only kept up to date by turns.

    Attributes:
        overhead: Octets that SRTP adds to each packet of a row, shape (n_rows,).
        table: What secures or opens many packets at once.

    Args:
        n_rows: Rows to begin with.
        make: Makes a table for so many contexts, with a replay window of 128 packets.
    """

    def __init__(self, n_rows: int, make: Callable[[int], ContextTable[ContextT]]) -> None:
        self._make = make
        self._capacity = _FEWEST
        self.table = make(_FEWEST)
        self.overhead: Longs = np.zeros(n_rows, np.int64)
        self._numbers: Longs = np.full(n_rows, _NONE, np.int64)
        self._contexts: dict[int, ContextT] = {}

    def __bool__(self) -> bool:
        """Return whether any row is secured."""
        return bool(self._contexts)

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows."""
        before = self._numbers.size
        self.overhead, self._numbers = resized(self.overhead, n_rows), resized(self._numbers, n_rows)
        self._numbers[before:] = _NONE

    @staticmethod
    def fits(context: ContextT | None) -> bool:
        """Tell whether a context can be taken; None, for packets in the clear, always."""
        return context is None or (
            context.config.replay_window == _WINDOW and context.rtp_overhead <= MAX_OVERHEAD
        )

    def put(self, row: int, context: ContextT | None) -> None:
        """Secure a row with a context for which `fits` holds, until `settle`."""
        if self._contexts.get(row) is not context:
            self.drop(row)
            if context is not None:
                self._add(row, context)
        elif context is not None:
            self.table.resume(int(self._numbers[row]))
        self.overhead[row] = 0 if context is None else context.rtp_overhead

    def settle(self, row: int) -> None:
        """Bring the context of a row up to date, so that its session can use it until the next `put`."""
        if row in self._contexts:
            self.table.settle(int(self._numbers[row]))

    def drop(self, row: int) -> None:
        """Let go of the context of a row."""
        if self._contexts.pop(row, None) is not None:
            self.table.remove(int(self._numbers[row]))
            self._numbers[row] = _NONE
            self.overhead[row] = 0

    def of(self, rows: Rows, chosen: Flags) -> Longs:
        """Return the numbers of the contexts of the chosen rows, negative for all others."""
        return np.where(chosen, self._numbers[rows], _NONE)

    def _add(self, row: int, context: ContextT) -> None:
        if len(self._contexts) == self._capacity:
            self._capacity *= 2
            table, self.table = self.table, self._make(self._capacity)
            for other in self._contexts:
                self._numbers[other] = self.table.add(table.remove(int(self._numbers[other])))
        self._contexts[row] = context
        self._numbers[row] = self.table.add(context)


class SendingContexts(ContextRows[SrtpSender]):
    """The contexts of what we send."""

    table: SrtpSenderBatch

    def __init__(self, n_rows: int) -> None:
        super().__init__(n_rows, lambda count: SrtpSenderBatch(max_contexts=count))

    def protect(self, rows: Rows, packets: Bytes2D, octets: int, built: Flags) -> Flags:
        """Make SRTP packets of the built ones, in place; return which of `built` may be sent.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: The packets of all rows, uint8, shape (n_rows, stride).
            octets: Octets of each packet.
            built: Which of `rows` have a packet.
        """
        numbers = self.of(rows, built)
        where = np.flatnonzero(numbers >= 0)
        if not where.size:
            return built
        chosen = rows[where]
        block = packets[chosen]
        statuses = self.table.protect(block, np.full(where.size, octets, np.int64), numbers[where])
        packets[chosen] = block
        built = built.copy()
        built[where] = statuses == SrtpStatus.OK
        return built


class ReceivingContexts(ContextRows[SrtpReceiver]):
    """The contexts of what comes."""

    table: SrtpReceiverBatch

    def __init__(self, n_rows: int) -> None:
        super().__init__(n_rows, lambda count: SrtpReceiverBatch(max_contexts=count))

    def unprotect(self, rows: Rows, packets: Bytes2D, lengths: Longs, chosen: Flags) -> Flags:
        """Make RTP packets of the chosen ones, in place; return which of `chosen` are authentic.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous.
            lengths: Octets of each packet, with what SRTP has added.
            chosen: Which packets to open.
        """
        numbers = self.of(rows, chosen)
        if not (numbers >= 0).any():
            return chosen
        statuses = self.table.unprotect(packets, lengths.copy(), numbers)
        return np.asarray(chosen & ((numbers < 0) | (statuses == SrtpStatus.OK)))
