"""The receiving half of a session: packets of the peer to frames and digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..dtmf import DtmfReceiver
from ..ids import RtpIds
from ..machine import Outbox
from ..packet import RtpPacket
from .config import RtpSessionConfig
from .events import DigitReceived, MediaStarted, RtpEvent, SourceChanged, UnknownPayloadReceived
from .receiver_lending import LendableReceiver
from .source import SourceStatistics
from .verdict import Verdict

_MAX_PACKET_MS = 400
"""Longest audio in one packet; more would let one datagram hold the playout for 8 s."""
_NOISE_MS = 10
"""How long a description of noise counts as audio: the shortest packet; the pause goes on without one."""


class MediaReceiver(LendableReceiver):
    """Counts, buffers and decodes what comes from the peer's address.

    Attributes:
        selector: The source that is followed.
        jitter: The jitter buffer; its time runs in units of the clock of the first codec agreed on.
        dtmf: Receiver of telephone-events.
        voice: The decoders.
        unknown_payload: Packets whose payload type was not agreed on.
        oversized: Packets dropped because they hold more audio than 400 ms.
        unreadable: Packets dropped because they are none of their codec.
    """

    def __init__(self, config: RtpSessionConfig, outbox: Outbox[RtpEvent], *, ids: RtpIds) -> None:
        """Create a receiver that has heard nothing; events go to `outbox`."""
        super().__init__(config, outbox, ids=ids)
        self.dtmf = DtmfReceiver(config.event_clock_rate)
        self._event_clock: int = config.event_clock_rate
        self._unknown: set[int] = set()
        self.unknown_payload = self.oversized = self.unreadable = 0
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types, frame length and direction of `config`; what was counted goes on."""
        self._events: dict[int, int] = config.receive_events
        self._noise_type = config.noise_receive_payload_type
        formats = config.receive_formats.items()
        self._formats = {number: (codec.measure, codec.clock_rate) for number, codec in formats}
        self._known = {*self._formats, *self._events, self._noise_type}
        self._playout.configure(config)
        if self._receiving != config.receive:
            self._begin_anew()
        self._receiving = config.receive

    def knows(self, payload_type: int) -> bool:
        """Tell whether the payload type was agreed on."""
        return payload_type in self._known

    def receive(self, packet: RtpPacket, now: float) -> None:
        """Take one packet that came from the peer's address."""
        active = self.selector.active
        if active is not None and packet.ssrc == active.ssrc:
            self.selector.hear(now)
            self._count(packet, active, now)
            return
        if (packets := self.selector.follow(packet, now)) is None:
            return
        if active is not None:
            self.jitter.restart()
            self._bridge.expect_new_source()
            self.dtmf.reset()
            self.flush_digits()
            self._outbox.emit(SourceChanged(packet.ssrc))
        if self.selector.active is not None:
            for held, arrival in packets:
                self._count(held, self.selector.active, arrival)

    def playout(self, now: float) -> npt.NDArray[np.int16]:
        """Return the next frame, int16, shape (frame_samples,): audio, concealment, noise or silence."""
        return self._playout.frame(now) if self._receiving else self._playout.silence()

    @property
    def silent(self) -> bool:
        """Whether there is nothing to play, and will be nothing before a packet comes."""
        return not self._receiving or not self.jitter.begun

    def skip(self, now: float) -> None:
        """Leave out what waits longer than it should."""
        self._playout.skip(now)

    def flush_digits(self) -> None:
        """Turn the digits that are complete into events."""
        while (digit := self.dtmf.next_digit()) is not None:
            self._outbox.emit(DigitReceived(digit.digit, digit.duration_ms))

    def _count(self, packet: RtpPacket, source: SourceStatistics, now: float) -> None:
        verdict = source.update(packet.sequence)
        source.octets += len(packet.payload)
        payload_type, diversion, plays = packet.payload_type, self._diversion, self._receiving
        if diversion is not None and plays:
            diversion.pass_on(packet, verdict, now)
            plays = diversion.listened
        known = self._formats.get(payload_type)
        if known is not None:
            measure, clock_rate = known
            if verdict is not Verdict.DUPLICATE and verdict is not Verdict.JUMP:
                source.time(packet.timestamp, now, clock_rate)
            if plays:
                self._play(packet, measure(packet.payload), clock_rate, now)
            elif self._receiving:
                self._start(packet)
        elif payload_type == self._noise_type:
            if plays:
                clock_rate = self._bridge.peer_rate
                self._push(packet, clock_rate * _NOISE_MS // 1000, clock_rate, now)
        else:
            self._note(packet, now)

    def _note(self, packet: RtpPacket, now: float) -> None:
        """Take a packet without audio."""
        self.jitter.pass_over(packet.sequence)
        clock_rate = self._events.get(packet.payload_type)
        if clock_rate is None:
            self._note_unknown(packet.payload_type)
        elif self._receiving:
            if clock_rate != self._event_clock:
                self._event_clock = clock_rate
                self.dtmf = DtmfReceiver(clock_rate)
            self.dtmf.receive(packet.payload, packet.timestamp, now, packet.marker)
            self.flush_digits()

    def _note_unknown(self, payload_type: int) -> None:
        self.unknown_payload += 1
        if payload_type not in self._unknown:  # there are no more than 128
            self._unknown.add(payload_type)
            self._outbox.emit(UnknownPayloadReceived(payload_type))

    def _play(self, packet: RtpPacket, duration: int, clock_rate: int, now: float) -> None:
        if duration > clock_rate * _MAX_PACKET_MS // 1000:
            self.oversized += 1
            duration = 0
        elif not duration and packet.payload:
            self.unreadable += 1
        if not duration:
            self.jitter.pass_over(packet.sequence)
            return
        self._push(packet, duration, clock_rate, now)
        self._start(packet)

    def _start(self, packet: RtpPacket) -> None:
        if not self._started:
            self._started = True
            self._outbox.emit(MediaStarted(packet.ssrc, packet.payload_type))

    def _push(self, packet: RtpPacket, duration: int, clock_rate: int, now: float) -> None:
        changed = self._bridge.changes(packet.sequence, clock_rate)
        if changed is None:
            self.jitter.pass_over(packet.sequence)
            return
        if changed:
            self._bridge.begin(packet.timestamp)
            self.jitter.restart()
        timestamp, duration = self._bridge.place(packet.timestamp, duration)
        self.jitter.push(packet.sequence, timestamp, packet.payload, packet.payload_type, duration, now)
