"""Every event of a coordinator as a structured log record: the trace of calls and their states."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum

import attrs

from trio_runtime.events import EventStream
from trio_runtime.events.types import SessionEvent
from trio_runtime.observe.metrics import Observable
from trio_runtime.observe.redact import redact
from trio_runtime.observe.trace import TraceEntry

__all__ = ["EventLog", "log_message"]

logger = logging.getLogger("trio_runtime.events")
messages = logging.getLogger("trio_runtime.messages")


class EventLog:
    """Logs events as they are published, at INFO, each with its fields as ``extra``.

    Use `JsonLineFormatter` for the handler of the logger ``trio_runtime.events`` to have them as JSON.
    """

    def __init__(self, observed: Observable, *, wanted: Callable[[SessionEvent], bool] | None = None) -> None:
        """Begin to log.

        Args:
            observed: A coordinator, open or not yet.
            wanted: Chooses the events; None takes all.
        """
        self._wanted = wanted
        self._stream: EventStream[SessionEvent] = observed.subscribe(self._take, max_events=1)

    def close(self) -> None:
        """Log no more."""
        self._stream.close()

    def _take(self, event: SessionEvent) -> bool:
        if logger.isEnabledFor(logging.INFO) and (self._wanted is None or self._wanted(event)):
            logger.info("%s", type(event).__name__, extra={"event": type(event).__name__, **_fields(event)})
        return False


def log_message(entry: TraceEntry) -> None:
    """Log one message of SIP at DEBUG, without secrets, as one of the `taps` of a `Trace`."""
    if messages.isEnabledFor(logging.DEBUG):
        extra = {
            "source": f"{entry.sender[0]}:{entry.sender[1]}",
            "destination": f"{entry.receiver[0]}:{entry.receiver[1]}",
            "lost": entry.lost,
        }
        messages.debug("%s", redact(entry.data).decode("utf-8", "backslashreplace"), extra=extra)


def _fields(event: SessionEvent) -> dict[str, object]:
    return {
        field.name: value.value if isinstance(value := getattr(event, field.name), Enum) else value
        for field in attrs.fields(type(event))
    }
