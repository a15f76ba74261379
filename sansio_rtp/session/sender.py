"""The sending half of a session: frames and digits to packets."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from ..codec import get_codec
from ..dtmf import DtmfSender, EventPacket
from ..ids import RtpIds
from .config import RtpSessionConfig
from .run import SenderRun

_HEADER = struct.Struct("!BBHII")
_pack = _HEADER.pack


class MediaSender:
    """Makes the packets of one source: sequence counts packets, timestamp counts samples (RFC 3550 §5.1).

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
        self._clock_rate = config.clock_rate
        self.ssrc = ids.ssrc()
        self._sequence = ids.sequence()
        self._timestamp = ids.timestamp()
        self._marker = True
        self._reference: tuple[float, int] | None = None
        self.packets = self.octets = self.total_packets = self.total_octets = 0
        self.dtmf = DtmfSender(config.clock_rate, events=config.dtmf_events)
        self._events = config.dtmf_events
        self._event_type = config.dtmf_send_payload_type
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take the codec and the payload types of `config`; SSRC and counters go on."""
        self._codec = get_codec(config.send_codec)
        self._payload_type = config.send_payload_type
        if (config.dtmf_send_payload_type is None) != (self._event_type is None) or (
            config.dtmf_events != self._events
        ):
            self.dtmf = DtmfSender(config.clock_rate, events=config.dtmf_events)
        self._event_type, self._events = config.dtmf_send_payload_type, config.dtmf_events

    def lend(self, *, silent: bool) -> SenderRun | None:
        """Return the numbers for the coming frames of audio; None while a digit is to be sent."""
        if self.dtmf.busy:
            return None
        return SenderRun(
            self._codec.name,
            self.ssrc,
            self._payload_type,
            int(self._marker),
            self._sequence,
            self._timestamp,
            int(silent),
        )

    def take_back(self, run: SenderRun, n_samples: int) -> None:
        """Go on from what `lend` gave, after packets of `n_samples` timestamp units each."""
        if not run.frames:
            return
        self._marker = bool(run.marker)
        self._sequence, self._timestamp = run.sequence, run.timestamp
        self._reference = (run.sent_at, (run.timestamp - n_samples) & 0xFFFFFFFF)
        self.packets += run.sent
        self.total_packets += run.sent
        self.octets += run.octets
        self.total_octets += run.octets

    def frame(self, samples: npt.NDArray[np.int16], now: float) -> bytes:
        """Return the packet for one frame: its audio, or the digit that is being sent."""
        n_samples = samples.size
        timestamp = self._timestamp
        event = self.dtmf.next_packet(timestamp, n_samples) if self._event_type is not None else None
        self._advance(n_samples, now)
        if event is not None:
            return self._event(event)
        payload = self._codec.encode(samples)
        marker, self._marker = self._marker, False
        return self._packet(self._payload_type | marker << 7, timestamp, payload)

    def skip(self, n_samples: int, now: float) -> bytes | None:
        """Let `n_samples` pass without audio; return the packet of a digit when one is being sent."""
        event = self.dtmf.next_packet(self._timestamp, n_samples) if self._event_type is not None else None
        self._advance(n_samples, now)
        self._marker = True
        return None if event is None else self._event(event)

    def silence(self, n_samples: int, now: float) -> None:
        """Let `n_samples` pass while nothing may be sent at all."""
        self._advance(n_samples, now)
        self._marker = True

    def change_ssrc(self, ids: RtpIds) -> None:
        """Become another source, with new counters (RFC 3550 §8.2)."""
        self.ssrc = ids.ssrc()
        self._sequence = ids.sequence()
        self.packets = self.octets = 0
        self._marker = True

    def rtp_timestamp(self, now: float) -> int:
        """Return the timestamp that a sample taken at `now` would have (RFC 3550 §6.4.1)."""
        if self._reference is None:
            return self._timestamp
        then, timestamp = self._reference
        return (timestamp + round((now - then) * self._clock_rate)) & 0xFFFFFFFF

    def _advance(self, n_samples: int, now: float) -> None:
        self._reference = (now, self._timestamp)
        self._timestamp = (self._timestamp + n_samples) & 0xFFFFFFFF

    def _event(self, event: EventPacket) -> bytes:
        return self._packet((self._event_type or 0) | event.marker << 7, event.timestamp, event.payload)

    def _packet(self, second: int, timestamp: int, payload: bytes) -> bytes:
        sequence = self._sequence
        self._sequence = (sequence + 1) & 0xFFFF
        self.packets += 1
        self.total_packets += 1
        self.octets += len(payload)
        self.total_octets += len(payload)
        return _pack(0x80, second, sequence, timestamp, self.ssrc) + payload
