"""What a call takes over from the one on whose behalf it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import LimitExceededError

if TYPE_CHECKING:
    from trio_runtime.session import Call

__all__ = ["onward_headers"]

_HOPS = "Max-Forwards"


def onward_headers(call: Call) -> list[tuple[str, str]]:
    """Return the header fields of a call that goes on from another one: it has a hop less, so circles end.

    Raises:
        LimitExceededError: There is none left.
    """
    text = call.headers.get(_HOPS, "70")
    hops = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 70
    if hops < 1:
        raise LimitExceededError("the call has gone through too many hops", session_id=call.id)
    return [(_HOPS, str(min(hops, 255) - 1))]
