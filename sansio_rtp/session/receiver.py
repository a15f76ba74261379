"""The receiving half of a session: packets of the peer to frames and digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..dtmf import DtmfReceiver
from ..ids import RtpIds
from ..jitter import JitterBuffer
from ..machine import Outbox
from ..packet import RtpPacket
from .clocks import ClockBridge
from .config import RtpSessionConfig
from .events import DigitReceived, MediaStarted, RtpEvent, SourceChanged, UnknownPayloadReceived
from .playout import Playout
from .run import ReceiverRun
from .sampling import SampleClock
from .selector import SourceSelector
from .source import SourceStatistics
from .verdict import Verdict

_MAX_PACKET_MS = 400
"""Longest audio in one packet; more would let one datagram hold the playout for 8 s."""
_NOISE_MS = 10
"""How long a description of noise counts as audio: the shortest packet; the pause goes on without one."""


class MediaReceiver:
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

    def __init__(
        self, config: RtpSessionConfig, outbox: Outbox[RtpEvent], clock: SampleClock, *, ids: RtpIds
    ) -> None:
        """Create a receiver that has heard nothing; events go to `outbox`, the first audio starts `clock`."""
        self._outbox, self._clock = outbox, clock
        self.selector = SourceSelector(
            clock_rate=config.clock_rate, frame_s=config.ptime_ms / 1000, max_sources=config.max_sources
        )
        self.jitter = JitterBuffer(config.jitter, clock_rate=config.clock_rate, frame=config.frame_units)
        self.dtmf = DtmfReceiver(config.event_clock_rate)
        self._event_clock: int = config.event_clock_rate
        self._playout = Playout(config, self.jitter, outbox, ids=ids)
        self.voice = self._playout.voice
        self._bridge = ClockBridge(config.clock_rate)
        self._started = False
        self._receiving = config.receive
        self._unknown: set[int] = set()
        self.unknown_payload = self.oversized = self.unreadable = 0
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types, frame length and direction of `config`; what was counted goes on."""
        self._events: dict[int, int] = config.receive_events
        self._noise_type = config.noise_receive_payload_type
        self._formats = {
            payload_type: (codec.measure, codec.clock_rate)
            for payload_type, codec in config.receive_formats.items()
        }
        self._playout.configure(config)
        if self._receiving != config.receive:
            # What was dropped while the stream was paused must not be missed.
            self.jitter.restart()
            self._playout.clear()
        self._receiving = config.receive

    def knows(self, payload_type: int) -> bool:
        """Tell whether the payload type was agreed on."""
        return (
            payload_type in self._formats or payload_type in self._events or payload_type == self._noise_type
        )

    def receive(self, packet: RtpPacket, now: float) -> None:
        """Take one packet that came from the peer's address."""
        active = self.selector.active
        if active is not None and packet.ssrc == active.ssrc:
            self.selector.hear(now)
            self._count(packet, active, now)
            return
        packets = self.selector.follow(packet, now)
        if packets is None:
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

    def lend(self) -> ReceiverRun | None:
        """Lend the receiver while nothing is missing, late or new; None while something is."""
        active, payload_type = self.selector.active, self.voice.payload_type
        if active is None or payload_type is None or not self._receiving or self._bridge.bridging:
            return None
        source, jitter = active.lend(), self.jitter.lend()
        if source is None or jitter is None or source.clock_rate != self._bridge.peer_rate:
            return None
        codec, octets = self._playout.table(jitter.frame), jitter.frame
        if codec is None or jitter.payload_type not in (-1, payload_type):
            return None
        return ReceiverRun(source, jitter, codec, payload_type, octets, self.selector.heard_at)

    def take_back(self, run: ReceiverRun) -> None:
        """Go on from what `lend` gave."""
        active = self.selector.active
        if active is None:
            return
        if run.jitter.arrived:
            active.take_back(run.source)
            self.selector.hear(run.heard_at)
            self._bridge.run_on(run.source.highest)
        self.jitter.take_back(run.jitter)
        self.voice.run_on(run.heard if run.jitter.played else [])

    def flush_digits(self) -> None:
        """Turn the digits that are complete into events."""
        while (digit := self.dtmf.next_digit()) is not None:
            self._outbox.emit(DigitReceived(digit.digit, digit.duration_ms))

    def _count(self, packet: RtpPacket, source: SourceStatistics, now: float) -> None:
        verdict = source.update(packet.sequence)
        source.octets += len(packet.payload)
        payload_type = packet.payload_type
        known = self._formats.get(payload_type)
        if known is not None:
            measure, clock_rate = known
            if verdict is not Verdict.DUPLICATE and verdict is not Verdict.JUMP:
                source.time(packet.timestamp, now, clock_rate)
            if self._receiving:
                self._play(packet, measure(packet.payload), clock_rate, now)
        elif payload_type == self._noise_type:
            if self._receiving:
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
        if not self._started:
            self._started = True
            self._clock.begin(now)
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
