"""What a request inside an established call is answered with, other than BYE (RFC 3261 §12.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .events import InfoReceived

if TYPE_CHECKING:
    from ..message import Request
    from .config import InviteConfig
    from .events import InviteEvent

__all__ = ["InCallAnswer", "answer_in_call"]


class InCallAnswer(NamedTuple):
    """Status, fields and event of one answered request."""

    status_code: int
    extra: tuple[tuple[str, str], ...] = ()
    event: InviteEvent | None = None


def answer_in_call(session: str, request: Request, config: InviteConfig) -> InCallAnswer:
    """Return the answer to a request of any method in an established call."""
    if request.method == "INFO":
        event = InfoReceived(session, request.get("content-type") or "", request.body)
        return InCallAnswer(200, event=event)
    if request.method == "OPTIONS":
        return InCallAnswer(200, config.target_fields)
    if request.method == "INVITE":
        return InCallAnswer(488)  # refused, the session stays as it is (§14.2)
    return InCallAnswer(405, (("Allow", config.allow),))
