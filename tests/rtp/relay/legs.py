"""Two legs with a relay between them, and the phones that talk to them."""

from __future__ import annotations

import itertools
import random
from typing import Any

import attrs

from sansio_rtp import Address, RtpIds, RtpSession, RtpSessionConfig
from sansio_rtp.dtmf import TelephoneEvent
from sansio_rtp.machine import Component, Transmit
from sansio_rtp.packet import RtpPacket, parse_rtp
from sansio_rtp.relay import MediaRelay
from sansio_rtp.session import RtpEvent

PHONE_A: Address = ("192.0.2.1", 4000)
PHONE_B: Address = ("192.0.2.2", 5000)
TICK = 0.02


def leg_config(remote: Address | None, **changes: Any) -> RtpSessionConfig:
    base: dict[str, Any] = {
        "formats": {0: "PCMU", 8: "PCMA"},
        "send_payload_type": 0,
        "dtmf_send_payload_type": 101,
        "dtmf_receive_payload_type": 101,
        "noise_send_payload_type": 13,
        "noise_receive_payload_type": 13,
        "remote": remote,
    }
    return RtpSessionConfig(**(base | changes))


def leg(remote: Address | None, seed: int, **changes: Any) -> RtpSession:
    return RtpSession(leg_config(remote, **changes), now=0.0, ids=RtpIds(random.Random(seed).randbytes))


@attrs.define
class Phone:
    """What a phone sends, one packet after another."""

    ssrc: int
    sequence: int = 1_000
    timestamp: int = 50_000
    payload_type: int = 0
    units: int = 160

    def packet(self, **changes: Any) -> RtpPacket:
        """The next packet of audio."""
        base: dict[str, Any] = {
            "payload_type": self.payload_type,
            "sequence": self.sequence & 0xFFFF,
            "timestamp": self.timestamp & 0xFFFFFFFF,
            "ssrc": self.ssrc,
            "payload": self.sequence.to_bytes(4, "big") * (self.units // 4),
        }
        self.sequence += 1
        self.timestamp += self.units
        return RtpPacket(**(base | changes))

    def press(self, event: int, *, payload_type: int = 101, length: int = 5) -> list[RtpPacket]:
        """The packets of a digit, as long as `length` packets, the end three times."""
        begun, packets = self.timestamp, []
        for number in range(1, length + 3):
            told = min(number, length)
            report = TelephoneEvent(event, number >= length, 10, 160 * told).to_bytes()
            packets.append(
                self.packet(payload_type=payload_type, timestamp=begun, payload=report, marker=number == 1)
            )
        return packets


class Legs:
    """Two sessions and the relay; what comes out is kept."""

    def __init__(self, a: RtpSession | None = None, b: RtpSession | None = None) -> None:
        self.a = leg(PHONE_A, 1) if a is None else a
        self.b = leg(PHONE_B, 2) if b is None else b
        self.relay = MediaRelay(self.a, self.b)
        self.phone, self.other = Phone(0xA), Phone(0xB, 60_000, 2**32 - 1_000)
        self.now = 0.0
        self.to_a: list[Transmit] = []
        self.to_b: list[Transmit] = []
        self.told: list[tuple[str, RtpEvent]] = []

    def from_a(self, *packets: RtpPacket, source: Address = PHONE_A) -> list[RtpPacket]:
        """Let packets come from phone A; return what goes to phone B."""
        return self._pass(self.a, packets, source, self.to_b)

    def from_b(self, *packets: RtpPacket, source: Address = PHONE_B) -> list[RtpPacket]:
        """Let packets come from phone B; return what goes to phone A."""
        return self._pass(self.b, packets, source, self.to_a)

    def talk(self, count: int, phone: Phone | None = None) -> list[RtpPacket]:
        """Let phone A (or another one in its place) talk for some packets of 20 ms."""
        out: list[RtpPacket] = []
        for _ in range(count):
            self.now += TICK
            out += self.from_a((phone or self.phone).packet())
        return out

    def flush(self) -> None:
        for name, session, sent in (("a", self.a, self.to_a), ("b", self.b, self.to_b)):
            sent += iter(session.next_transmit, None)
            while (event := session.next_event()) is not None:
                self.told.append((name, event))

    def events(self, kind: type[Any], name: str = "a") -> list[Any]:
        return [event for leg_name, event in self.told if leg_name == name and isinstance(event, kind)]

    def _pass(
        self, session: RtpSession, packets: tuple[RtpPacket, ...], source: Address, sent: list[Transmit]
    ) -> list[RtpPacket]:
        self.flush()
        before = len(sent)
        for packet in packets:
            session.receive_packet(packet.to_bytes(), source, self.now)
        self.flush()
        return [parse_rtp(item.data) for item in sent[before:] if item.flow is Component.RTP]


def steps(packets: list[RtpPacket]) -> list[tuple[int, int]]:
    """How far sequence and timestamp go from packet to packet."""
    return [
        ((after.sequence - before.sequence) & 0xFFFF, (after.timestamp - before.timestamp) & 0xFFFFFFFF)
        for before, after in itertools.pairwise(packets)
    ]
