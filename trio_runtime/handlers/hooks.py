"""Hooks for the life of every call, whoever began it (SES-23)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.session import Call

__all__ = ["CallHooks"]


class CallHooks:
    """Hears of every call; subclass it, override what matters, give it to `SessionCoordinator.add_hooks`.

    Each hook may be a plain function, which runs in place and must not block, or an async function, which
    runs in a task of its own. What it raises is logged and published, and changes nothing for the call.
    """

    def on_created(self, call: Call) -> Awaitable[None] | None:
        """Hear that a call exists, before anybody is asked what becomes of it."""
        return None

    def on_established(self, call: Call) -> Awaitable[None] | None:
        """Hear that a call was answered and acknowledged."""
        return None

    def on_terminated(self, call: Call, end: CallEnd) -> Awaitable[None] | None:
        """Hear that a call is over; exactly once for each."""
        return None
