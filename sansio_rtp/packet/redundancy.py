"""Redundant audio: payloads that carry earlier ones once more (RFC 2198)."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Container
from typing import NamedTuple

from ..errors import PacketError

_TIMESTAMP_MASK = 0xFFFFFFFF
_MAX_BLOCKS = 16
"""Blocks in one packet; senders use two or three."""


class AudioBlock(NamedTuple):
    """One piece of audio out of a packet.

    Attributes:
        payload_type: Its codec.
        timestamp: Its RTP timestamp, 32 bits.
        payload: Its payload.
        redundant: True for a copy of what an earlier packet carried.
    """

    payload_type: int
    timestamp: int
    payload: bytes
    redundant: bool


def parse_redundant(payload: bytes, timestamp: int) -> list[AudioBlock]:
    """Parse the payload of a RED packet; the primary block is the last one (RFC 2198 §3).

    Args:
        payload: The RTP payload.
        timestamp: The RTP timestamp of the packet.

    Raises:
        PacketError: A header or a block is cut, or there are more than 16 blocks.
    """
    headers: list[tuple[int, int, int]] = []
    position = 0
    while True:
        if position >= len(payload):
            raise PacketError("RED header is cut", position, error_class="truncated")
        if not payload[position] & 0x80:
            break
        if position + 4 > len(payload):
            raise PacketError("RED header is cut", position, error_class="truncated")
        if len(headers) == _MAX_BLOCKS:
            raise PacketError(f"more than {_MAX_BLOCKS} RED blocks", position)
        (word,) = struct.unpack_from("!I", payload, position)
        headers.append((word >> 24 & 0x7F, word >> 10 & 0x3FFF, word & 0x3FF))
        position += 4
    primary_type = payload[position]
    position += 1
    blocks: list[AudioBlock] = []
    for payload_type, offset, length in headers:
        if position + length > len(payload):
            raise PacketError("RED block is cut", position, error_class="truncated")
        piece = payload[position : position + length]
        blocks.append(AudioBlock(payload_type, (timestamp - offset) & _TIMESTAMP_MASK, piece, True))
        position += length
    blocks.append(AudioBlock(primary_type, timestamp & _TIMESTAMP_MASK, payload[position:], False))
    return blocks


class RedundancyReceiver:
    """A filter from RED payloads to the blocks that are new; `reset()` it when the SSRC changes.

    A redundant block is used only when no packet has brought its timestamp. What comes after its copy was
    used is a duplicate.

    Attributes:
        repeating: Payload types whose packets share a timestamp, as all those of one telephone-event do
            (RFC 4733 §2.5.1): their blocks pass as they are, their receiver knows what it was told before.
        recovered: Blocks that were lost and came back as a copy.
        unneeded: Copies of what was there already.
        malformed: Payloads that could not be parsed.
    """

    __slots__ = ("_known", "_order", "malformed", "recovered", "repeating", "unneeded")

    def __init__(self, *, max_known: int = 256, repeating: Container[int] = ()) -> None:
        """Create a filter that remembers the last `max_known` timestamps."""
        self.repeating = repeating
        self._order: deque[int] = deque(maxlen=max_known)
        self._known: set[int] = set()
        self.recovered = self.unneeded = self.malformed = 0

    def receive(self, payload: bytes, timestamp: int) -> list[AudioBlock]:
        """Take one RED payload; return what is new in it, oldest first; never raises."""
        try:
            blocks = parse_redundant(payload, timestamp)
        except PacketError:
            self.malformed += 1
            return []
        # The first packet proves nothing about what was before it: its copies are of a time nobody heard.
        first = not self._order
        fresh: list[AudioBlock] = []
        for block in blocks:
            if block.payload_type in self.repeating and block.payload:
                fresh.append(block)
                continue
            if block.timestamp in self._known or (first and block.redundant) or not block.payload:
                self.unneeded += block.redundant
                continue
            self._remember(block.timestamp)
            self.recovered += block.redundant
            fresh.append(block)
        return fresh

    def note(self, timestamp: int) -> None:
        """Take note of a packet that came without copies of others."""
        if timestamp not in self._known:
            self._remember(timestamp)

    def reset(self) -> None:
        """Forget the timestamps, because they begin anew."""
        self._order.clear()
        self._known.clear()

    def _remember(self, timestamp: int) -> None:
        if len(self._order) == self._order.maxlen:
            self._known.discard(self._order[0])
        self._order.append(timestamp)
        self._known.add(timestamp)
