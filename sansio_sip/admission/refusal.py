"""Why new work is refused, and the refused INVITEs whose repeats and ACKs are still to come."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .statistics import AdmissionCounters

__all__ = [
    "DRAINING",
    "MAX_CALLS",
    "QUEUE_TIME",
    "RATE",
    "SOURCE_CALLS",
    "SOURCE_RATE",
    "SOURCE_REQUESTS",
    "USER",
    "Refusal",
    "RefusedInvites",
]

_KEPT_S = 32.0  # 64*T1: no client repeats an INVITE for longer


class Refusal(NamedTuple):
    """One reason.

    Attributes:
        counter: What counts it.
        status_code: What the sender is told.
    """

    counter: str
    status_code: int = 503


DRAINING = Refusal("refused_draining")
QUEUE_TIME = Refusal("refused_queue_time")
MAX_CALLS = Refusal("refused_max_calls")
RATE = Refusal("refused_rate")
SOURCE_CALLS = Refusal("refused_source_calls")
SOURCE_RATE = Refusal("refused_source_rate")
SOURCE_REQUESTS = Refusal("refused_source_requests")
USER = Refusal("refused_user", 486)


class RefusedInvites:
    """Remembers INVITEs that were refused without a transaction, each by its branch and its sender.

    A repeat that is under way while the load falls must not be let in: its sender has been told, and would
    never acknowledge the answer.

    Args:
        max_refused: How many are remembered.
        counters: Where it counts.
    """

    __slots__ = ("_counters", "_max_refused", "_order", "_refusals")

    def __init__(self, max_refused: int, counters: AdmissionCounters) -> None:
        self._max_refused = max_refused
        self._counters = counters
        self._refusals: dict[tuple[str, str], Refusal] = {}
        self._order: deque[tuple[float, tuple[str, str]]] = deque()  # all are kept for the same time

    def __len__(self) -> int:
        return len(self._refusals)

    def add(self, branch: str, host: str, refusal: Refusal, now: float) -> None:
        """Remember one that is not remembered."""
        self._forget_old(now)
        if len(self._order) >= self._max_refused:
            del self._refusals[self._order.popleft()[1]]
            self._counters.refused_forgotten += 1
        key = (branch, host)
        self._refusals[key] = refusal
        self._order.append((now + _KEPT_S, key))

    def get(self, branch: str, host: str, now: float) -> Refusal | None:
        """Return why an INVITE was refused, ``None`` for one that was not."""
        self._forget_old(now)
        return self._refusals.get((branch, host))

    def _forget_old(self, now: float) -> None:
        order = self._order
        while order and order[0][0] <= now:
            del self._refusals[order.popleft()[1]]
