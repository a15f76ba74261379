"""What each command does: a table from commands to functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from trio_runtime.control.execution.calls import CALL_WORK
from trio_runtime.control.execution.conferences import CONFERENCE_WORK
from trio_runtime.control.execution.media import MEDIA_WORK
from trio_runtime.control.execution.others import OTHER_WORK

if TYPE_CHECKING:
    from trio_runtime.control.commands.replies import Reply
    from trio_runtime.control.desk import Client, Desk

__all__ = ["WORK"]

WORK: dict[type[object], Callable[[Desk, Client, Any], Awaitable[Reply]]] = {
    **CALL_WORK,
    **CONFERENCE_WORK,
    **MEDIA_WORK,
    **OTHER_WORK,
}
"""What does each command; `Login` is done by the connection itself."""
