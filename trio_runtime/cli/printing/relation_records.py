"""The lines for calls that are reserved, and for calls that belong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trio_runtime.cli.printing.change_records import Told
from trio_runtime.cli.printing.output import Json
from trio_runtime.events import relation_types as facts

__all__ = ["RELATIONS"]


def _prepared(event: facts.CallPrepared) -> Told:
    values: dict[str, Json] = {"remote": event.uri, "media_port": event.media_port}
    return "prepared", f"prepared for {event.uri}, media port {event.media_port}", values


def _preparation_ended(event: facts.PreparationEnded) -> Told:
    return "preparation_ended", f"preparation {event.outcome}", {"outcome": event.outcome}


def _group(event: facts.GroupChanged) -> Told:
    values: dict[str, Json] = {"group": event.group, "change": event.change, "members": event.members}
    return "group", f"group {event.group} {event.change}, {event.members} calls", values


def _link(event: facts.LinkChanged) -> Told:
    values: dict[str, Json] = {"other": event.other, "kind": event.kind, "change": event.change}
    return "link", f"{event.kind} {event.change} with {event.other}", values


RELATIONS: dict[type[object], Callable[[Any], Told | None]] = {
    facts.CallPrepared: _prepared,
    facts.PreparationEnded: _preparation_ended,
    facts.GroupChanged: _group,
    facts.LinkChanged: _link,
}
"""How each of these events is told."""
