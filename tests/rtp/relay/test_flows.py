"""Packets pass from leg to leg: what changes, what stays, and what never passes (BRG-8)."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest

from sansio_rtp import RtpSession
from sansio_rtp.dtmf import TelephoneEvent
from sansio_rtp.machine import Component
from sansio_rtp.packet import RtpPacket
from sansio_rtp.relay import FormatRefused
from sansio_rtp.rtcp import Goodbye, ReceiverReport, SenderReport, build_compound, parse_rtcp
from sansio_rtp.session import (
    DigitReceived,
    GoodbyeReceived,
    MediaStarted,
    ReportReceived,
    SourceChanged,
    SourceLatched,
)
from tests.rtp.relay.legs import PHONE_A, PHONE_B, TICK, Legs, Phone, leg, leg_config, steps

FRAME = np.full(160, 1_000, np.int16)


def test_packet_passes_with_our_ssrc_and_its_payload() -> None:
    """BRG-8: SSRC, sequence and timestamp are ours, the rest is what came; it goes to the other phone."""
    legs = Legs()
    sent = [legs.phone.packet() for _ in range(20)]
    out = legs.from_a(*sent)
    assert {packet.ssrc for packet in out} == {legs.b.ssrc}
    assert [packet.payload for packet in out] == [packet.payload for packet in sent]
    assert steps(out) == [(1, 160)] * 19
    assert {item.destination for item in legs.to_b} == {PHONE_B}
    assert not legs.to_a
    back = legs.from_b(*[legs.other.packet() for _ in range(20)])
    assert {packet.ssrc for packet in back} == {legs.a.ssrc}
    assert steps(back) == [(1, 160)] * 19, "through the wrap of both counters as well"


def test_first_packet_has_the_marker_and_others_theirs() -> None:
    """BRG-8: a talk spurt begins where our source begins, and where the phone says so."""
    legs = Legs()
    out = legs.from_a(*[legs.phone.packet(marker=number == 3) for number in range(6)])
    assert [packet.marker for packet in out] == [True, False, False, True, False, False]


def test_noise_that_comes_first_has_no_marker() -> None:
    """BRG-8, RFC 3389 §4: the audio behind it has one."""
    legs = Legs()
    noise = legs.phone.packet(payload_type=13, payload=b"\x40")
    out = legs.from_a(noise, *legs.phone.press(1), legs.phone.packet(), legs.phone.packet())
    assert [packet.marker for packet in out] == [False, True, *[False] * 6, True, False]


def test_losses_and_reordering_pass_through() -> None:
    """BRG-8, RFC 3550 §7.1: a gap stays a gap, and who comes late keeps its place."""
    legs = Legs()
    sent = [legs.phone.packet() for _ in range(10)]
    first = legs.from_a(sent[0])[0]
    order = [1, 2, 5, 3, 7, 6, 9]
    out = legs.from_a(*[sent[number] for number in order])
    assert [(packet.sequence - first.sequence) & 0xFFFF for packet in out] == order
    assert [(packet.timestamp - first.timestamp) & 0xFFFFFFFF for packet in out] == [160 * n for n in order]
    assert legs.a.statistics().lost == 2
    assert legs.a.statistics().out_of_order == 2


def test_duplicates_do_not_pass() -> None:
    """BRG-8: a sequence number goes out once, or SRTP would use a key stream twice (RFC 3711 §9.1)."""
    legs = Legs()
    sent = [legs.phone.packet() for _ in range(5)]
    out = legs.from_a(*sent, sent[4], sent[1], attrs.evolve(sent[3], payload=b"other" * 32))
    assert len(out) == 5
    assert legs.relay.paths[0].statistics().duplicates == 3
    assert legs.a.statistics().duplicates == 3


def test_padding_extension_and_csrcs_end_on_their_leg() -> None:
    """BRG-8: what they mean was agreed on with that phone alone."""
    legs = Legs()
    out = legs.from_a(legs.phone.packet(csrcs=(1, 2), extension=(0xBEDE, bytes(8)), padding=12))
    assert out == [RtpPacket(0, out[0].sequence, out[0].timestamp, legs.b.ssrc, out[0].payload, True)]
    assert out[0].payload == (1_000).to_bytes(4, "big") * 40


def test_packets_may_have_any_length() -> None:
    """BRG-8: nothing is decoded, so packets of 30 ms pass as such to who wants 20."""
    legs = Legs()
    legs.phone.units = 240
    assert steps(legs.from_a(*[legs.phone.packet() for _ in range(5)])) == [(1, 240)] * 4


def test_another_source_goes_on_without_a_gap() -> None:
    """BRG-8: a phone with a new SSRC; the timestamp goes on by the time that went by."""
    legs = Legs()
    before = legs.talk(10)
    legs.now += 2.0
    new = Phone(0xC, 7, 7)
    out = [*before, *legs.talk(10, new)]
    assert len(out) == 20, "the packet that proves the new one waits for the next, and is not lost"
    assert steps(out) == [(1, 160)] * 9 + [(1, 16_000 + 160)] + [(1, 160)] * 9
    assert [packet.marker for packet in out] == [True] + [False] * 9 + [True] + [False] * 9
    assert legs.events(SourceChanged) == [SourceChanged(0xC)]


@pytest.mark.parametrize("jump", [5_000, 40_000, 65_000])
def test_restart_of_the_sequence_goes_on_without_a_gap(jump: int) -> None:
    """BRG-8, RFC 3550 A.1: the packet that jumps waits until the next one proves the restart."""
    legs = Legs()
    before = legs.talk(10)
    legs.phone.sequence += jump
    legs.phone.timestamp += 1_000_000
    out = [*before, *legs.talk(10)]
    assert steps(out) == [(1, 160)] * 19
    assert legs.relay.paths[0].statistics().anchors == 2


def test_single_stray_number_is_no_restart() -> None:
    """BRG-8: it does not pass, and what follows goes on as before."""
    legs = Legs()
    before = legs.talk(3)
    assert legs.from_a(attrs.evolve(legs.phone.packet(), sequence=40_000)) == []
    legs.now += TICK
    after = legs.talk(3)
    assert steps([*before, *after]) == [(1, 160)] * 2 + [(2, 320)] + [(1, 160)] * 2


def test_strangers_never_pass() -> None:
    """BRG-8, SEC-1: another address, another SSRC, an unproven one."""
    legs = Legs()
    legs.talk(5)
    intruder = Phone(0xE)
    for _ in range(20):
        assert legs.from_a(intruder.packet(), source=("203.0.113.66", 6)) == []
        assert legs.from_a(intruder.packet(), legs.phone.packet()) != []
        assert legs.to_b[-1].data[16:] != intruder.packet().payload[4:]
    assert {parse.ssrc for parse in legs.from_a(legs.phone.packet())} == {legs.b.ssrc}
    assert legs.a.statistics().strangers == 20
    assert legs.a.statistics().other_sources == 20
    assert legs.relay.paths[0].statistics().packets == 5 + 20 + 1


def test_phone_behind_a_nat_is_latched() -> None:
    """BRG-8, MED-27: its packets pass from the proof on, and the other way follows it."""
    legs = Legs()
    behind = ("198.51.100.9", 31_000)
    assert legs.from_a(legs.phone.packet(), source=behind) == []
    assert len(legs.from_a(legs.phone.packet(), source=behind)) == 2, "the first one is not lost"
    assert legs.events(SourceLatched) == [SourceLatched(behind)]
    legs.from_b(legs.other.packet())
    assert legs.to_a[-1].destination == behind


def test_digit_passes_and_is_told_once() -> None:
    """BRG-8, MED-13, RFC 4733: the timestamps stay where the press began, marker and repeats too."""
    legs = Legs()
    before = legs.talk(3)
    press = legs.phone.press(5)
    out = legs.from_a(*press)
    assert [packet.payload for packet in out] == [packet.payload for packet in press]
    assert [packet.payload_type for packet in out] == [101] * 7
    assert [packet.marker for packet in out] == [True] + [False] * 6
    assert steps([before[-1], *out]) == [(1, 160)] + [(1, 0)] * 6
    assert legs.events(DigitReceived) == [DigitReceived("5", 100)]
    after = legs.from_a(legs.phone.packet())
    assert steps([out[-1], *after]) == [(1, 7 * 160)]
    assert not after[0].marker, "the phone has sent none"


def test_payload_types_are_those_of_the_other_leg() -> None:
    """BRG-8: audio, telephone-events and comfort noise have other numbers there."""
    other = {"formats": {96: "PCMU", 97: "PCMA"}, "send_payload_type": 96, "noise_send_payload_type": 99}
    other |= {
        "dtmf_send_payload_type": 98,
        "dtmf_receive_payload_type": 100,
        "noise_receive_payload_type": 99,
    }
    legs = Legs(b=leg(PHONE_B, 2, **other))
    event = TelephoneEvent(1, False, 10, 160).to_bytes()
    types = [(0, bytes(160)), (8, bytes(160)), (13, b"\x40"), (101, event)]
    out = legs.from_a(*[legs.phone.packet(payload_type=number, payload=data) for number, data in types])
    assert [packet.payload_type for packet in out] == [96, 97, 99, 98]
    types = [(96, bytes(160)), (97, bytes(160)), (99, b"\x40"), (100, event)]
    out = legs.from_b(*[legs.other.packet(payload_type=number, payload=data) for number, data in types])
    assert [packet.payload_type for packet in out] == [0, 8, 13, 101]


def test_event_that_the_other_leg_does_not_take_leaves_no_gap() -> None:
    """BRG-8, MED-13, RFC 4733 §2.5.1.1: it is told as an event, and no loss for the other phone."""
    legs = Legs(b=leg(PHONE_B, 2, dtmf_send_payload_type=None, noise_send_payload_type=None))
    before = legs.talk(3)
    assert legs.from_a(*legs.phone.press(7)) == []
    assert legs.from_a(legs.phone.packet(payload_type=13, payload=b"\x40")) == []
    after = legs.talk(2)
    assert steps([*before, *after]) == [(1, 160)] * 2 + [(1, 9 * 160), (1, 160)]
    assert legs.events(DigitReceived) == [DigitReceived("7", 100)]
    assert legs.relay.paths[0].statistics().refused == 8
    assert legs.relay.next_event() is None
    only = Legs(b=leg(PHONE_B, 2, dtmf_events=frozenset(range(10))))
    assert len(only.from_a(*only.phone.press(9), *only.phone.press(10))) == 7


def test_codec_that_the_other_leg_does_not_take_is_told() -> None:
    """BRG-8: once; nobody hears it, and nobody counts it as lost."""
    legs = Legs(b=leg(PHONE_B, 2, formats={0: "PCMU"}))
    before = legs.talk(3)
    legs.phone.payload_type = 8
    assert legs.talk(10) == []
    assert legs.relay.next_event() == (legs.a, FormatRefused(8, "PCMA"))
    assert legs.relay.next_event() is None
    legs.phone.payload_type = 0
    assert steps([*before, *legs.talk(2)])[2:] == [(1, 11 * 160), (1, 160)]


def test_late_packet_of_the_time_before_a_change_is_dropped() -> None:
    """BRG-8: its number would be one that is in use already."""
    legs = Legs()
    held = [legs.phone.packet() for _ in range(4)]
    legs.from_a(*held[:2])
    legs.b.send_frame(FRAME, legs.now)
    assert len(legs.from_a(held[3])) == 1
    assert legs.from_a(held[2]) == []
    assert legs.relay.paths[0].statistics().late == 1


def test_announcement_and_back() -> None:
    """BRG-8: our own frames go on where the phone's packets end, and those behind them; with a marker."""
    legs = Legs()
    legs.talk(10)
    path = legs.relay.paths[0]
    path.pause(True)
    for _ in range(50):
        legs.now += TICK
        legs.b.send_frame(FRAME, legs.now)
        assert len(legs.from_a(legs.phone.packet())) == 0
    path.pause(False)
    legs.talk(10)
    out = [item.data for item in legs.to_b if item.flow is Component.RTP]
    packets = [
        RtpPacket(d[1] & 127, int.from_bytes(d[2:4], "big"), int.from_bytes(d[4:8], "big"), 0) for d in out
    ]
    assert steps(packets) == [(1, 160)] * 69
    assert [number for number, data in enumerate(out) if data[1] > 127] == [0, 10, 60]
    assert path.statistics().blocked == 50
    assert legs.a.statistics().lost == 0


def test_silence_before_an_announcement_counts() -> None:
    """BRG-8: the phone stopped a second ago, and the timestamps of our frames say so."""
    legs = Legs()
    last = legs.talk(10)[-1]
    legs.now += 1.0
    legs.b.send_frame(FRAME, legs.now)
    legs.flush()
    data = legs.to_b[-1].data
    assert (int.from_bytes(data[4:8], "big") - last.timestamp) & 0xFFFFFFFF == 8_000
    assert int.from_bytes(data[2:4], "big") == (last.sequence + 1) & 0xFFFF


@pytest.mark.parametrize("which", ["a", "b"])
def test_hold_of_either_leg(which: str) -> None:
    """BRG-8: nothing passes meanwhile, and nothing is missed afterwards."""
    legs = Legs()
    before = legs.talk(10)
    session: RtpSession = legs.a if which == "a" else legs.b
    remote = PHONE_A if which == "a" else PHONE_B
    hold: dict[str, Any] = {"receive": False} if which == "a" else {"send": False}
    session.update(leg_config(remote, **hold), legs.now)
    legs.relay.update()
    assert legs.talk(50) == []
    session.update(leg_config(remote), legs.now)
    legs.relay.update()
    after = legs.talk(5)
    assert steps([*before, *after]) == [(1, 160)] * 9 + [(1, 51 * 160)] + [(1, 160)] * 4
    assert after[0].marker


def test_leg_without_an_address_gets_nothing() -> None:
    """BRG-8: what could not be sent is counted and not missed."""
    legs = Legs(b=leg(None, 2))
    assert legs.talk(10) == []
    assert legs.relay.paths[0].statistics().blocked == 10
    legs.b.update(leg_config(PHONE_B), legs.now)
    legs.relay.update()
    assert steps(legs.talk(3)) == [(1, 160)] * 2


def test_reports_end_on_their_leg() -> None:
    """BRG-8, RFC 3550 §7.3: each leg reports what it received, and what it sent, under its own SSRCs."""
    legs = Legs()
    block = build_compound([SenderReport(0xA, 1 << 32, 0, 0, 0)])
    legs.talk(300)
    legs.a.receive_rtcp(block, (PHONE_A[0], PHONE_A[1] + 1), legs.now)
    legs.flush()
    assert all(item.flow is Component.RTP for item in legs.to_b)
    for session in (legs.a, legs.b):
        while (deadline := session.deadline) is not None and deadline < legs.now + 8:
            session.handle_timeout(deadline)
    legs.flush()
    to_a = [packet for item in legs.to_a for packet in parse_rtcp(item.data)]
    to_b = [p for item in legs.to_b if item.flow is Component.RTCP for p in parse_rtcp(item.data)]
    assert isinstance(to_a[0], ReceiverReport)
    assert (to_a[0].ssrc, to_a[0].reports[0].ssrc) == (legs.a.ssrc, 0xA)
    assert to_a[0].reports[0].highest_sequence == 1_299
    assert isinstance(to_b[0], SenderReport)
    assert (to_b[0].ssrc, to_b[0].packet_count, to_b[0].octet_count) == (legs.b.ssrc, 300, 300 * 160)
    assert to_b[0].reports == ()
    last = int.from_bytes([i.data for i in legs.to_b if i.flow is Component.RTP][-1][4:8], "big")
    assert to_b[0].rtp_timestamp == last, "of what passed at the same moment"


def test_goodbye_and_reports_of_a_phone_are_events_of_its_leg() -> None:
    """BRG-8, RFC 3550 §6.6: the other leg hears nothing of it."""
    legs = Legs()
    legs.talk(5)
    sent = len(legs.to_b)
    legs.a.receive_rtcp(build_compound([ReceiverReport(0xA), Goodbye((0xA,), "bye")]), PHONE_A, legs.now)
    legs.flush()
    assert legs.events(GoodbyeReceived) == [GoodbyeReceived(0xA, "bye")]
    assert not legs.events(ReportReceived)
    assert len(legs.to_b) == sent
    assert not legs.b.closed


def test_sessions_say_goodbye_and_tell_what_starts() -> None:
    """BRG-8: a leg that closes is no leg any more; the other one is not sent to any more."""
    legs = Legs()
    legs.talk(5)
    assert legs.events(MediaStarted) == [MediaStarted(0xA, 0)]
    legs.b.close(legs.now)
    legs.flush()
    assert isinstance(parse_rtcp(legs.to_b[-1].data)[-1], Goodbye)
    assert legs.talk(5) == []
    assert legs.relay.paths[0].statistics().blocked == 5


def test_our_own_source_never_passes() -> None:
    """BRG-8, RFC 3550 §8.2: two legs that were connected to each other would pass a packet round for ever."""
    legs = Legs()
    assert legs.from_a(Phone(legs.b.ssrc).packet()) == []
    assert legs.from_b(Phone(legs.a.ssrc).packet()) == []
    assert [path.statistics().looped for path in legs.relay.paths] == [1, 1]


def test_collision_of_our_source_begins_anew() -> None:
    """BRG-8, RFC 3550 §8.2: phone B draws the SSRC that we send to it with."""
    legs = Legs()
    before = legs.talk(5)
    legs.from_b(Phone(legs.b.ssrc).packet())
    after = legs.talk(5)
    assert before[-1].ssrc != after[0].ssrc == legs.b.ssrc
    assert steps(after) == [(1, 160)] * 4


def test_listening_to_a_relayed_leg() -> None:
    """BRG-8: what passes is played as well, for a recording."""
    legs = Legs()
    legs.relay.paths[0].listen(True)
    heard = []
    for _ in range(20):
        legs.now += TICK
        assert len(legs.from_a(legs.phone.packet(payload=b"\x10" * 160))) == 1
        heard.append(legs.a.playout(legs.now))
    assert np.abs(heard[-1].astype(int)).min() > 10_000
    legs.relay.paths[0].listen(False)
    for _ in range(20):
        legs.talk(1)
        last = legs.a.playout(legs.now)
    assert not last.any()


def test_closed_relay_leaves_two_sessions() -> None:
    """BRG-8: both play what they hear again, and send frames behind what passed."""
    legs = Legs()
    last = legs.talk(5)[-1]
    legs.relay.close()
    legs.relay.close()
    for _ in range(10):
        legs.now += TICK
        assert legs.from_a(legs.phone.packet(payload=b"\x10" * 160)) == []
        heard = legs.a.playout(legs.now)
    assert heard.any()
    legs.b.send_frame(FRAME, legs.now)
    legs.flush()
    data = legs.to_b[-1].data
    assert int.from_bytes(data[2:4], "big") == (last.sequence + 1) & 0xFFFF
    assert (int.from_bytes(data[4:8], "big") - last.timestamp) & 0xFFFFFFFF == 1_600


def test_long_relay_keeps_numbers_exact() -> None:
    """BRG-8: three days of packets, both counters wrap, and no offset has moved."""
    legs = Legs()
    first = legs.from_a(legs.phone.packet())[0]
    sent = legs.phone
    for hours in range(1, 73):
        for _ in range(3):  # of an hour of packets only some have to be sent for the counters to go on
            legs.now = hours * 3_600.0
            sent.sequence += 2_998
            sent.timestamp += 2_998 * 160
            packet = legs.from_a(sent.packet())[0]
            assert (packet.sequence - first.sequence) & 0xFFFF == (sent.sequence - 1_001) & 0xFFFF
            assert (packet.timestamp - first.timestamp) & 0xFFFFFFFF == (sent.timestamp - 50_160) & 0xFFFFFFFF
    assert legs.relay.paths[0].statistics().anchors == 1


def test_copies_of_lost_packets_fill_the_gap() -> None:
    """BRG-8, RFC 2198: one leg has redundancy, the other none; what is lost on the way to us comes back."""
    legs = Legs(a=leg(PHONE_A, 1, redundancy_payload_type=121))
    plain = [legs.phone.packet() for _ in range(6)]
    red = [
        attrs.evolve(packet, payload_type=121, payload=copied(packet, plain[max(0, number - 1)]))
        for number, packet in enumerate(plain)
    ]
    out = legs.from_a(*[red[number] for number in (0, 1, 3, 2, 5)])  # the third is late, the fifth is lost
    first = out[0].sequence
    assert [(packet.sequence - first) & 0xFFFF for packet in out] == [0, 1, 2, 3, 4, 5]
    assert [packet.payload for packet in out] == [packet.payload for packet in plain]
    assert {packet.payload_type for packet in out} == {0}
    assert steps(out) == [(1, 160)] * 5
    assert legs.relay.paths[0].lend() is None, "who takes copies looks into every packet"


def copied(packet: RtpPacket, before: RtpPacket) -> bytes:
    """The payload of a packet with a copy of the one before it (RFC 2198 §3)."""
    age = (packet.timestamp - before.timestamp) & 0xFFFFFFFF
    if not age:
        return bytes((0,)) + packet.payload
    header = (1 << 31 | age << 10 | len(before.payload)).to_bytes(4, "big")
    return header + bytes((0,)) + before.payload + packet.payload


def test_digit_with_copies_of_its_reports_goes_out_once_a_number() -> None:
    """BRG-8, RFC 2198, RFC 4733: older reports have the number of the packet that they came in."""
    legs = Legs(a=leg(PHONE_A, 1, redundancy_payload_type=121))
    legs.talk(2)
    press = legs.phone.press(3)
    reports = [TelephoneEvent(3, False, 10, 160 * number).to_bytes() for number in range(8)]
    header = (1 << 31 | 101 << 24 | 4).to_bytes(4, "big") + bytes((101,))
    sent = [
        attrs.evolve(packet, payload_type=121, payload=header + reports[number] + packet.payload)
        for number, packet in enumerate(press)
    ]
    out = legs.from_a(*sent)
    assert [packet.payload for packet in out] == [packet.payload for packet in press]
    assert len({packet.sequence for packet in out}) == len(out)
    assert legs.events(DigitReceived) == [DigitReceived("3", 100)]
