"""The lines for what went wrong without ending anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trio_runtime.events import types as facts

if TYPE_CHECKING:
    from trio_runtime.cli.printing.change_records import Told
    from trio_runtime.cli.printing.output import Json

__all__ = ["FAULTS"]


def _blocked(event: facts.HandlerBlocked) -> Told:
    values: dict[str, Json] = {"handler": event.handler, "seconds": round(event.seconds, 3)}
    return "handler_blocked", f"{event.handler} held everything up for {event.seconds:.3f} s", values


def _lingers(event: facts.HandlerLingers) -> Told:
    values: dict[str, Json] = {"handler": event.handler, "seconds": round(event.seconds, 3)}
    return "handler_lingers", f"{event.handler} still runs {event.seconds:.0f} s after the end", values


def _lost(event: facts.EventsLost) -> Told:
    return "events_lost", f"{event.count} events are not shown: too many came", {"count": event.count}


def _timed_out(event: facts.MediaTimedOut) -> Told:
    ending = ": hanging up" if event.ended else ""
    values: dict[str, Json] = {"silent_s": round(event.silent_s, 3), "ended": event.ended}
    return "media_timed_out", f"no audio for {event.silent_s:.1f} s{ending}", values


def _network(event: facts.NetworkChanged) -> Told:
    lost, found = ", ".join(event.lost) or "nothing", ", ".join(event.found) or "nothing"
    values: dict[str, Json] = {"lost": list(event.lost), "found": list(event.found)}
    return "network_changed", f"the network changed: {lost} is gone, {found} is there", values


FAULTS: dict[type[object], Callable[[Any], Told | None]] = {
    facts.HandlerBlocked: _blocked,
    facts.HandlerLingers: _lingers,
    facts.EventsLost: _lost,
    facts.MediaTimedOut: _timed_out,
    facts.NetworkChanged: _network,
}
