"""SRTP on one leg or both (BRG-8, MED-8): what is secured on one is opened and secured anew for the other."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sansio_rtp.machine import Component
from sansio_rtp.packet import parse_rtp
from sansio_rtp.relay import RelayPlane
from sansio_rtp.srtp import MasterKey, SrtpConfig, SrtpReceiver, SrtpSender
from tests.rtp.relay.legs import PHONE_A, PHONE_B, TICK, Legs, Phone, leg
from trio_runtime.media.srtp_backend import open_srtp_backend


def keys(seed: int, suite: str = "AES_CM_128_HMAC_SHA1_80") -> SrtpConfig:
    octets = random.Random(seed).randbytes(28 if "GCM" in suite else 30)
    return SrtpConfig(suite=suite, keys=(MasterKey(octets),), backend=open_srtp_backend())


class SecuredLegs(Legs):
    """Legs of which the first, the second or both are secured; phones have their side of the keys."""

    def __init__(self, first: str | None, second: str | None) -> None:
        self.suites = first, second
        sessions, self.sealers, self.openers = [], [], []
        for place, (suite, remote) in enumerate(zip(self.suites, (PHONE_A, PHONE_B), strict=True)):
            changes: dict[str, Any] = {}
            ours, theirs = (
                keys(10 + place, suite or "AES_CM_128_HMAC_SHA1_80"),
                keys(20 + place, suite or "AES_CM_128_HMAC_SHA1_80"),
            )
            if suite is not None:
                changes = {"srtp_send": ours, "srtp_receive": theirs}
            self.sealers.append(SrtpSender(theirs))
            self.openers.append(SrtpReceiver(ours))
            sessions.append(leg(remote, place + 1, **changes))
        super().__init__(*sessions)

    def cross(
        self, place: int, count: int, phone: Phone, order: list[int] | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Let a phone send packets in some order; return what it said and what the other phone opened."""
        receive, sent = (self.a, self.to_b) if place == 0 else (self.b, self.to_a)
        remote = PHONE_A if place == 0 else PHONE_B
        said = [phone.packet() for _ in range(count)]
        secured = [packet.to_bytes() for packet in said]
        if self.suites[place]:
            secured = [self.sealers[place].protect(data) for data in secured]
        before = len(sent)
        for number in order or range(count):
            self.now += TICK
            receive.receive_packet(secured[number], remote, self.now)
            self.flush()
        came = [item.data for item in sent[before:] if item.flow is Component.RTP]
        if self.suites[1 - place]:
            assert all(len(data) > 172 for data in came), "with a tag"
            came = [self.openers[1 - place].unprotect(data) for data in came]
        spoken = [said[number].payload for number in order or range(count)]
        return list(zip(spoken, [parse_rtp(data).payload for data in came], strict=True))


SUITES = [
    ("AES_CM_128_HMAC_SHA1_80", None),
    (None, "AEAD_AES_128_GCM"),
    ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"),
    ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"),
]


@pytest.mark.parametrize(("first", "second"), SUITES)
def test_audio_crosses_both_ways(first: str | None, second: str | None) -> None:
    """BRG-8, MED-8: through the wrap of the sequence on either side, where the roll-over counter goes on."""
    legs = SecuredLegs(first, second)
    for place, phone in enumerate((Phone(0xA, 65_530), Phone(0xB, 200))):
        for said, came in legs.cross(place, 400, phone):
            assert said == came
    assert legs.a.statistics().lost == legs.b.statistics().lost == 0


def test_reordered_packets_cross() -> None:
    """BRG-8, MED-8: around the wrap of the outgoing number, too."""
    legs = SecuredLegs(*SUITES[3])
    legs.cross(0, 1, legs.phone)
    numbering = legs.relay.paths[0]._numbering
    while numbering.number < 65_530:  # a gap stays a gap
        legs.phone.sequence += min(2_000, 65_530 - numbering.number) - 1
        ((said, came),) = legs.cross(0, 1, legs.phone)
        assert said == came
    order = [0, 1, 3, 2, 6, 4, 5, 9, 8, 7]
    for said, came in legs.cross(0, 10, legs.phone, order):
        assert said == came
    assert numbering.number < 10


def test_forged_and_replayed_packets_do_not_pass() -> None:
    """BRG-8, MED-8, SEC-1."""
    legs = SecuredLegs(*SUITES[0])
    legs.cross(0, 5, legs.phone)
    data = legs.sealers[0].protect(legs.phone.packet().to_bytes())
    for forged in (data[:-1] + bytes([data[-1] ^ 1]), legs.phone.packet().to_bytes()):
        legs.a.receive_packet(forged, PHONE_A, legs.now)
    legs.a.receive_packet(data, PHONE_A, legs.now)
    legs.a.receive_packet(data, PHONE_A, legs.now)
    before = len(legs.to_b)
    legs.flush()
    assert len(legs.to_b) == before + 1
    statistics = legs.a.statistics()
    assert statistics.srtp_received is not None
    failed = statistics.srtp_received.authentication_failed + statistics.srtp_received.malformed
    assert failed == 2
    assert statistics.srtp_received.replayed == 1


@pytest.mark.parametrize(("first", "second"), SUITES[:2])
def test_secured_leg_lends_nothing(first: str | None, second: str | None) -> None:
    """BRG-8, MED-26: what is encrypted stays with the sessions, in both directions."""
    legs = SecuredLegs(first, second)
    plane = RelayPlane(fewest=1)
    for path in legs.relay.paths:
        plane.add(path)
    legs.cross(0, 10, legs.phone)
    legs.cross(1, 10, legs.other)
    assert [path.lend() for path in legs.relay.paths] == [None, None]
