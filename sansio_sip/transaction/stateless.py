"""Answers without a transaction, so that a flood of bad requests costs no memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError, ProtocolError
from ..machine import Transmit
from ..message import build_response
from .keys import reply_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request

__all__ = ["STATELESS_TAG", "answer_without_state", "stateless_response"]

STATELESS_TAG = "stateless"
"""To tag of every answer without a transaction: the same for each copy of a request (RFC 3261 §8.2.7)."""


def stateless_response(
    request: Request,
    status_code: int,
    source: Endpoint,
    reason: str | None = None,
    *,
    extra: Iterable[tuple[str, str]] = (),
) -> Transmit | None:
    """Return the answer to a request, ``None`` when it can or must have none (RFC 3261 §8.2.7).

    Args:
        request: The request, of which headers may be missing or damaged.
        status_code: Final status.
        source: Where it came from.
        reason: Phrase, when it says more than the registered one.
        extra: More header fields.
    """
    if request.method == "ACK" or not _without_nul(request).get("via"):
        return None  # without a Via nobody could match it
    try:
        return answer_without_state(request, status_code, source, reason, extra=extra)
    except ProtocolError:
        return None


def answer_without_state(
    request: Request,
    status_code: int,
    source: Endpoint,
    reason: str | None = None,
    *,
    extra: Iterable[tuple[str, str]] = (),
) -> Transmit:
    """Return the answer to a request that has a Via and is no ACK; see `stateless_response`.

    Raises:
        LocalProtocolError: The status code, reason or an extra field cannot stand in a response.
    """
    request = _without_nul(request)
    response = build_response(request, status_code, reason, to_tag=STATELESS_TAG, extra=extra)
    return Transmit(response.to_bytes(), _destination(request, source))


def _without_nul(request: Request) -> Request:
    """Leave out the fields that hold a NUL, which is not repeated: it ends strings in many peers."""
    if not any("\0" in field[2] for field in request.fields):
        return request
    kept = request.copy()
    kept.fields = [field for field in request.fields if "\0" not in field[2]]
    return kept


def _destination(request: Request, source: Endpoint) -> Endpoint:
    """Return where the answer goes."""
    try:
        return reply_endpoint(request, source)
    except ParseError:
        # A Via that cannot be read still gets its 400 (RFC 4475 §3.1.2.1), where the request came from.
        return source
