"""Octets to a message that every layer can handle."""

from __future__ import annotations

from ..limits import Limits
from ..message.check import check_request, check_response
from ..message.mode import ParseMode
from ..message.parse import parse_message
from ..message.request import Request
from ..message.response import Response

__all__ = ["read_message"]


def read_message(data: bytes, limits: Limits, mode: ParseMode, *, stream: bool = False) -> Request | Response:
    """Read one whole message and check that its mandatory headers are there and can be read.

    Args:
        data: The octets of one message.
        limits: What a peer may send at most.
        mode: Whether the deviations in `DEVIATIONS` are forgiven.
        stream: Whether they were cut out of a byte stream.

    Raises:
        ParseError: The only exception, for any octets; ``partial`` holds what could be read.
    """
    message = parse_message(data, limits=limits, mode=mode, stream=stream)
    if isinstance(message, Request):
        check_request(message, mode=mode)
    else:
        check_response(message, mode=mode)
    return message
