"""Which of the sources that send from the peer's address is the one to play."""

from __future__ import annotations

from collections import OrderedDict

import attrs

from ..packet import MIN_SEQUENTIAL, RtpPacket
from .source import SourceStatistics

_CERTAIN = 5
"""Packets in a row that make a change certain even if no time has passed."""


@attrs.define
class _Rival:
    sequence: int
    held: list[tuple[RtpPacket, float]]


class SourceSelector:
    """Follows one source, and changes to another SSRC when that one is proven and the old one is silent.

    Two packets in sequence prove a source (RFC 3550 A.1). They are held, so that a change loses nothing. A
    packet of the active source puts all others back: two sources that send at the same time never alternate.

    Attributes:
        active: Statistics of the source that is followed, or None before the first packet.
        heard_at: When the active source last sent.
        other: Packets of sources that were not followed.
        past_expected: Packets expected of the sources that were followed before.
        past_lost: Packets lost of those.
        past_received: Packets received of those.
        past_duplicates: Duplicates of those.
        past_out_of_order: Reordered packets of those.
        past_octets: Payload octets of those.
    """

    def __init__(self, *, clock_rate: int, frame_s: float, max_sources: int) -> None:
        """Create a selector that has seen nothing; `frame_s` is the time of a packet in seconds."""
        self._clock_rate = clock_rate
        self._silence = 1.5 * frame_s
        self._max_sources = max_sources
        self._rivals: OrderedDict[int, _Rival] = OrderedDict()
        self.heard_at = float("-inf")
        self.active: SourceStatistics | None = None
        self.other = 0
        self.past_expected = self.past_lost = self.past_received = 0
        self.past_duplicates = self.past_out_of_order = self.past_octets = 0

    @property
    def octets(self) -> int:
        """Payload octets of all sources that were followed."""
        return self.past_octets + (self.active.octets if self.active else 0)

    @property
    def received(self) -> int:
        """Packets of all sources that were followed."""
        return self.past_received + (self.active.received if self.active else 0)

    @property
    def lost(self) -> int:
        """Packets lost of all sources that were followed."""
        return self.past_lost + (self.active.lost if self.active else 0)

    @property
    def expected(self) -> int:
        """Packets that should have come of all sources that were followed."""
        return self.past_expected + (self.active.expected if self.active else 0)

    def follow(self, packet: RtpPacket, now: float) -> list[tuple[RtpPacket, float]] | None:
        """Take a packet of a source that is not active.

        Returns:
            None when it is not followed (yet). Otherwise the source has become active, and the packets to
            count and play, with the times when they came.
        """
        if self.active is None:
            self._activate(packet, now)
            return [(packet, now)]
        self.other += 1
        rival = self._rival(packet.ssrc, (packet.sequence - 1) & 0xFFFF)
        if packet.sequence == rival.sequence:
            return None
        if packet.sequence != (rival.sequence + 1) & 0xFFFF:
            rival.held.clear()
        rival.sequence = packet.sequence
        rival.held.append((packet, now))
        if not self._is_proven(rival, now):
            return None
        self.other -= len(rival.held)
        self._activate(rival.held[0][0], now)
        return rival.held

    def hear(self, now: float) -> None:
        """Note a packet of the active source."""
        self.heard_at = now
        if self._rivals:
            self._rivals.clear()

    def _is_proven(self, rival: _Rival, now: float) -> bool:
        streak = len(rival.held)
        return streak >= _CERTAIN or (streak >= MIN_SEQUENTIAL and now - self.heard_at >= self._silence)

    def _activate(self, packet: RtpPacket, now: float) -> None:
        old = self.active
        if old is not None:
            self.past_expected += old.expected
            self.past_lost += old.lost
            self.past_received += old.received
            self.past_duplicates += old.duplicates
            self.past_out_of_order += old.out_of_order
            self.past_octets += old.octets
        self.active = SourceStatistics(packet.ssrc, packet.sequence, clock_rate=self._clock_rate)
        self._rivals.clear()
        self.heard_at = now

    def _rival(self, ssrc: int, before: int) -> _Rival:
        rival = self._rivals.get(ssrc)
        if rival is None:
            rival = self._rivals[ssrc] = _Rival(before, [])
            if len(self._rivals) > self._max_sources:
                self._rivals.popitem(last=False)
        return rival
