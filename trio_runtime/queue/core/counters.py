"""What is counted in a queue, from which its statistics come."""

from __future__ import annotations

from collections import deque

import attrs

from trio_runtime.queue.core.decisions import Reason
from trio_runtime.queue.core.statistics import QueueStatistics, share

__all__ = ["QueueCounters"]

_RECENT = 20


@attrs.define(eq=False)
class QueueCounters:
    """What is counted in a queue."""

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    short_abandoned: int = 0
    overflowed: dict[str, int] = attrs.field(factory=dict)
    escaped: int = 0
    callbacks: int = 0
    callbacks_reached: int = 0
    callbacks_failed: int = 0
    left: int = 0
    missed: int = 0
    waited_s: float = 0.0
    waited_answered_s: float = 0.0
    longest_wait_s: float = 0.0
    handled: int = 0
    talked_s: float = 0.0
    wrapped_up_s: float = 0.0
    recent: deque[float] = attrs.field(factory=lambda: deque(maxlen=_RECENT))

    def count_wait(self, waited: float) -> None:
        """Take the wait of a caller who does not wait any more."""
        self.waited_s += waited
        self.longest_wait_s = max(self.longest_wait_s, waited)

    def count_answer(self, waited: float, service_level: float) -> None:
        """Take a caller whom an agent has answered."""
        self.answered += 1
        self.answered_in_time += waited <= service_level
        self.waited_answered_s += waited

    def count_gone(self, reason: Reason, waited: float, short_abandon: float) -> None:
        """Take a caller who does not wait any more without an answer."""
        match reason:
            case Reason.ABANDONED:
                self.abandoned += 1
                self.short_abandoned += waited <= short_abandon
            case Reason.ESCAPED:
                self.escaped += 1
            case Reason.CALLBACK:
                self.callbacks += 1
            case Reason.FULL | Reason.MAX_WAIT | Reason.NO_AGENTS | Reason.CLOSED:
                self.overflowed[reason.value] = self.overflowed.get(reason.value, 0) + 1
            case _:
                self.left += 1

    def count_talk(self, seconds: float) -> None:
        """Take a call that is over."""
        self.handled += 1
        self.talked_s += seconds
        self.recent.append(seconds)

    def view(self, waiting: int, callbacks_waiting: int, longest_now: float) -> QueueStatistics:
        """Return the numbers.

        Args:
            waiting: Callers who wait now.
            callbacks_waiting: Those who wait to be called back.
            longest_now: The longest of their waits, in seconds.
        """
        over = self.offered - waiting
        counted = over - self.short_abandoned
        return QueueStatistics(
            offered=self.offered,
            waiting=waiting,
            answered=self.answered,
            answered_in_time=self.answered_in_time,
            abandoned=self.abandoned,
            short_abandoned=self.short_abandoned,
            overflowed=dict(self.overflowed),
            escaped=self.escaped,
            callbacks=self.callbacks,
            callbacks_waiting=callbacks_waiting,
            callbacks_reached=self.callbacks_reached,
            callbacks_failed=self.callbacks_failed,
            left=self.left,
            missed=self.missed,
            service_level=share(self.answered_in_time, counted),
            abandon_rate=share(self.abandoned - self.short_abandoned, counted),
            average_answer_s=share(self.waited_answered_s, self.answered),
            average_wait_s=share(self.waited_s, over),
            longest_wait_s=max(self.longest_wait_s, longest_now),
            average_talk_s=share(self.talked_s, self.handled),
            average_handle_s=share(self.talked_s + self.wrapped_up_s, self.handled),
        )
