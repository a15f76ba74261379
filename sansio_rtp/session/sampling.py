"""When the quality of a session is measured."""

from __future__ import annotations


class SampleClock:
    """A grid of times that begins with the first thing there is to measure.

    Attributes:
        due: When the next sample is to be taken, in seconds; None while there is nothing to measure.
        begun: When the present interval began.
    """

    __slots__ = ("_interval", "begun", "due")

    def __init__(self, interval_ms: int | None) -> None:
        """Stand still until `begin`; None is for ever."""
        self._interval = None if interval_ms is None else interval_ms / 1000
        self.due: float | None = None
        self.begun = 0.0

    def begin(self, now: float) -> None:
        """Start, if it has not been started: there is something to measure."""
        if self._interval is not None and self.due is None:
            self.begun, self.due = now, now + self._interval

    def strike(self, now: float) -> float | None:
        """Return how many seconds the interval lasted that is over now, and begin the next; else None."""
        if self.due is None or self._interval is None or now < self.due:
            return None
        elapsed, self.begun = now - self.begun, now
        # A runtime that slept does not make up for what it missed.
        self.due = self.due + self._interval if now < self.due + self._interval else now + self._interval
        return elapsed
