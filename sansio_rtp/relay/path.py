"""One direction of a relay: packets that one session receives leave as packets of another one."""

from __future__ import annotations

from collections import deque

from ..packet import RtpPacket
from ..session import RtpSession, Verdict
from .agreement import UNKNOWN, FormatMap
from .lending import LendablePath
from .news import FormatRefused, PathStatistics

_PAYLOAD_TYPES = 128


class RelayPath(LendablePath):
    """The way from the session that receives to the one that sends, which keeps its own SSRC (RFC 3550 §7).

    The receiving session has checked address, source and SRTP, and counts; the sending one has its own
    counters, reports and SRTP. In between only the header changes, and nothing is read but that: no matter
    how long packets are. CSRCs, header extension and padding end here, for they mean something on the leg
    that they come from only: its SSRCs, what its signalling has agreed on, its cipher.

    The outgoing source goes on without a gap when the incoming one changes, begins anew or comes back after
    something else was sent, and its timestamp by the time that went by.
    """

    def __init__(self, receive: RtpSession, send: RtpSession, formats: FormatMap) -> None:
        """Connect two sessions; `MediaRelay` diverts the packets.

        Args:
            receive: Receives.
            send: Sends.
            formats: What the one receives as the other one sends it.
        """
        super().__init__(receive, send, formats)
        self._events: deque[FormatRefused] = deque(maxlen=_PAYLOAD_TYPES)
        self._told: set[int] = set()
        self._listened = False
        self._anchors = self._duplicates = self._late = self._looped = self._refused = self._blocked = 0

    @property
    def listened(self) -> bool:
        """Whether what passes is played by the session that receives it, too."""
        return self._listened

    def listen(self, listened: bool) -> None:
        """Let the session that receives play what passes, too, or not any more."""
        if listened != self._listened:
            self.receive.divert(None)
            self._listened = listened
            self.receive.divert(self)

    @property
    def paused(self) -> bool:
        """Whether packets are kept back, for what the session that sends has to say itself."""
        return self._paused

    def pause(self, paused: bool) -> None:
        """Keep packets back and count them, or let them pass again."""
        self._paused = paused

    def configure(self, formats: FormatMap) -> None:
        """Take other formats; the next packet begins anew, as what was held meanwhile is no loss."""
        self._formats = formats
        self._ssrc = None
        self._told.clear()

    def pass_on(self, packet: RtpPacket, verdict: Verdict, now: float) -> None:
        """Send a packet that the receiving session has counted; see `Diversion`."""
        jumped, self._jumped = self._jumped, None
        if verdict is Verdict.DUPLICATE:
            # A sequence number goes out once: under SRTP a second packet with it would give both away.
            self._duplicates += 1
        elif verdict is Verdict.JUMP:
            self._jumped = packet, now  # proven by the next one, or dropped
        elif packet.ssrc == self.send.ssrc or packet.ssrc == self.receive.ssrc:
            self._looped += 1  # RFC 3550 §8.2: else it would run in circles for ever
        elif self._paused:
            self._block()
        else:
            if verdict is Verdict.RESTARTED:
                self._ssrc = None
                if jumped is not None and (jumped[0].sequence + 1) & 0xFFFF == packet.sequence:
                    self._send(*jumped)
            self._send(packet, now)

    @property
    def tells(self) -> bool:
        """Whether an event waits."""
        return bool(self._events)

    def next_event(self) -> FormatRefused | None:
        """Pop one event, or return None; no more are kept than there are payload types."""
        return self._events.popleft() if self._events else None

    def statistics(self) -> PathStatistics:
        """Return the counters as they are now."""
        return PathStatistics(
            packets=self._packets,
            anchors=self._anchors,
            duplicates=self._duplicates,
            late=self._late,
            looped=self._looped,
            refused=self._refused,
            blocked=self._blocked,
        )

    def _send(self, packet: RtpPacket, now: float) -> None:
        renamed, numbering, formats = self._formats.types[packet.payload_type], self._numbering, self._formats
        is_event = packet.payload_type in formats.events
        if renamed == UNKNOWN or (is_event and not formats.takes_event(packet.payload)):
            self._refuse(packet)
            return
        if (packet.ssrc != self._ssrc or not self.leads) and not self._anchor(packet, now):
            return
        ahead = numbering.ahead(packet.sequence)
        if ahead is None:
            self._late += 1
            return
        number = (numbering.number + ahead) & 0xFFFF
        timestamp = (packet.timestamp + numbering.shift) & 0xFFFFFFFF
        # Audio begins a talk spurt; digits have markers of their own, and noise has none (RFC 3389 §4).
        begins = packet.marker or (self._begins and packet.payload_type in formats.voices)
        if not self.send.forward(renamed | begins << 7, number, timestamp, packet.payload):
            self._block()
            return
        self._packets += 1
        if ahead > 0:
            numbering.advance(ahead)
            self._go_on(packet, number, None if is_event else timestamp, now)

    def _go_on(self, packet: RtpPacket, number: int, timestamp: int | None, now: float) -> None:
        self._payload_type, self._octets = packet.payload_type, len(packet.payload)
        if timestamp is not None:
            self._begins = self._begins and packet.payload_type not in self._formats.voices
            self._numbering.time(packet.timestamp, self._formats.longest)
        self.send.go_on(number, timestamp, self._numbering.step, now)

    def _anchor(self, packet: RtpPacket, now: float) -> bool:
        if not self.send.ready:
            self._block()
            return False
        number, due = self.send.follow(self, now)
        self._numbering.anchor(packet.sequence, packet.timestamp, number, due)
        self._ssrc, self._own = packet.ssrc, self.send.ssrc
        self._begins = True
        self._anchors += 1
        return True

    def _block(self) -> None:
        # What is kept back must not be missed later: the next packet that goes is the next one in sequence.
        self._ssrc = None
        self._blocked += 1

    def _refuse(self, packet: RtpPacket) -> None:
        """Drop a packet that nobody takes, without leaving a gap that would count as a loss."""
        self._refused += 1
        payload_type = packet.payload_type
        if payload_type in self._formats.refused and payload_type not in self._told:
            self._told.add(payload_type)
            codec = self.receive.config.receive_formats[payload_type].label
            self._events.append(FormatRefused(payload_type, codec))
        if packet.ssrc == self._ssrc and self.leads:
            ahead = self._numbering.ahead(packet.sequence)
            if ahead is not None and ahead > 0:
                self._numbering.pass_over(ahead)
