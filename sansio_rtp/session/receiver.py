"""The receiving half of a session: packets of the peer to frames and digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..audio import Concealer
from ..codec import Codec, get_codec
from ..dtmf import DtmfReceiver
from ..jitter import JitterBuffer, SlotKind
from ..machine import Outbox
from ..packet import RtpPacket
from .config import RtpSessionConfig
from .events import DigitReceived, MediaStarted, RtpEvent, SourceChanged
from .run import ReceiverRun
from .selector import SourceSelector
from .source import SourceStatistics, Verdict

_MAX_PACKET_MS = 400
"""Longest audio in one packet; more would let one datagram hold the playout for 8 s."""


class MediaReceiver:
    """Counts, buffers and decodes what comes from the peer's address.

    Attributes:
        selector: The source that is followed.
        jitter: The jitter buffer.
        dtmf: Receiver of telephone-events.
        unknown_payload: Packets whose payload type was not agreed on.
        oversized: Packets dropped because they hold more audio than 400 ms.
        codec: Name of the codec of the last frame played, or None.
    """

    def __init__(self, config: RtpSessionConfig, outbox: Outbox[RtpEvent]) -> None:
        """Create a receiver that has heard nothing; events go to `outbox`."""
        self._outbox = outbox
        frame = config.frame_samples
        self.selector = SourceSelector(
            clock_rate=config.clock_rate, frame_s=config.ptime_ms / 1000, max_sources=config.max_sources
        )
        self.jitter = JitterBuffer(config.jitter, clock_rate=config.clock_rate, frame=frame)
        self.dtmf = DtmfReceiver(config.clock_rate)
        self._concealer = Concealer(config.clock_rate)
        self._rest: npt.NDArray[np.int16] = np.zeros(0, np.int16)
        self._started = False
        self._receiving = config.receive
        self._max_units = config.clock_rate * _MAX_PACKET_MS // 1000
        self._payload_type = -1
        self.unknown_payload = self.oversized = 0
        self.codec: str | None = None
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types, frame length and direction of `config`; what was counted goes on."""
        self._decoders: dict[int, Codec] = {pt: get_codec(name) for pt, name in config.formats.items()}
        self._event_type = config.dtmf_receive_payload_type
        self._frame = config.frame_samples
        # A payload lasts octets * clock_rate / octets a second; the ratio is exact for 20 ms of any codec.
        self._units = {
            pt: (config.clock_rate // 50, codec.frame_bytes(20)) for pt, codec in self._decoders.items()
        }
        if self._receiving != config.receive:
            # What was dropped while the stream was paused must not be missed.
            self.jitter.restart()
            self._rest = self._rest[:0]
        self._receiving = config.receive

    def knows(self, payload_type: int) -> bool:
        """Tell whether the payload type was agreed on."""
        return payload_type in self._decoders or payload_type == self._event_type

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
            self.dtmf.reset()
            self.flush_digits()
            self._outbox.emit(SourceChanged(packet.ssrc))
        if self.selector.active is not None:
            for held, arrival in packets:
                self._count(held, self.selector.active, arrival)

    def playout(self, now: float) -> npt.NDArray[np.int16]:
        """Return the next frame, int16, shape (frame_samples,): audio, concealment or silence."""
        frame = self._frame
        if not self._receiving:
            return np.zeros(frame, np.int16)
        rest = self._rest
        if not rest.size:
            rest = self._pull(now)
            if rest.size == frame:
                return rest
        while rest.size < frame:
            rest = np.concatenate((rest, self._pull(now)))
        self._rest = rest[frame:]
        return rest[:frame].copy()

    def lend(self) -> ReceiverRun | None:
        """Lend the receiver while nothing is missing, late or new; None while something is."""
        active = self.selector.active
        if active is None or not (self._receiving and self._started) or self._rest.size:
            return None
        source, jitter = active.lend(), self.jitter.lend()
        if source is None or jitter is None or self._concealer.concealing:
            return None
        payload_type = self._payload_type
        codec = self._decoders.get(payload_type)
        if codec is None or jitter.payload_type not in (-1, payload_type):
            return None
        octets = codec.frame_bytes(jitter.frame * 1000 // codec.clock_rate)
        if any(len(payload) != octets for payload, _ in jitter.waiting):
            return None
        return ReceiverRun(source, jitter, codec.name, payload_type, octets, self.selector.heard_at)

    def take_back(self, run: ReceiverRun) -> None:
        """Go on from what `lend` gave."""
        active = self.selector.active
        if active is None:
            return
        if run.jitter.transits:
            active.take_back(run.source)
            self.selector.hear(run.heard_at)
        self.jitter.take_back(run.jitter)
        if run.jitter.played:
            codec = self._decoders[run.payload_type]
            self.codec = codec.name
            for payload in run.heard:
                self._concealer.good(codec.decode(payload))

    def flush_digits(self) -> None:
        """Turn the digits that are complete into events."""
        while (digit := self.dtmf.next_digit()) is not None:
            self._outbox.emit(DigitReceived(digit.digit, digit.duration_ms))

    def _count(self, packet: RtpPacket, source: SourceStatistics, now: float) -> None:
        verdict = source.update(packet.sequence)
        source.octets += len(packet.payload)
        payload_type = packet.payload_type
        units = self._units.get(payload_type)
        if units is not None:
            if verdict is not Verdict.DUPLICATE and verdict is not Verdict.JUMP:
                source.time(packet.timestamp, now)
            if self._receiving:
                self._play(packet, units, now)
            return
        self.jitter.pass_over(packet.sequence)
        if payload_type != self._event_type:
            self.unknown_payload += 1
        elif self._receiving:
            self.dtmf.receive(packet.payload, packet.timestamp, now, packet.marker)
            self.flush_digits()

    def _play(self, packet: RtpPacket, units: tuple[int, int], now: float) -> None:
        duration = len(packet.payload) * units[0] // units[1]
        if duration > self._max_units:
            self.oversized += 1
            self.jitter.pass_over(packet.sequence)
            return
        self.jitter.push(
            packet.sequence, packet.timestamp, packet.payload, packet.payload_type, duration, now
        )
        self._payload_type = packet.payload_type
        if not self._started and duration:
            self._started = True
            self._outbox.emit(MediaStarted(packet.ssrc, packet.payload_type))

    def _pull(self, now: float) -> npt.NDArray[np.int16]:
        slot = self.jitter.pop(now)
        if slot.kind is SlotKind.PACKET:
            codec = self._decoders.get(slot.payload_type)
            if codec is not None:
                self.codec = codec.name
                samples = self._concealer.good(codec.decode(slot.payload))
                return samples[slot.skip :] if slot.skip else samples
        elif slot.kind is SlotKind.BUFFERING:
            return np.zeros(slot.duration, np.int16)
        # A packet of a codec that a renegotiation took away while it waited is as good as lost.
        return self._concealer.lost(slot.duration)
