"""The tables that `serve` and `conference` show to whoever watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trio_runtime.base.types import CallDirection
from trio_runtime.cli.printing.live import LiveTable

if TYPE_CHECKING:
    from trio_runtime.bridge import Conference
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call

__all__ = ["calls_table", "members_table"]


def calls_table(phone: SessionCoordinator) -> LiveTable:
    """Return the calls of a coordinator, the newest first, and how many there have been."""
    stats = phone.get_stats()
    title = f"{stats.active_sessions} calls, {stats.total_sessions} in all, {stats.failed_sessions} failed"
    calls = phone.list_active_sessions()[::-1]
    return LiveTable(
        title, ("call", "", "peer", "state", ">for", "codec"), [_call_row(each) for each in calls]
    )


def _call_row(call: Call) -> tuple[str, ...]:
    arrow = "to" if call.direction is CallDirection.OUTGOING else "from"
    return call.id, arrow, call.remote_uri, call.state.value, _lasts(call), call.codec


def _lasts(call: Call) -> str:
    if call.answered_at is None:
        return ""
    minutes, seconds = divmod(int(trio.current_time() - call.answered_at), 60)
    return f"{minutes}:{seconds:02}"


def members_table(room: Conference) -> LiveTable:
    """Return the members of a conference in the order in which they came, with who speaks."""
    info, rows = room.info(), []
    for call in room.members:
        marks = ["speaks"] if call.id == info.active_speaker else []
        marks += ["muted"] if call.id in info.muted else []
        rows.append((call.id, call.remote_uri, _lasts(call), call.codec, " ".join(marks)))
    locked = ", locked" if info.locked else ""
    title = f"conference {info.name}: {len(info.members)} members{locked}"
    return LiveTable(title, ("call", "member", ">for", "codec", ""), rows)
