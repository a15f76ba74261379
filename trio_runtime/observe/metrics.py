"""All metrics of one coordinator: its calls by their events, and every number of its statistics."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import attrs
import trio

from trio_runtime.events import EventStream
from trio_runtime.events.types import SessionEvent
from trio_runtime.observe.call_metrics import CallMetrics
from trio_runtime.observe.exposition import Family, Sample, render_exposition
from trio_runtime.observe.record_metrics import record_families

__all__ = ["Metrics", "Observable"]

_MEMORY = Path("/proc/self/statm")


class Observable(Protocol):
    """What can be measured; a coordinator is such a thing."""

    def subscribe(
        self, wanted: Callable[[SessionEvent], bool] | None = None, *, max_events: int = 1_024
    ) -> EventStream[SessionEvent]:
        """Return a stream of events."""
        ...

    def statistics(self) -> attrs.AttrsInstance:
        """Return a snapshot of all numbers."""
        ...


class Metrics:
    """Counts from now on; make it before the first call.

    Attributes:
        calls: What was counted of calls.
    """

    def __init__(self, observed: Observable, *, now: Callable[[], float] | None = None) -> None:
        """Begin to count.

        Args:
            observed: A coordinator, open or not yet.
            now: The time in seconds; Trio's when None.
        """
        self._observed = observed
        self.calls = CallMetrics(now or trio.current_time)
        # The filter runs as an event is published: no event is lost, and no task is needed.
        self._stream = observed.subscribe(self.calls.take, max_events=1)

    def families(self) -> list[Family]:
        """Return all values as they are now.

        Raises:
            VoipError: The coordinator is not open.
        """
        numbers = record_families(self._observed.statistics(), "voip")
        return [*self.calls.families(), *numbers, *_memory()]

    def render(self) -> str:
        """Return the text of a scrape; raises as `families` does."""
        return render_exposition(self.families())

    def close(self) -> None:
        """Count no more."""
        self._stream.close()


def _memory() -> list[Family]:
    """Return the resident memory of this process, where the system tells."""
    try:
        pages = int(_MEMORY.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return []
    octets = pages * os.sysconf("SC_PAGE_SIZE")
    return [Family("process_resident_memory_bytes", "gauge", "Resident memory.", (Sample(octets),))]
