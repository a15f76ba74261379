"""What becomes of a request inside a call, other than BYE (RFC 3261 §12.2.2, §14.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .events import InfoReceived
from .states import InviteState

if TYPE_CHECKING:
    from ..message import Request
    from ..transaction import TransactionKey
    from .call_base import CallBase
    from .leg import Leg


__all__ = ["IN_CALL", "answer_in_call"]


def answer_in_call(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Answer a request of any method but BYE on a leg of a call that is not over."""
    handler = IN_CALL.get(request.method)
    if handler is None:
        call.respond(key, request, 405, (("Allow", call.config.allow),))
    else:
        handler(call, leg, key, request)


def _info(call: CallBase, _leg: Leg, key: TransactionKey, request: Request) -> None:
    call.respond(key, request, 200)
    call.out.events.append(InfoReceived(call.session, request.get("content-type") or "", request.body))


def _options(call: CallBase, _leg: Leg, key: TransactionKey, request: Request) -> None:
    call.respond(key, request, 200, call.config.answer_fields)


def _invite(call: CallBase, _leg: Leg, key: TransactionKey, request: Request) -> None:
    """Refuse a re-INVITE; the session stays as it is (§14.2)."""
    if call.state is InviteState.ESTABLISHED:
        call.respond(key, request, 488)
    elif call.state in (InviteState.RECEIVED, InviteState.RINGING):
        # The first INVITE has no final answer yet: try again within ten seconds.
        call.respond(key, request, 500, (("Retry-After", str(int(call.ids.uniform(0, 10)))),))
    else:
        call.respond(key, request, 491)


IN_CALL: dict[str, Callable[[CallBase, Leg, TransactionKey, Request], None]] = {
    "INFO": _info,
    "OPTIONS": _options,
    "INVITE": _invite,
}
"""What answers each method."""
