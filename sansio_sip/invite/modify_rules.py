"""Which request may change a session now, and when one that met another is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..headers import RetryAfter
from .offer_server import OfferServer
from .reliable import ReliableResponses
from .states import InviteState

if TYPE_CHECKING:
    from ..message import Response
    from .call_base import CallBase
    from .leg import Leg

__all__ = ["glare_delay", "method_for_change", "method_for_refresh"]

_MAX_RETRY_AFTER = 10  # seconds; the longest that an overlapping request may be put off (§14.2)


def method_for_change(call: CallBase, leg: Leg, *, by_update: bool = False) -> str:
    """Return how an offer can be sent now: ``INVITE``, ``UPDATE``, or nothing for not yet.

    A confirmed dialog takes a re-INVITE, since an UPDATE leaves no time to ask a user (RFC 3311 §5.1);
    before the answer there is only UPDATE, after the first exchange (RFC 6337 §2.2, §4).

    Args:
        call: The call.
        leg: The leg to change.
        by_update: Whether an UPDATE is preferred.
    """
    if call.over or leg.negotiation.is_open:
        return ""
    if call.state is InviteState.ESTABLISHED:
        if call.concern(OfferServer) is not None:
            return ""
        return "UPDATE" if by_update and leg.allows("UPDATE") else "INVITE"
    reliable = call.concern(ReliableResponses)
    busy = leg.pracks or (reliable is not None and reliable.describes)
    begun = leg.negotiation.begun
    return "UPDATE" if begun and not busy and leg.allows("UPDATE") else ""


def method_for_refresh(call: CallBase, leg: Leg) -> str:
    """Return how a dialog can be refreshed without a change: an UPDATE needs no description."""
    if not call.over and leg.allows("UPDATE"):
        return "UPDATE"
    return method_for_change(call, leg) if call.state is InviteState.ESTABLISHED else ""


def glare_delay(
    call: CallBase, leg: Leg, status_code: int, response: Response | None, *, foreign: bool = False
) -> float | None:
    """Return after how many seconds a refused change is tried again, ``None`` for never.

    Who passes on what somebody else wants leaves it to him (``foreign``). The maker of the Call-ID waits
    longer, so that the two do not meet again (RFC 3261 §14.1).
    """
    if response is not None and call.timer_too_small(response):
        return 0.0
    if foreign:
        return None
    if status_code == 491:
        low, high = (2.1, 4.0) if leg.owner else (0.0, 2.0)
        return round(call.ids.uniform(low, high), 2)
    if status_code == 500 and response is not None and response.get("retry-after") is not None:
        try:
            seconds = RetryAfter.parse(response.get("retry-after") or "").seconds
        except ParseError:
            return None
        return float(seconds) if seconds <= _MAX_RETRY_AFTER else None
    return None
