"""Every message and every change of state of a coordinator in one row, typed and in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import attrs
import trio

from trio_runtime.events import EventStream
from trio_runtime.events.types import CallStateChanged, CallTerminated, SessionEvent
from trio_runtime.observe.ladder import LadderNote, render_ladder
from trio_runtime.observe.redact import redact, redact_text
from trio_runtime.observe.scan import headline
from trio_runtime.observe.trace import Trace, TraceEntry

if TYPE_CHECKING:
    from trio_runtime.base.types import Address, SessionId

__all__ = ["Fact", "Timeline", "TimelineEntry", "Traced"]

Fact: TypeAlias = TraceEntry | SessionEvent


class Traced(Protocol):
    """What can be followed; a coordinator is such a thing."""

    @property
    def trace(self) -> Trace | None:
        """Its messages, None where they are not traced."""
        ...

    @property
    def bound_addresses(self) -> list[Address]:
        """Where it listens."""
        ...

    def subscribe(
        self, wanted: Callable[[SessionEvent], bool] | None = None, *, max_events: int = 1_024
    ) -> EventStream[SessionEvent]:
        """Return a stream of events."""
        ...


class TimelineEntry(NamedTuple):
    """One thing that happened.

    Attributes:
        time: Seconds on the clock.
        fact: A message as it passed the socket, or an event.
    """

    time: float
    fact: Fact

    @property
    def session_id(self) -> SessionId | None:
        """The call of an event; None for a message, which names its own by Call-ID, and for what has none."""
        return getattr(self.fact, "session_id", None)


class Timeline:
    """Follows a coordinator from now on and keeps the last that happened, in its order.

    It takes what it gets as it is published, so it misses nothing and needs no task. Every field of an entry
    can be asked for; `records` gives the same without secrets, for a file.

    Attributes:
        dropped: Entries that fell out because there were more than are kept.
    """

    def __init__(
        self, observed: Traced, *, now: Callable[[], float] | None = None, max_entries: int = 10_000
    ) -> None:
        """Begin to follow.

        Args:
            observed: A coordinator, open or not yet; with ``trace_messages=0`` it shows no messages.
            now: The time in seconds; Trio's when None.
            max_entries: How many entries to keep.
        """
        self.dropped = 0
        self._entries: deque[TimelineEntry] = deque(maxlen=max_entries)
        self._observed = observed
        self._now = now or trio.current_time
        self._stream = observed.subscribe(self._take_event, max_events=1)
        if observed.trace is not None:
            observed.trace.taps.append(self._take_message)

    def close(self) -> None:
        """Follow no more; what was kept stays. Closing twice does nothing."""
        self._stream.close()
        trace = self._observed.trace
        if trace is not None and self._take_message in trace.taps:
            trace.taps.remove(self._take_message)

    def __iter__(self) -> Iterator[TimelineEntry]:
        """Iterate over what is kept, the oldest first."""
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return len(self._entries)

    def ladder(self, names: Mapping[Address, str] | None = None, *, width: int = 100) -> str:
        """Return the messages as a ladder, with the states of calls beside the column of the coordinator.

        Args:
            names: See `render_ladder`.
            width: See `render_ladder`.
        """
        here = self._observed.bound_addresses
        rows: list[TraceEntry | LadderNote] = []
        for time, fact in self._entries:
            if isinstance(fact, TraceEntry):
                rows.append(fact)
            elif here and (text := _note(fact)):
                rows.append(LadderNote(time, here[0], text))
        return render_ladder(rows, names, width=width)

    def records(self) -> Iterator[dict[str, object]]:
        """Yield a mapping for each entry, ready for JSON: without credentials, keys and passwords."""
        for time, fact in tuple(self._entries):
            yield {
                "time": round(time, 6),
                **(_message(fact) if isinstance(fact, TraceEntry) else _event(fact)),
            }

    def _take_event(self, event: SessionEvent) -> bool:
        self._keep(TimelineEntry(self._now(), event))
        return False

    def _take_message(self, entry: TraceEntry) -> None:
        self._keep(TimelineEntry(entry.time, entry))

    def _keep(self, entry: TimelineEntry) -> None:
        if len(self._entries) == self._entries.maxlen:
            self.dropped += 1
        self._entries.append(entry)


def _note(event: SessionEvent) -> str:
    match event:
        case CallStateChanged(session_id, _, new) if not new.is_final:
            return f"{session_id}: {new.value}"
        case CallTerminated(session_id, end):
            return f"{session_id}: over ({type(end).__name__})"
        case _:
            return ""


def _message(entry: TraceEntry) -> dict[str, object]:
    (host, port), (far_host, far_port) = entry.sender, entry.receiver
    return {
        "message": headline(entry.data),
        "source": f"{host}:{port}",
        "destination": f"{far_host}:{far_port}",
        "lost": entry.lost,
        "text": redact(entry.data).decode("utf-8", "backslashreplace"),
    }


def _event(event: SessionEvent) -> dict[str, object]:
    values: dict[str, object] = {"event": type(event).__name__}
    for field in attrs.fields(type(event)):
        value = getattr(event, field.name)
        values[field.name] = value.value if isinstance(value, Enum) else _plain(value)
    return values


def _plain(value: object) -> object:
    """Return what JSON can say of a value; whatever it has no word for is a text."""
    if value is None or isinstance(value, int | float | bool):
        return value
    return redact_text(value if isinstance(value, str) else repr(value))
