"""What a request inside a call is answered with, other than BYE (RFC 3261 §12.2.2, §14.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .events import InfoReceived
from .states import InviteState

if TYPE_CHECKING:
    from ..ids import Ids
    from ..message import Request
    from .config import InviteConfig
    from .events import InviteEvent

__all__ = ["InCallAnswer", "answer_in_call"]


class InCallAnswer(NamedTuple):
    """Status, fields and event of one answered request."""

    status_code: int
    extra: tuple[tuple[str, str], ...] = ()
    event: InviteEvent | None = None


def answer_in_call(
    session: str, request: Request, config: InviteConfig, state: InviteState, ids: Ids
) -> InCallAnswer:
    """Return the answer to a request of any method but BYE in a call that is not over."""
    if request.method == "INFO":
        event = InfoReceived(session, request.get("content-type") or "", request.body)
        return InCallAnswer(200, event=event)
    if request.method == "OPTIONS":
        return InCallAnswer(200, config.answer_fields)
    if request.method == "INVITE":
        return _refuse_invite(state, ids)
    return InCallAnswer(405, (("Allow", config.allow),))


def _refuse_invite(state: InviteState, ids: Ids) -> InCallAnswer:
    """Refuse a re-INVITE; the session stays as it is (§14.2)."""
    if state is InviteState.ESTABLISHED:
        return InCallAnswer(488)
    if state in (InviteState.RECEIVED, InviteState.RINGING):
        # The first INVITE has no final answer yet: try again within ten seconds.
        return InCallAnswer(500, (("Retry-After", str(int(ids.uniform(0, 10)))),))
    return InCallAnswer(491)
