"""One datagram to one message."""

from __future__ import annotations

from ..limits import DEFAULT_LIMITS, Limits
from ..message.mode import ParseMode
from ..message.request import Request
from ..message.response import Response
from .checked import read_message

__all__ = ["is_keep_alive", "receive_datagram"]

_STUN_COOKIE = b"\x21\x12\xa4\x42"


def is_keep_alive(data: bytes) -> bool:
    """Tell whether a datagram only holds a NAT binding open.

    Such are an empty datagram, line ends (RFC 5626 §3.5.1), NUL octets as some phones send them, and
    a STUN message (RFC 5626 §3.5.2).
    """
    if not data.strip(b"\r\n\0 \t"):
        return True
    return data[0] < 4 and data[4:8] == _STUN_COOKIE


def receive_datagram(
    data: bytes, limits: Limits = DEFAULT_LIMITS, mode: ParseMode = ParseMode.LENIENT
) -> Request | Response | None:
    """Read and check the message in a datagram.

    Args:
        data: The datagram.
        limits: What a peer may send at most.
        mode: Whether the deviations in `DEVIATIONS` are forgiven.

    Returns:
        A message with its mandatory headers present and readable, or None for a keep-alive.

    Raises:
        ParseError: The only exception, for any octets; ``partial`` holds what could be read.
    """
    if data[:1] < b"A" and is_keep_alive(data):
        return None
    return read_message(data, limits, mode)
