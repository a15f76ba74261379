"""The lines for conferences, and for two calls that are connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trio_runtime.events import conference_types as facts
from trio_runtime.session.endings import describe_end

if TYPE_CHECKING:
    from trio_runtime.cli.printing.change_records import Told
    from trio_runtime.cli.printing.output import Json

__all__ = ["CONFERENCES"]


def _counted(name: str, words: str) -> Callable[[Any], Told]:
    """Tell of a conference: its name, and the number of members where the event has it."""

    def tell(event: Any) -> Told:
        values: dict[str, Json] = {"conference": event.conference}
        members = getattr(event, "members", None)
        if members is None:
            return name, f"{words} {event.conference}", values
        return name, f"{words} {event.conference}, {members} members", {**values, "members": members}

    return tell


def _locked(event: facts.ConferenceLocked) -> Told:
    values: dict[str, Json] = {"conference": event.conference, "locked": event.locked}
    what = "locked" if event.locked else "open again"
    return "conference_locked", f"conference {event.conference} is {what}", values


def _changed(event: facts.MemberChanged) -> Told:
    values: dict[str, Json] = {"conference": event.conference, "role": event.role, "muted": event.muted}
    muted = ", muted" if event.muted else ""
    return "member_changed", f"is {event.role} in conference {event.conference}{muted}", values


def _refused(event: facts.MemberRefused) -> Told:
    values: dict[str, Json] = {"conference": event.conference, "reason": event.reason}
    return "member_refused", f"not let into conference {event.conference}: {event.reason}", values


def _dial_out_failed(event: facts.DialOutFailed) -> Told:
    end = describe_end(event.end)
    values: dict[str, Json] = {"conference": event.conference, "uri": event.uri, "end": end}
    return "dial_out_failed", f"conference {event.conference} does not reach {event.uri}: {end}", values


def _bridge(name: str, words: str) -> Callable[[facts.BridgeOpened | facts.BridgeClosed], Told]:
    def tell(event: facts.BridgeOpened | facts.BridgeClosed) -> Told:
        values: dict[str, Json] = {"bridge": event.bridge, "calls": list(event.sessions)}
        return name, f"{event.bridge}: {' and '.join(event.sessions)} {words}", values

    return tell


CONFERENCES: dict[type[object], Callable[[Any], Told | None]] = {
    facts.ConferenceOpened: _counted("conference_opened", "opened conference"),
    facts.ConferenceClosed: _counted("conference_closed", "closed conference"),
    facts.ConferenceLocked: _locked,
    facts.MemberJoined: _counted("joined", "joined conference"),
    facts.MemberLeft: _counted("left", "left conference"),
    facts.MemberChanged: _changed,
    facts.MemberRefused: _refused,
    facts.DialOutFailed: _dial_out_failed,
    facts.SpeakerChanged: _counted("speaker", "speaks in conference"),
    facts.BridgeOpened: _bridge("bridge_opened", "are connected"),
    facts.BridgeClosed: _bridge("bridge_closed", "are by themselves again"),
}
"""How each of these events is told."""
