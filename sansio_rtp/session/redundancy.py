"""Packets that carry earlier ones once more (RFC 2198): what was lost comes back as a packet of its own."""

from __future__ import annotations

from collections import deque

import attrs

from ..jitter import JitterConfig
from ..packet import AudioBlock, RedundancyReceiver, RtpPacket, seq_delta, timestamp_delta
from .config import RtpSessionConfig

_REMEMBERED = 32
"""Packets among which a lost one is looked for; copies are never older."""


def deep_enough(config: RtpSessionConfig) -> JitterConfig:
    """Return the limits of the jitter buffer: a copy comes a packet later than what it replaces."""
    jitter = config.jitter
    if config.redundancy_payload_type is None:
        return jitter
    least = min(jitter.min_delay_ms + config.ptime_ms, jitter.max_delay_ms)
    return attrs.evolve(jitter, min_delay_ms=least)


class RedundancyInput:
    """Takes packets apart, so that each block goes the way of a packet.

    Attributes:
        payload_type: Payload type of packets with copies, None where none were agreed on.
        restored: Lost packets that came back.
    """

    __slots__ = ("_filter", "_oldest", "_packets", "payload_type", "restored")

    def __init__(self, config: RtpSessionConfig) -> None:
        """Begin before the first packet."""
        self.restored = 0
        self._packets: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self._filter = RedundancyReceiver(repeating=config.receive_events)
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take the payload types."""
        self.payload_type = config.redundancy_payload_type
        self._filter.repeating = frozenset(config.receive_events)
        self._oldest = config.clock_rate * config.jitter.max_delay_ms / 1000

    @property
    def malformed(self) -> int:
        """Payloads that could not be taken apart."""
        return self._filter.malformed

    def reset(self) -> None:
        """Expect another source."""
        self._filter.reset()
        self._packets.clear()

    def note(self, packet: RtpPacket) -> None:
        """Take note of a packet without copies: no copy of it is needed."""
        self._filter.note(packet.timestamp)
        self._packets.append((packet.sequence, packet.timestamp))

    def unpack(self, packet: RtpPacket) -> list[RtpPacket]:
        """Return the packets that one stands for, oldest first; its own block, if new, comes last."""
        parts: list[RtpPacket] = []
        last: int | None = None
        for block in self._filter.receive(packet.payload, packet.timestamp):
            if not block.redundant or block.payload_type in self._filter.repeating:
                parts.append(_packet(block, packet, packet.sequence))
                continue
            number = self._number(block, packet, last)
            if number is not None:
                last = number
                self.restored += 1
                parts.append(_packet(block, packet, number))
        self._packets.append((packet.sequence, packet.timestamp))
        return parts

    def _number(self, block: AudioBlock, packet: RtpPacket, previous: int | None) -> int | None:
        """Return which of the missing sequence numbers a copy had; None when none is missing there.

        A copy has only its time. It lies between two packets that came, and so does its number; in between
        packets are taken to be even, which after a pause of the sender puts it at the end of the gap. One
        that is older than the jitter buffer waits comes too late, and would only teach it to wait longer.
        """
        before = self._before(block.timestamp, packet.sequence)
        if before is None or timestamp_delta(packet.timestamp, block.timestamp) > self._oldest:
            return None
        sequence, timestamp = before
        missing = seq_delta(packet.sequence, sequence) - 1
        first = 1 if previous is None else max(1, seq_delta(previous, sequence) + 1)
        if first > missing:
            return None
        span = timestamp_delta(packet.timestamp, timestamp)
        share = timestamp_delta(block.timestamp, timestamp) / span if span > 0 else 0.0
        return (sequence + min(max(first, round(share * (missing + 1))), missing)) & 0xFFFF

    def _before(self, timestamp: int, sequence: int) -> tuple[int, int] | None:
        """Return number and time of the last packet that came and was before a time."""
        found: tuple[int, int] | None = None
        for each in self._packets:
            earlier = seq_delta(each[0], sequence) < 0 and timestamp_delta(each[1], timestamp) < 0
            if earlier and (found is None or seq_delta(each[0], found[0]) > 0):
                found = each
        return found


def _packet(block: AudioBlock, packet: RtpPacket, sequence: int) -> RtpPacket:
    marker = packet.marker and not block.redundant
    return RtpPacket(block.payload_type, sequence, block.timestamp, packet.ssrc, block.payload, marker)
