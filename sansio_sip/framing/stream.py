"""Messages out of a byte stream: TCP and TLS (RFC 3261 §7.5, §18.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import ParseError
from ..limits import DEFAULT_LIMITS, Limits
from ..message.mode import ParseMode
from ..message.parse import parse_message
from ..message.scalars import parse_number
from .checked import read_message
from .keep_alive import KeepAlive

if TYPE_CHECKING:
    from ..message.request import Request
    from ..message.response import Response

__all__ = ["StreamFramer"]

# The value may be folded on to lines that begin with white space (RFC 3261 §7.3.1).
_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*+:((?:[^\r\n]|\r\n[ \t])*+)", re.IGNORECASE)
_BLANK = b"\r\n\r\n"


class StreamFramer:
    r"""Cuts a stream into messages; linear in the octets, however they are cut up on the way.

    After each `receive_data` call `next_message` until it gives None, then send `take_pongs` of
    `keep_alive`. An error in one message leaves the next one readable. An error about where a message
    ends, or a limit passed, breaks the stream: `broken` is set, the same error is raised for ever, and
    what comes later is not looked at. The connection is then to be closed, after an answer to
    ``error.partial`` where it is a request.

    Args:
        limits: What a peer may send at most.
        mode: Whether the deviations in `DEVIATIONS` are forgiven.

    Attributes:
        keep_alive: Pings and pongs of the connection.
    """

    __slots__ = ("_buffer", "_error", "_limits", "_mode", "_needed", "_searched", "keep_alive")

    def __init__(self, limits: Limits = DEFAULT_LIMITS, mode: ParseMode = ParseMode.LENIENT) -> None:
        self._limits = limits
        self._mode = mode
        self._buffer = bytearray()
        self._searched = 0  # octets in which no blank line begins
        self._needed = 0  # octets of the message at the front, once its header is there
        self._error: ParseError | None = None
        self.keep_alive = KeepAlive()

    @property
    def broken(self) -> bool:
        """Whether nothing can be read from this stream any more."""
        return self._error is not None

    @property
    def pending(self) -> int:
        """Octets of a message that has not come whole; not 0 at the end of a stream that was cut off."""
        return len(self._buffer)

    def receive_data(self, data: bytes) -> None:
        """Take the next octets of the stream."""
        if self._error is None:
            self._buffer += data

    def next_message(self) -> Request | Response | None:
        """Give the next message, or None until more octets come.

        Raises:
            ParseError: The only exception, for any octets; ``partial`` holds what could be read.
        """
        if self._error is not None:
            raise self._error
        try:
            if not self._needed and not self._find_end():
                return None
        except ParseError as error:
            self._error = error
            self._buffer.clear()
            raise
        if len(self._buffer) < self._needed:
            return None
        data = bytes(self._buffer[: self._needed])
        del self._buffer[: self._needed]
        self._needed = self._searched = 0
        return read_message(data, self._limits, self._mode, stream=True)

    def _find_end(self) -> bool:
        """Set how many octets the message at the front has; False when that cannot be told yet."""
        buffer = self._buffer
        if not self._searched:
            self._skip_line_ends()
        blank = buffer.find(_BLANK, self._searched)
        if blank < 0:
            self._searched = max(0, len(buffer) - len(_BLANK) + 1)
            if len(buffer) > self._limits.max_message:
                raise _too_large("a header without an end")
            return False
        self.keep_alive.receive_message()
        head = bytes(buffer[: blank + len(_BLANK)])
        self._needed = len(head) + self._body_length(head)
        return True

    def _skip_line_ends(self) -> None:
        length = 0
        while self._buffer.startswith(b"\r\n", length):
            length += 2
        if length:
            del self._buffer[:length]
            self.keep_alive.receive_line_ends(length // 2)

    def _body_length(self, head: bytes) -> int:
        try:
            length = _read_length(_LENGTH.findall(head))
            if length > self._limits.max_body or len(head) + length > self._limits.max_message:
                raise _too_large(f"a message of {len(head)} and {length} octets")
        except ParseError as error:
            error.partial = self._read_partial(head)
            raise
        return length

    def _read_partial(self, head: bytes) -> object | None:
        """Return the header alone, so that a request can still be refused."""
        try:
            return parse_message(_LENGTH.sub(b"", head), limits=self._limits, mode=self._mode)
        except ParseError as error:
            return error.partial


def _read_length(values: list[bytes]) -> int:
    """Read the one Content-Length there must be; the same one twice is left for the parser to judge."""
    lengths = {value.replace(b"\r\n", b"").strip(b" \t") for value in values}
    if len(lengths) != 1:
        raise ParseError(
            "several Content-Length values" if lengths else "a stream needs Content-Length",
            error_class="content-length",
            rule="RFC 3261 §18.3",
            header="content-length",
        )
    return parse_number(lengths.pop().decode("latin-1"), "content-length", 2**31 - 1)


def _too_large(what: str) -> ParseError:
    return ParseError(f"{what} is too large", error_class="framing", rule="limit", status_hint=513)
