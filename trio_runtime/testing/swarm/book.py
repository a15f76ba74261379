"""Who keeps account of the calls of a swarm: which are under way, and how the others ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import trio

from sansio_sip.invite import Failed, Rejected, TimedOut

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session import Call
    from trio_runtime.testing.swarm.plan import PlannedCall

__all__ = ["CallBook"]


class CallBook:
    """The account.

    Attributes:
        under_way: Calls that have begun and are not over for their callers, by number.
        outcomes: How many ended in which way.
        set_up_s: Seconds from the INVITE to the answer, without those that it was to ring.
        changes: Holds and resumptions that came to an end.
        refused_changes: Those of them that the peer refused.
        changed: Woken whenever a call is over.
    """

    def __init__(self) -> None:
        self.under_way: dict[int, Call] = {}
        self.outcomes: Counter[str] = Counter()
        self.set_up_s: list[float] = []
        self.changes = self.refused_changes = 0
        self.changed = trio.lowlevel.ParkingLot()

    @property
    def over(self) -> int:
        """How many calls are over."""
        return self.outcomes.total()

    def begin(self, planned: PlannedCall, call: Call) -> None:
        """Note that a call has begun."""
        self.under_way[planned.number] = call

    def answer(self, planned: PlannedCall, call: Call) -> None:
        """Note that a call was answered."""
        if call.answered_at is not None:
            self.set_up_s.append(call.answered_at - call.created_at - planned.ring)

    def finish(self, planned: PlannedCall, call: Call) -> None:
        """Note how a call ended."""
        if call.end is not None:
            self.end(planned, _outcome(call.end))

    def end(self, planned: PlannedCall, outcome: str) -> None:
        """Note that a call is over."""
        self.under_way.pop(planned.number, None)
        self.outcomes[outcome] += 1
        self.changed.unpark_all()


def _outcome(end: CallEnd) -> str:
    if isinstance(end, Rejected | Failed):
        return f"{type(end).__name__} {end.status_code}"
    if isinstance(end, TimedOut):
        return f"TimedOut ({end.waited_for})"
    return type(end).__name__
