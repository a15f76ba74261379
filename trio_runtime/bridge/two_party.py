"""A call and another one that is made for it, as one: what a back-to-back user agent does (RFC 7092)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import CallStateError
from trio_runtime.bridge.pair import BridgeEnd, Pair
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.session import Call

__all__ = ["bridge"]


async def bridge(
    a: Call, b: Call, *, keep: bool = False, on_answered: Callable[[], None] | None = None
) -> BridgeEnd:
    """Connect two calls until one of them ends; then, or when it is left otherwise, both are hung up.

    ``b`` may still ring. Then ``a``, if it came in and is not answered, hears of its progress, early media
    included, is answered when ``b`` is, and refused with the status with which ``b`` was refused. Their audio
    is relayed where both have one codec, and converted where not; keys pass in any case.

    Args:
        a: A call, mostly an incoming one that nobody has decided about.
        b: Another one, mostly just made for it.
        keep: Whether ``a`` goes on waiting when ``b`` could not be reached: to try another one.
        on_answered: Called once when both talk.

    Returns:
        Which ended first, and how.

    Raises:
        CallStateError: They are one call; or ``a`` is not answered and cannot be, as it is one that we make.
        SdpError: ``b`` was answered, and ``a`` offers nothing that we can take.
    """
    if a is b:
        raise CallStateError("a call cannot be connected with itself", session_id=a.id)
    if b.answered_at is not None and a.answered_at is None and not isinstance(a, IncomingCall):
        raise CallStateError("the first call is not answered yet", session_id=a.id)
    pair = Pair(a, b, keep=keep, on_answered=on_answered)
    try:
        return await pair.ended()
    finally:
        pair.close()
