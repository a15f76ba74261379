"""Many cryptographic contexts of one direction: who is in which row."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np

from ...errors import LocalProtocolError
from ..config import SrtpConfig
from ..context import CryptoContext
from ..snapshot import SrtpStatistics
from .hot_state import HotState, Numbers, Octets2d

ContextT = TypeVar("ContextT", bound=CryptoContext)


class ContextTable(Generic[ContextT]):
    """Holds cryptographic contexts, whose state it moves into arrays.

    While a context is in the table, only the table may use it: its own numbers are not up to date.
    """

    def __init__(self, *, max_contexts: int, replay_window: int = 128) -> None:
        """Make room.

        Args:
            max_contexts: Contexts at the most.
            replay_window: The `replay_window` of every context.

        Raises:
            LocalProtocolError: `max_contexts` is not positive.
        """
        if max_contexts < 1:
            raise LocalProtocolError(f"max_contexts is {max_contexts}, not positive")
        self._window = replay_window
        self._state = HotState(max_contexts, replay_window)
        self._contexts: dict[int, ContextT] = {}
        self._free = list(range(max_contexts - 1, -1, -1))
        self._overhead = np.full(max_contexts, -1, np.int64)

    def __len__(self) -> int:
        """Return how many contexts are held."""
        return len(self._contexts)

    def add(self, context: ContextT) -> int:
        """Take a context in and return its number, by which batches name it.

        Raises:
            LocalProtocolError: The table is full, or the replay window differs from the table's.
        """
        if context.config.replay_window != self._window:
            raise LocalProtocolError(
                f"replay_window is {context.config.replay_window}, the table's is {self._window}"
            )
        if not self._free:
            raise LocalProtocolError(f"the table holds its {len(self._contexts)} contexts")
        number = self._free.pop()
        self._contexts[number] = context
        self._load(number)
        return number

    def remove(self, number: int) -> ContextT:
        """Give a context back with all that has happened to it.

        Raises:
            LocalProtocolError: There is none of this number.
        """
        context = self._synchronised(number)
        self._state.drop(number)
        self._overhead[number] = -1
        del self._contexts[number]
        self._free.append(number)
        return context

    def settle(self, number: int) -> None:
        """Bring a context up to date, so that it may be used by itself until `resume`.

        Raises:
            LocalProtocolError: There is none of this number.
        """
        self._synchronised(number)
        self._state.ready[number] = False

    def resume(self, number: int) -> None:
        """Take over again what `settle` gave back, with all that has happened to it.

        Raises:
            LocalProtocolError: There is none of this number.
        """
        if number not in self._contexts:
            raise LocalProtocolError(f"there is no cryptographic context {number}")
        self._load(number)

    def rekey(self, number: int, config: SrtpConfig) -> None:
        """Take new keys for one context; see `CryptoContext.rekey`.

        Raises:
            LocalProtocolError: There is none of this number, or `replay_window` differs.
        """
        self._synchronised(number).rekey(config)
        self._load(number)

    def statistics(self, number: int) -> SrtpStatistics:
        """Return what one context has counted.

        Raises:
            LocalProtocolError: There is none of this number.
        """
        return self._synchronised(number).statistics()

    def _synchronised(self, number: int) -> ContextT:
        context = self._contexts.get(number)
        if context is None:
            raise LocalProtocolError(f"there is no cryptographic context {number}")
        self._state.store(number, context)
        return context

    def _load(self, number: int) -> None:
        context = self._contexts[number]
        self._state.load(number, context)
        self._overhead[number] = context.rtp_overhead

    def _check(self, rows: Octets2d, lengths: Numbers, contexts: Numbers) -> None:
        if rows.dtype != np.uint8 or rows.ndim != 2 or not rows.flags.c_contiguous:
            raise LocalProtocolError("rows are uint8 of shape (n, stride), in one piece")
        if not lengths.shape == contexts.shape == rows.shape[:1]:
            raise LocalProtocolError("lengths and contexts have one number for each row")
        if lengths.size and not 0 <= lengths.min() <= lengths.max() <= rows.shape[1]:
            raise LocalProtocolError(f"lengths are not in 0..{rows.shape[1]}")
        used = contexts[contexts >= 0]
        if used.size and (used.max() >= self._overhead.size or self._overhead[used].min() < 0):
            raise LocalProtocolError("contexts names one that is not in the table")
