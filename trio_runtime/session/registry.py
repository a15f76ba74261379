"""Every call that is not over, by its id; it stores and does nothing else (SES-20)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from trio_runtime.base.errors import SessionNotFoundError

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.session.call import Call

__all__ = ["SessionRegistry", "SessionStats"]


@attrs.frozen
class SessionStats:
    """Numbers over all calls of a coordinator.

    Attributes:
        total_sessions: Calls so far.
        active_sessions: Calls that are not over.
        failed_sessions: Calls that were rejected, timed out or lost.
        average_duration: Mean seconds of the answered calls that are over; 0 when there was none.
    """

    total_sessions: int
    active_sessions: int
    failed_sessions: int
    average_duration: float


class SessionRegistry:
    """Calls by id."""

    __slots__ = ("_answered", "_calls", "_failed", "_seconds", "_total")

    def __init__(self) -> None:
        self._calls: dict[SessionId, Call] = {}
        self._total = self._failed = self._answered = 0
        self._seconds = 0.0

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls.values()))

    def add(self, call: Call) -> None:
        """Store a new call."""
        self._calls[call.id] = call
        self._total += 1

    def find(self, session_id: str) -> Call | None:
        """Return a call, or ``None``."""
        return self._calls.get(session_id)  # type: ignore[call-overload, no-any-return]

    def get(self, session_id: str) -> Call:
        """Return a call.

        Raises:
            SessionNotFoundError: There is none, or none any more.
        """
        call = self.find(session_id)
        if call is None:
            raise SessionNotFoundError(f"there is no call {session_id!r}")
        return call

    def remove(self, call: Call, *, failed: bool) -> None:
        """Drop a call that is over and count it."""
        if self._calls.pop(call.id, None) is None:
            return
        self._failed += failed
        if call.duration_s:
            self._answered += 1
            self._seconds += call.duration_s

    def stats(self) -> SessionStats:
        """Return the numbers."""
        average = self._seconds / self._answered if self._answered else 0.0
        return SessionStats(self._total, len(self._calls), self._failed, average)
