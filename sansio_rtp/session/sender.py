"""The sending half of a session: frames and digits to packets."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from ..codec import ComfortNoise
from ..dtmf import DtmfSender, EventPacket
from ..ids import RtpIds
from .config import RtpSessionConfig
from .encoding import VoiceEncoder
from .pace import Pace
from .run import ForwardRun, SenderRun

_HEADER = struct.Struct("!BBHII")
_pack = _HEADER.pack


class MediaSender:
    """Makes the packets of one source: sequence counts packets, timestamp counts time (RFC 3550 §5.1).

    Attributes:
        ssrc: Our source.
        packets: Packets sent with this SSRC.
        octets: Payload octets of those.
        total_packets: Packets sent in all.
        total_octets: Payload octets of those.
        dtmf: The digits that wait or are being sent.
    """

    def __init__(self, config: RtpSessionConfig, *, ids: RtpIds) -> None:
        """Draw SSRC, first sequence number and first timestamp."""
        self.ssrc = ids.ssrc()
        self._sequence = ids.sequence()
        self._pace = Pace(ids.timestamp(), config)
        self._marker = True
        self.packets = self.octets = self.total_packets = self.total_octets = 0
        self._encoder = VoiceEncoder(config)
        self._dtmf_key: object = None
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take the codec and the payload types of `config`; SSRC and counters go on."""
        self._encoder.configure(config)
        self._pace.configure(config)
        self._payload_type = config.send_payload_type
        self._noise_type = config.noise_send_payload_type
        self._event_type = config.dtmf_send_payload_type
        key = (self._event_type is None, config.event_clock_rate, config.dtmf_events)
        if key != self._dtmf_key:
            self._dtmf_key = key
            self.dtmf = DtmfSender(config.event_clock_rate, events=config.dtmf_events)

    def lend(self, *, silent: bool) -> SenderRun | None:
        """Return the numbers for the coming frames of audio; None while a digit is to be sent."""
        codec = self._encoder.table
        if codec is None or self.dtmf.busy:
            return None
        return SenderRun(
            codec,
            self.ssrc,
            self._payload_type,
            int(self._marker),
            self._sequence,
            self._pace.timestamp,
            int(silent),
        )

    def take_back(self, run: SenderRun, n_samples: int) -> None:
        """Go on from what `lend` gave, after frames of `n_samples` timestamp units each."""
        if not run.frames:
            return
        self._marker, self._sequence = bool(run.marker), run.sequence
        self._pace.run_on(run.frames, n_samples, run.sent_at)
        self._add(run.sent, run.octets)

    def frame(self, samples: npt.NDArray[np.int16], now: float) -> bytes | None:
        """Return the packet for one frame: its audio, or the digit that is being sent.

        None when the codec finds nothing worth sending.

        Raises:
            LocalProtocolError: The codec makes no packets of this length; no time has passed.
        """
        n_samples = samples.size
        event = self._event(n_samples)
        if event is not None:
            self._pace.advance(n_samples, now)
            return event
        payload = self._encoder.encode(samples)
        timestamp = self._pace.timestamp
        self._pace.advance(n_samples, now)
        if not payload:
            self._marker = True
            return None
        marker, self._marker = self._marker, False
        return self._packet(self._payload_type | marker << 7, timestamp, payload)

    def noise(self, noise: ComfortNoise, n_samples: int, now: float) -> bytes | None:
        """Return the packet that describes a pause, which begins with `n_samples` of it.

        It has no marker (RFC 3389 §4); the next frame has one. A digit that is being sent goes first.
        """
        event = self._event(n_samples)
        timestamp = self._pace.timestamp
        self._pace.advance(n_samples, now)
        self._marker = True
        return event or self._packet(self._noise_type or 0, timestamp, noise.to_bytes())

    def skip(self, n_samples: int, now: float) -> bytes | None:
        """Let `n_samples` pass without audio; return the packet of a digit when one is being sent."""
        event = self._event(n_samples)
        self._pace.advance(n_samples, now)
        self._marker = True
        return event

    def silence(self, n_samples: int, now: float) -> None:
        """Let `n_samples` pass while nothing may be sent at all."""
        self._pace.advance(n_samples, now)
        self._marker = True

    def line_up(self, now: float) -> tuple[int, int]:
        """Return the sequence number and timestamp of a packet that begins at `now`, whoever makes it."""
        self._pace.catch_up(now)
        self._marker = True
        return self._sequence, self._pace.timestamp

    def forward(self, second: int, sequence: int, timestamp: int, payload: bytes) -> bytes:
        """Return a packet of our source with numbers that were chosen elsewhere; `follow` the newest."""
        self._add(1, len(payload))
        return _pack(0x80, second, sequence, timestamp, self.ssrc) + payload

    def follow(self, sequence: int, timestamp: int | None = None, units: int = 0, now: float = 0.0) -> None:
        """Go on behind such a packet; `timestamp` is None for one that says nothing about the time."""
        self._sequence = (sequence + 1) & 0xFFFF
        if timestamp is not None:
            self._pace.follow(timestamp, units, now)

    def take_forwarded_back(self, run: ForwardRun) -> None:
        """Count what went out as `forward` and `follow` would have done it, one by one."""
        if run.sent:
            self._add(run.sent, run.octets)
            self.follow(run.sequence, run.timestamp, run.step, run.sent_at)

    def expect_loss(self, fraction: float) -> None:
        """Protect what follows against the loss, 0 to 1, that the peer reports."""
        self._encoder.expect_loss(fraction)

    def change_ssrc(self, ids: RtpIds) -> None:
        """Become another source, with new counters (RFC 3550 §8.2)."""
        self.ssrc = ids.ssrc()
        self._sequence = ids.sequence()
        self.packets = self.octets = 0
        self._marker = True

    def rtp_timestamp(self, now: float) -> int:
        """Return the timestamp that a sample taken at `now` would have (RFC 3550 §6.4.1)."""
        return self._pace.at(now)

    def _event(self, n_samples: int) -> bytes | None:
        if self._event_type is None:
            return None
        pace = self._pace
        event: EventPacket | None = self.dtmf.next_packet(pace.event_time, pace.event_units(n_samples))
        if event is None:
            return None
        return self._packet(
            self._event_type | event.marker << 7, pace.of_event(event.timestamp), event.payload
        )

    def _packet(self, second: int, timestamp: int, payload: bytes) -> bytes:
        sequence = self._sequence
        self._sequence = (sequence + 1) & 0xFFFF
        return self.forward(second, sequence, timestamp, payload)

    def _add(self, packets: int, octets: int) -> None:
        self.packets += packets
        self.total_packets += packets
        self.octets += octets
        self.total_octets += octets
