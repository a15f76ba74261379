"""The answer to a request of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.session.headers import CallHeaders

__all__ = ["SipResponse"]


@attrs.frozen
class SipResponse:
    """The final response to a request.

    Attributes:
        status_code: 200 to 699.
        reason: Phrase.
        headers: Header values by name.
        body: Body octets.
        round_trip_s: Seconds from the request to the response.
    """

    status_code: int
    reason: str
    headers: CallHeaders
    body: bytes
    round_trip_s: float
