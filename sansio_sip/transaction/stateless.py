"""Answers without a transaction, so that a flood of bad requests costs no memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from ..machine import Transmit
from ..message import build_response
from .keys import reply_endpoint

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request

__all__ = ["stateless_response"]

_TAG = "stateless"  # the same for every copy of a request, as RFC 3261 §8.2.7 asks


def stateless_response(
    request: Request, status_code: int, source: Endpoint, reason: str | None = None
) -> Transmit | None:
    """Return the answer to a request, ``None`` when it can or must have none (RFC 3261 §8.2.7).

    Args:
        request: The request, of which headers may be missing or damaged.
        status_code: Final status.
        source: Where it came from.
        reason: Phrase, when it says more than the registered one.
    """
    if request.method == "ACK":
        return None
    if any("\0" in field[2] for field in request.fields):
        # What holds a NUL is not repeated: it ends strings in many peers.
        request = request.copy()
        request.fields = [field for field in request.fields if "\0" not in field[2]]
    try:
        response = build_response(request, status_code, reason, to_tag=_TAG)
        return Transmit(response.to_bytes(), reply_endpoint(request, source))
    except ProtocolError:
        return None  # not even the Via can be read: nobody is there to be answered
