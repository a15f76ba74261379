"""What a call takes over from the one on whose behalf it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import LimitExceededError

if TYPE_CHECKING:
    from trio_runtime.session import Call, CallHeaders

__all__ = ["hops_left", "onward_headers"]

_HOPS = "Max-Forwards"


def onward_headers(call: Call) -> list[tuple[str, str]]:
    """Return the header fields of a call that goes on from another one: it has a hop less, so circles end.

    Raises:
        LimitExceededError: There is none left.
    """
    hops = hops_left(call.headers)
    if hops is None:
        raise LimitExceededError("the call has gone through too many hops", session_id=call.id)
    return [(_HOPS, str(hops))]


def hops_left(headers: CallHeaders) -> int | None:
    """Return the Max-Forwards of what goes on from something that came in; None when it may go no further."""
    text = headers.get(_HOPS, "70")
    hops = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 70
    return None if hops < 1 else min(hops, 255) - 1
