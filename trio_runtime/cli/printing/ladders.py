"""The ladder of each call at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trio_runtime.base.types import Address, SessionId
from trio_runtime.cli.printing.output import Record
from trio_runtime.events.types import CallTerminated, SessionCreated, SessionEvent
from trio_runtime.observe import Trace, render_ladder
from trio_runtime.session import Call

__all__ = ["LadderPrinter", "ladder_record"]


def ladder_record(trace: Trace, sip_call_id: str, names: Mapping[Address, str]) -> Record:
    """Return the ladder of one call, a line of the diagram each.

    Args:
        trace: The recorded messages.
        sip_call_id: Call-ID on the wire.
        names: Labels of addresses.
    """
    text = render_ladder(trace.for_call(sip_call_id), names)
    return Record("ladder", f"\n{text}\n", {"call_id": sip_call_id, "lines": list(text.splitlines())})


class LadderPrinter:
    """Remembers which Call-ID belongs to which session until it is over.

    Args:
        trace: The recorded messages.
        find: Finds a call that is not over.
        names: Gives labels of addresses.
    """

    def __init__(
        self,
        trace: Trace,
        find: Callable[[str], Call | None],
        names: Callable[[], Mapping[Address, str]],
    ) -> None:
        self._trace = trace
        self._find = find
        self._names = names
        self._call_ids: dict[SessionId, str] = {}

    def records(self, event: SessionEvent) -> list[Record]:
        """Return the ladder of a call when ``event`` says that it is over."""
        if isinstance(event, SessionCreated):
            call = self._find(event.session_id)
            if call is not None:
                self._call_ids[call.id] = call.sip_call_id
        elif isinstance(event, CallTerminated) and event.session_id in self._call_ids:
            call_id = self._call_ids.pop(event.session_id)
            return [ladder_record(self._trace, call_id, self._names())]
        return []
