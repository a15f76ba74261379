"""SIP messages out of the TCP segments of a capture, which may have lost some or hold some twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from trio_runtime.base.types import Address
from trio_runtime.observe.frames import Segment
from trio_runtime.observe.scan import is_sip

__all__ = ["SipOverTcp"]

_MODULUS = 1 << 32
_MAX_BUFFER = 256 * 1024
_MAX_STREAMS = 10_000
_BLANK = b"\r\n\r\n"
_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@attrs.define
class _Direction:
    """One direction of one connection.

    Attributes:
        expected: Sequence number of the next octet.
        buffer: What is no whole message yet.
    """

    expected: int
    buffer: bytearray = attrs.field(factory=bytearray)


class SipOverTcp:
    """Follows each direction of each connection; what does not begin like SIP is not kept.

    Attributes:
        gaps: Times at which octets were missing, so that the message around them is lost.
    """

    def __init__(self) -> None:
        self._directions: dict[tuple[Address, Address], _Direction] = {}
        self.gaps = 0

    def receive(self, segment: Segment) -> Iterator[bytes]:
        """Return the messages that end in a segment."""
        key = (segment.source, segment.destination)
        sequence, data = segment.sequence or 0, segment.data
        direction = self._directions.get(key)
        if direction is None or segment.begins:
            self._forget_oldest()
            direction = self._directions[key] = _Direction(sequence)
        ahead = (sequence - direction.expected) % _MODULUS
        if ahead >= _MODULUS // 2:  # sent again: only what is new counts
            data = data[_MODULUS - ahead :]
        elif ahead:
            self.gaps += 1
            direction.buffer.clear()
        if data:
            direction.expected = (sequence + len(segment.data)) % _MODULUS
            direction.buffer += data
            yield from _messages(direction.buffer)

    def _forget_oldest(self) -> None:
        while len(self._directions) >= _MAX_STREAMS:
            del self._directions[next(iter(self._directions))]


def _messages(buffer: bytearray) -> Iterator[bytes]:
    """Cut whole messages off the front."""
    while buffer:
        start = len(buffer) - len(buffer.lstrip(b"\r\n"))
        end = buffer.find(_BLANK, start)
        if end < 0:
            break
        head = bytes(buffer[start:end])
        if not is_sip(head):
            buffer.clear()  # another protocol, or the middle of a message
            return
        length = _LENGTH.search(head)
        after = end + len(_BLANK) + (int(length[1]) if length else 0)
        if after > len(buffer):
            break
        yield bytes(buffer[start:after])
        del buffer[:after]
    if len(buffer) > _MAX_BUFFER:
        buffer.clear()
