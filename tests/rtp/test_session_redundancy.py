"""Packets with copies of earlier ones (RFC 2198) through a session, in virtual time."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from sansio_rtp import Address, JitterConfig, LocalProtocolError, RtpSession
from sansio_rtp.codec import PCMU
from sansio_rtp.dtmf import TelephoneEvent
from sansio_rtp.packet import RtpPacket
from sansio_rtp.session import DigitReceived, MediaStarted, SourceChanged, UnknownPayloadReceived

Make = Callable[..., RtpSession]
PEER: Address = ("192.0.2.2", 5000)
RED = 121
START = 2**32 - 8_000


def red(primary: tuple[int, bytes], *copies: tuple[int, int, bytes]) -> bytes:
    """A payload: payload type and octets of the packet itself, then type, age and octets of copies."""
    headers = b"".join(
        struct.pack("!I", 1 << 31 | kind << 24 | age << 10 | len(octets)) for kind, age, octets in copies
    )
    return headers + bytes((primary[0],)) + b"".join(octets for *_, octets in copies) + primary[1]


class Phone:
    """Sends audio with the last `depth` packets once more, and hears what a session makes of it."""

    def __init__(self, session: RtpSession, depth: int = 1) -> None:
        self.session, self.depth = session, depth
        self.sent: list[tuple[int, bytes]] = []
        self.heard: list[bytes] = []
        self.clock = START
        self.now = 0.0

    def say(self, *, lost: bool = False, ssrc: int = 9) -> None:
        number = len(self.sent)
        payload = bytes([0x80 | number % 100]) * 160
        copies = [
            (0, self.clock - clock, octets)
            for clock, octets in self.sent[-self.depth :]
            if 0 < self.clock - clock < 1 << 14
        ]
        packet = RtpPacket(
            RED, (65_500 + number) % 65_536, self.clock % 2**32, ssrc, red((0, payload), *copies)
        )
        self.sent.append((self.clock, payload))
        if not lost:
            self.session.receive_packet(packet.to_bytes(), PEER, self.now)
        self.pause(1)

    def pause(self, frames: int) -> None:
        for _ in range(frames):
            self.heard.append(bytes(self.session.playout(self.now)))
            self.session.handle_timeout(self.now)
            self.now += 0.02
            self.clock += 160

    def missed(self) -> list[int]:
        """Which packets were not heard, by number."""
        frames = set(self.heard)
        return [
            number
            for number, (_, payload) in enumerate(self.sent)
            if bytes(PCMU.decode(payload)) not in frames
        ]


def events(session: RtpSession, *without: type) -> list[Any]:
    return [event for event in iter(session.next_event, None) if not isinstance(event, without)]


@pytest.fixture
def make_phone(make_session: Make) -> Callable[..., Phone]:
    def make(depth: int = 1, **changes: Any) -> Phone:
        return Phone(make_session(remote=PEER, rtcp=False, redundancy_payload_type=RED, **changes), depth)

    return make


@pytest.mark.parametrize(
    ("depth", "losses"), [(1, {20, 30, 32, 60}), (2, {20, 21, 40, 42, 60})], ids=["one", "two in a row"]
)
def test_what_was_lost_is_heard_from_its_copy(
    make_phone: Callable[..., Phone], depth: int, losses: Sequence[int]
) -> None:
    """MED-5, MED-21: across the wrap of sequence and timestamp; counted, and neither lost nor late."""
    phone = make_phone(depth, jitter=JitterConfig(min_delay_ms=20 * depth))
    for number in range(90):
        phone.say(lost=number in losses)
    phone.pause(6)
    assert phone.missed() == []
    statistics = phone.session.statistics()
    assert (statistics.restored, statistics.late, statistics.discarded) == (len(losses), 0, 0)
    # RTCP speaks of packets, the rating of what was heard.
    assert (statistics.lost, statistics.packets_received) == (len(losses), 90 - len(losses))
    losses_heard = phone.session._parts.receiver.jitter.losses()
    assert losses_heard is not None
    assert losses_heard.loss_rate == losses_heard.discard_rate == 0
    assert events(phone.session) == [MediaStarted(9, 0)]


def test_more_than_the_copies_hold_is_lost(make_phone: Callable[..., Phone]) -> None:
    """MED-5, MED-20."""
    phone = make_phone()
    for number in range(60):
        phone.say(lost=number in (20, 21, 22))
    phone.pause(4)
    assert {20, 21} <= set(phone.missed()) <= {20, 21, 22}  # what follows a gap is faded in
    losses = phone.session._parts.receiver.jitter.losses()
    assert losses is not None
    assert losses.loss_rate == pytest.approx(2 / 60, abs=1e-3)
    assert phone.session.statistics().restored == 1


@pytest.mark.parametrize(("frames", "restored"), [(3, 1), (11, 0)])
def test_the_last_packet_before_a_pause_comes_back_after_it(
    make_phone: Callable[..., Phone], frames: int, restored: int
) -> None:
    """MED-5: a copy has a time and no number, and what a pause left out is not missed; it may be too old."""
    phone = make_phone()
    for number in range(20):
        phone.say(lost=number == 19)
    phone.pause(frames)
    for _ in range(20):
        phone.say()
    phone.pause(6)
    statistics = phone.session.statistics()
    assert (statistics.restored, statistics.lost, statistics.late) == (restored, 1, 0)
    losses = phone.session._parts.receiver.jitter.losses()
    assert losses is not None
    assert losses.loss_rate == pytest.approx((1 - restored) / 40)


def test_packets_out_of_order_and_twice_are_heard_once(make_phone: Callable[..., Phone]) -> None:
    """MED-5: the copy came first, then the packet itself, then that once more."""
    phone = make_phone(jitter=JitterConfig(min_delay_ms=60))
    for _ in range(20):
        phone.say()
    phone.say(lost=True)
    late = RtpPacket(RED, (65_520) % 65_536, (START + 20 * 160) % 2**32, 9, red((0, phone.sent[20][1])))
    phone.say()
    for _ in range(2):
        phone.session.receive_packet(late.to_bytes(), PEER, phone.now)
    for _ in range(20):
        phone.say()
    phone.pause(5)
    assert phone.missed() == []
    assert [phone.heard.count(bytes(PCMU.decode(payload))) for _, payload in phone.sent[:42]] == [1] * 42
    statistics = phone.session.statistics()
    assert (statistics.restored, statistics.lost, statistics.duplicates) == (1, 0, 1)


def test_plain_packets_are_taken_as_before(make_phone: Callable[..., Phone]) -> None:
    """MED-19: a sender may leave the copies out at any time."""
    phone = make_phone()
    for number in range(40):
        if number % 2:
            phone.say()
            continue
        payload = bytes([0x80 | number % 100]) * 160
        packet = RtpPacket(0, (65_500 + number) % 65_536, phone.clock % 2**32, 9, payload)
        phone.session.receive_packet(packet.to_bytes(), PEER, phone.now)
        phone.sent.append((phone.clock, payload))
        phone.pause(1)
    phone.pause(4)
    assert phone.missed() == []
    statistics = phone.session.statistics()
    assert (statistics.lost, statistics.restored) == (0, 0)
    assert statistics.jitter_ms == pytest.approx(0, abs=1e-6)


def test_digits_with_copies_come_once_each(make_phone: Callable[..., Phone]) -> None:
    """MED-13: RFC 4733 §2.5.1 in RED: all packets of a press share a time; one lost whole comes back."""
    phone = make_phone()
    session = phone.session

    def press(number: int, event: int, at: int, units: int, *copies: tuple[int, int, bytes]) -> None:
        report = TelephoneEvent(event, units >= 480, 10, units).to_bytes()
        packet = RtpPacket(RED, number, at, 9, red((101, report), *copies), units == 160)
        session.receive_packet(packet.to_bytes(), PEER, number * 0.02)

    for number, units in enumerate((160, 320, 480, 480)):
        press(number, 1, 0, units)
    # The press of "2" is lost; "3" carries its end.
    whole = TelephoneEvent(2, True, 10, 480).to_bytes()
    for number, units in enumerate((160, 320, 480, 480), start=8):
        press(number, 3, 1_600, units, (101, 800, whole))
    assert [event.digit for event in events(session, MediaStarted)] == ["1", "2", "3"]
    assert session.statistics().restored == 0


def test_another_source_begins_anew(make_phone: Callable[..., Phone]) -> None:
    """MED-5: copies of a time before the first packet of a source are of what nobody missed."""
    phone = make_phone()
    for _ in range(20):
        phone.say()
    phone.pause(3)
    for _ in range(20):
        phone.say(ssrc=10)
    assert SourceChanged(10) in events(phone.session)
    assert phone.session.statistics().restored == 0


def test_what_cannot_be_taken_apart_is_counted(make_phone: Callable[..., Phone]) -> None:
    """MED-21: as is a packet within a packet within itself."""
    phone = make_phone()
    for number, payload in enumerate((b"\x80", b"", red((RED, red((0, bytes(160))))))):
        phone.session.receive_packet(RtpPacket(RED, number, number * 160, 9, payload).to_bytes(), PEER, 0.0)
    statistics = phone.session.statistics()
    assert (statistics.undecodable, statistics.unknown_payload, statistics.lost) == (2, 1, 0)
    assert events(phone.session) == [UnknownPayloadReceived(RED)]


def test_without_an_agreement_it_is_an_unknown_payload(make_session: Make) -> None:
    """MED-19."""
    phone = Phone(make_session(remote=PEER, rtcp=False))
    for _ in range(10):
        phone.say()
    assert phone.session.statistics().unknown_payload == 10
    assert events(phone.session) == [UnknownPayloadReceived(RED)]


@pytest.mark.parametrize("agreed", [False, True])
def test_a_stream_that_may_have_copies_is_not_lent(make_session: Make, agreed: bool) -> None:
    """MED-26: every packet is looked into."""
    session = make_session(remote=PEER, redundancy_payload_type=RED if agreed else None)
    for number in range(40):
        packet = RtpPacket(0, number, number * 160, 9, bytes(160))
        session.receive_packet(packet.to_bytes(), PEER, number * 0.02)
        session.playout(number * 0.02)
    assert (session.lend_receiver() is None) is agreed


@pytest.mark.parametrize("value", [0, 128, -1])
def test_an_impossible_payload_type_is_named(make_config: Callable[..., Any], value: int) -> None:
    """MED-27."""
    with pytest.raises(LocalProtocolError, match="redundancy_payload_type"):
        make_config(redundancy_payload_type=value)


def test_the_depth_of_the_buffer_grows_by_a_packet_within_its_limit(make_session: Make) -> None:
    """MED-14."""
    for jitter, least in ((JitterConfig(), 40), (JitterConfig(min_delay_ms=50, max_delay_ms=60), 60)):
        session = make_session(redundancy_payload_type=RED, jitter=jitter)
        assert session._parts.receiver.jitter.statistics().target_ms == least
    assert make_session()._parts.receiver.jitter.statistics().target_ms == 20
    assert np.isclose(make_session(jitter=JitterConfig(min_delay_ms=60))._config.jitter.min_delay_ms, 60)


def test_a_digit_after_copies_still_ends_by_its_deadline(make_phone: Callable[..., Phone]) -> None:
    """MED-13."""
    phone = make_phone()
    report = TelephoneEvent(7, False, 10, 320).to_bytes()
    packet = RtpPacket(RED, 1, 0, 9, red((101, report)), True)
    phone.session.receive_packet(packet.to_bytes(), PEER, 0.0)
    phone.session.handle_timeout(0.2)
    assert events(phone.session) == [DigitReceived("7", 40)]
