"""Messages out of WebSocket frames (RFC 7118)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ..errors import ParseError
from ..limits import DEFAULT_LIMITS, Limits
from ..message.mode import ParseMode
from .checked import read_message
from .keep_alive import KeepAlive

if TYPE_CHECKING:
    from ..message.request import Request
    from ..message.response import Response

__all__ = ["SUBPROTOCOL", "WebSocketFramer", "to_websocket"]

SUBPROTOCOL = "sip"
"""Value of Sec-WebSocket-Protocol on both sides of the handshake (RFC 7118 §4.1)."""


class WebSocketFramer:
    """Reads one message out of each WebSocket message, text or binary (RFC 7118 §4.2, §5).

    It has the members of `StreamFramer`, but an error never breaks it: the frames keep the messages
    apart, so Content-Length may be missing.

    Args:
        limits: What a peer may send at most.
        mode: Whether the deviations in `DEVIATIONS` are forgiven.

    Attributes:
        keep_alive: Pings and pongs of the connection (RFC 7118 §6, RFC 5626 §3.5.1).
    """

    __slots__ = ("_frames", "_limits", "_mode", "keep_alive")

    broken = False
    """Whether nothing can be read any more: never."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS, mode: ParseMode = ParseMode.LENIENT) -> None:
        self._limits = limits
        self._mode = mode
        self._frames: deque[bytes] = deque()
        self.keep_alive = KeepAlive()

    @property
    def pending(self) -> int:
        """Frames that have not been read."""
        return len(self._frames)

    def receive_data(self, data: bytes | str) -> None:
        """Take the payload of one whole WebSocket message."""
        # What no UTF-8 can write still has to become octets: the parser judges them.
        octets = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        if octets.strip(b"\r\n"):
            self._frames.append(octets)
        else:
            self.keep_alive.receive_line_ends(octets.count(b"\r\n"))

    def next_message(self) -> Request | Response | None:
        """Give the next message, or None when no frame is left.

        Raises:
            ParseError: The only exception, for any octets; ``partial`` holds what could be read.
        """
        if not self._frames:
            return None
        self.keep_alive.receive_message()
        data = self._frames.popleft()
        message = read_message(data, self._limits, self._mode)
        if message.content_length is not None:
            _refuse_rest(data, message)
        return message


def _refuse_rest(data: bytes, message: Request | Response) -> None:
    """Refuse what stands behind the body: a frame holds no second message (RFC 7118 §5)."""
    head, _, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if rest[len(message.body) :].strip(b"\r\n"):
        raise ParseError(
            "a WebSocket message holds more than one SIP message",
            error_class="framing",
            rule="RFC 7118 §5",
            position=len(head) + 4 + len(message.body),
            partial=message,
        )


def to_websocket(data: bytes) -> str | bytes:
    """Return the payload of a frame: text, or binary where a message is not all UTF-8 (RFC 7118 §4.2)."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data
