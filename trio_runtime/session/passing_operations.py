"""The part of a call's door to its coordinator through which session descriptions pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trio_runtime.base.types import SessionId

__all__ = ["PassingOperations"]


class PassingOperations(Protocol):
    """What a call without media of ours can ask of its coordinator."""

    def pass_bodies(self, session_id: SessionId, *, passes: bool) -> None:
        """Let descriptions pass through a call that came in, or no more."""

    def pass_progress(self, session_id: SessionId, other: SessionId, status_code: int) -> None:
        """Tell the caller how far the call for it is, with what was said there."""

    def pass_answer(
        self, session_id: SessionId, other: SessionId, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Accept the call with what was said in the call for it."""
