"""What came of the search for somebody who takes a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.b2bua.records import Attempt
    from trio_runtime.session import Call

__all__ = ["GLOBAL", "Reached"]

GLOBAL = 600
"""From this status on a refusal speaks for all."""
# What only tells of one way says least about whom was called.
_LAST = (408, 480, 487, 503)


@attrs.define
class Reached:
    """What came of it.

    Attributes:
        leg: The call that was answered, and the caller with it; None when there is none.
        attempts: What was tried.
    """

    leg: Call | None = None
    attempts: list[Attempt] = attrs.field(factory=list)

    @property
    def refusal(self) -> tuple[int, str]:
        """What the caller is refused with: as who can speak for all says it, else who says most."""
        best = min(self.attempts, key=_rank, default=None)
        return (480, "") if best is None else (best.status_code, best.reason)


def _rank(attempt: Attempt) -> tuple[bool, bool, int]:
    code = attempt.status_code
    return code < GLOBAL, code in _LAST, code // 100
