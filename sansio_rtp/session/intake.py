"""What the packets of the source that is followed hold: audio, noise, digits, copies of other packets."""

from __future__ import annotations

from collections.abc import Callable

from ..jitter import JitterBuffer
from ..machine import Outbox
from ..packet import RtpPacket, seq_delta
from .clocks import ClockBridge
from .config import RtpSessionConfig
from .digits import DigitInput
from .diversion import Diversion, divert_parts
from .events import CodecFellBack, MediaStarted, RtpEvent, UnknownPayloadReceived
from .redundancy import RedundancyInput
from .sampling import SampleClock
from .source import SourceStatistics
from .verdict import Verdict

_Known = tuple[Callable[[bytes], int], int]
"""How long a payload lasts, in units of which clock (Hz)."""
_MAX_PACKET_MS = 400
"""Longest audio in one packet; more would let one datagram hold the playout for 8 s."""
_CERTAIN = 5
"""Packets of a codec that was not agreed on after which the peer is taken to mean it: 0.1 s."""
_NEAR = 2
"""Step of the sequence number between two of them: one in between may be lost."""
_NOISE_MS = 10
"""How long a description of noise counts as audio: the shortest packet; the pause goes on without one."""


class PacketIntake:
    """Counts the packets of a source, and leads what they hold to where it belongs.

    Attributes:
        digits: The keys that the peer presses.
        redundancy: What takes packets with copies of others apart.
        bridge: The clock of the peer's packets.
        diversion: Who takes the packets, perhaps in place of the jitter buffer; None for nobody.
        started: Whether audio has come.
        unknown_payload: Packets whose payload type was not agreed on.
        oversized: Packets dropped because they hold more audio than 400 ms.
        unreadable: Packets dropped because they are none of their codec.
    """

    def __init__(
        self, config: RtpSessionConfig, jitter: JitterBuffer, outbox: Outbox[RtpEvent], clock: SampleClock
    ) -> None:
        """Lead audio to `jitter`; the first starts `clock`, which measures what is heard."""
        self._jitter, self._outbox, self._clock = jitter, outbox, clock
        self.digits = DigitInput(config, outbox)
        self.redundancy = RedundancyInput(config)
        self.bridge = ClockBridge(config.clock_rate)
        self.diversion: Diversion | None = None
        self.started = False
        self._unknown: set[int] = set()
        self.unknown_payload = self.oversized = self.unreadable = 0
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types and direction."""
        self.digits.configure(config)
        self.redundancy.configure(config)
        self._noise_type = config.noise_receive_payload_type
        self._formats: dict[int, _Known] = {
            payload_type: (codec.measure, codec.clock_rate)
            for payload_type, codec in config.receive_formats.items()
        }
        self._fallbacks: dict[int, _Known] = {
            payload_type: (codec.measure, codec.clock_rate)
            for payload_type, codec in config.fallbacks.items()
            if self.digits.clocks.get(payload_type) is None
        }
        self._mismatches = self._mismatch = 0
        self._receiving = config.receive
        self._redundant = self.redundancy.payload_type is not None
        self._simple = not self.digits.listens and not self._redundant

    def knows(self, payload_type: int) -> bool:
        """Tell whether the payload type was agreed on."""
        others = (self._noise_type, self.redundancy.payload_type)
        return payload_type in self._formats or payload_type in self.digits.clocks or payload_type in others

    def passes_on(self, payload_type: int) -> bool:
        """Tell whether packets of a payload type need no more than the jitter buffer.

        Who listens for tones hears every frame, and who takes copies looks into every packet.
        """
        undisturbed = self._simple and not self.bridge.bridging and self.diversion is None
        return undisturbed and payload_type in self._formats

    def expect_new_source(self, now: float) -> None:
        """Take the next packet for the first of another source."""
        self._jitter.restart()
        self.bridge.expect_new_source()
        self.digits.reset(now)
        self.redundancy.reset()

    def count(self, packet: RtpPacket, source: SourceStatistics, now: float) -> None:
        """Take a packet of a source."""
        verdict = source.update(packet.sequence)
        source.octets += len(packet.payload)
        timed = source if verdict is not Verdict.DUPLICATE and verdict is not Verdict.JUMP else None
        diversion, plays = self.diversion if self._receiving else None, self._receiving
        if diversion is not None:
            plays = diversion.listened
        if self._redundant:
            if packet.payload_type == self.redundancy.payload_type:
                parts = self.redundancy.unpack(packet)
                if diversion is not None:
                    divert_parts(diversion, packet.sequence, parts, verdict, now)
                if not parts or parts[-1].sequence != packet.sequence:  # its audio came before, as a copy
                    self._jitter.pass_over(packet.sequence)
                for part in parts:  # copies have no part in the jitter
                    own = timed if part.timestamp == packet.timestamp else None
                    self._take(part, self._formats.get(part.payload_type), own, plays, now)
                return
            self.redundancy.note(packet)
        if diversion is not None:
            diversion.pass_on(packet, verdict, now)
        self._take(packet, self._formats.get(packet.payload_type), timed, plays, now)

    def _take(
        self,
        packet: RtpPacket,
        known: _Known | None,
        timed: SourceStatistics | None,
        plays: bool,
        now: float,
    ) -> None:
        """Take what a packet holds, to be played or not; its time goes into the jitter of `timed`, if any."""
        if known is not None:
            measure, clock_rate = known
            if timed is not None:
                timed.time(packet.timestamp, now, clock_rate)
            if plays:
                self._play(packet, measure(packet.payload), clock_rate, now)
            elif self._receiving:
                self._start(packet, now)
        elif packet.payload_type == self._noise_type:
            if plays:
                clock_rate = self.bridge.peer_rate
                self._push(packet, clock_rate * _NOISE_MS // 1000, clock_rate, now)
        else:
            self._note(packet, now)

    def _note(self, packet: RtpPacket, now: float) -> None:
        """Take a packet without audio."""
        self._jitter.pass_over(packet.sequence)
        clock_rate = self.digits.clocks.get(packet.payload_type)
        if clock_rate is None:
            self._note_unknown(packet)
        elif self._receiving:
            self.digits.receive(packet, clock_rate, now)

    def _note_unknown(self, packet: RtpPacket) -> None:
        payload_type = packet.payload_type
        self.unknown_payload += 1
        if payload_type not in self._unknown:  # there are no more than 128
            self._unknown.add(payload_type)
            self._outbox.emit(UnknownPayloadReceived(payload_type))
        if (known := self._fallbacks.get(payload_type)) is not None:
            # In sequence, so that nothing that was agreed on came in between, lost packets aside.
            near = 0 < seq_delta(packet.sequence, self._mismatch) <= _NEAR
            self._mismatches = self._mismatches + 1 if near else 1
            self._mismatch = packet.sequence
            if self._mismatches >= _CERTAIN:
                self._formats[payload_type] = known
                self._outbox.emit(CodecFellBack(payload_type))

    def _play(self, packet: RtpPacket, duration: int, clock_rate: int, now: float) -> None:
        if duration > clock_rate * _MAX_PACKET_MS // 1000:
            self.oversized += 1
            duration = 0
        elif not duration and packet.payload:
            self.unreadable += 1
        if not duration:
            self._jitter.pass_over(packet.sequence)
            return
        self._push(packet, duration, clock_rate, now)
        self._start(packet, now)

    def _start(self, packet: RtpPacket, now: float) -> None:
        if not self.started:
            self.started = True
            self._clock.begin(now)
            self._outbox.emit(MediaStarted(packet.ssrc, packet.payload_type))

    def _push(self, packet: RtpPacket, duration: int, clock_rate: int, now: float) -> None:
        changed = self.bridge.changes(packet.sequence, clock_rate)
        if changed is None:
            self._jitter.pass_over(packet.sequence)
            return
        if changed:
            self.bridge.begin(packet.timestamp)
            self._jitter.restart()
        timestamp, duration = self.bridge.place(packet.timestamp, duration)
        self._jitter.push(packet.sequence, timestamp, packet.payload, packet.payload_type, duration, now)
