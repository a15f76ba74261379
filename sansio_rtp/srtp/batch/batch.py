"""The way of a batch: nearly all rows in arrays, whatever is unusual one by one as a single packet goes."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from ...errors import PacketError
from ..errors import SrtpError, SrtpStatus
from .counter_rows import CounterRows
from .galois_rows import GaloisRows
from .group import Group, groups
from .hot_state import Mode, Numbers, Octets2d
from .rows import HEADER_OCTETS, estimate_indices, rounds, rtp_fields_untrusted
from .table import ContextT, ContextTable

_FEWEST = 8
"""Rows below which one by one is faster than arrays."""


class Batch(ContextTable[ContextT], ABC):
    """A table of contexts that secures or opens many packets at once.

    The arrays do what is sure: a well-formed packet of the source and key that the context had last, with a
    new index and a right tag. Every other row goes through the context itself, so that both ways are one.
    """

    def __init__(self, *, max_contexts: int, replay_window: int = 128) -> None:
        """Make room; see `ContextTable`."""
        super().__init__(max_contexts=max_contexts, replay_window=replay_window)
        self._counter = CounterRows(self._state)
        self._galois = GaloisRows(self._state)

    def _run(self, rows: Octets2d, lengths: Numbers, contexts: Numbers) -> Numbers:
        statuses = np.full(lengths.size, SrtpStatus.NOT_SECURED, np.int64)
        for picked, distinct in rounds(contexts, _FEWEST):
            left = picked
            if distinct:
                statuses[self._in_arrays(rows, lengths, contexts, picked)] = SrtpStatus.OK
                left = picked[statuses[picked] != SrtpStatus.OK]
            for row in left.tolist():
                statuses[row] = self._one(rows, lengths, row, int(contexts[row]))
        return statuses

    def _in_arrays(self, rows: Octets2d, lengths: Numbers, contexts: Numbers, picked: Numbers) -> Numbers:
        """Do what can be done in arrays; return the rows that are done. No context comes twice."""
        if rows.shape[1] < HEADER_OCTETS:
            return picked[:0]
        state, chosen = self._state, contexts[picked]
        ends = lengths[picked] - self._surplus(chosen)
        fields = rtp_fields_untrusted(rows, picked, ends)
        index = estimate_indices(state.highest[chosen], fields.sequence)
        sure = fields.valid & state.ready[chosen] & (fields.ssrc == state.ssrc[chosen])
        sure &= (state.used[chosen] < state.limit[chosen]) & ~state.seen(chosen, index)
        body = fields.body
        if not sure.all():
            picked, chosen, index, ends, body = (each[sure] for each in (picked, chosen, index, ends, body))
        done = [picked[:0]]
        for group in groups(state, rows, picked, chosen, index, ends, body):
            right = self._work(group)
            state.advance(right.contexts, right.index)
            lengths[right.picked] = right.ends + self._growth(right)
            done.append(right.picked)
        return np.concatenate(done)

    def _one(self, rows: Octets2d, lengths: Numbers, row: int, number: int) -> SrtpStatus:
        context = self._synchronised(number)
        try:
            packet = self._apply(context, rows[row, : lengths[row]].tobytes())
        except PacketError:
            return SrtpStatus.MALFORMED
        except SrtpError as error:
            return error.status
        rows[row, : len(packet)] = np.frombuffer(packet, np.uint8)
        lengths[row] = len(packet)
        self._load(number)
        return SrtpStatus.OK

    def _rows_of(self, group: Group) -> CounterRows | GaloisRows:
        return self._galois if group.profile.mode is Mode.GALOIS else self._counter

    @abstractmethod
    def _surplus(self, contexts: Numbers) -> Numbers:
        """Return how many octets at the end of each row are of SRTP before the work."""

    @abstractmethod
    def _growth(self, group: Group) -> int:
        """Return how many octets at the end of the rows are of SRTP after the work."""

    @abstractmethod
    def _work(self, group: Group) -> Group:
        """Secure or open a group in place; return the part of it that came out right."""

    @abstractmethod
    def _apply(self, context: ContextT, packet: bytes) -> bytes:
        """Secure or open one packet through its context."""
