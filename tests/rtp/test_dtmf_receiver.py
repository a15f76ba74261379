"""One digit a press, whatever the network did to the packets."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.dtmf import Digit, DtmfReceiver, DtmfSender, EventPacket, TelephoneEvent

TICK = 160
TICK_S = 0.02


def drain(receiver: DtmfReceiver) -> list[Digit]:
    """Pop all digits."""
    digits = []
    while (digit := receiver.next_digit()) is not None:
        digits.append(digit)
    return digits


def report(duration: int, *, event: int = 5, end: bool = False) -> bytes:
    """Return a payload with one report."""
    return TelephoneEvent(event, end, 10, duration).to_bytes()


def test_a_press_is_told_once_when_its_end_arrives() -> None:
    """MED-13: the two repeated end packets are recognised."""
    receiver = DtmfReceiver()
    receiver.receive(report(160), 1000, 0.0, marker=True)
    assert drain(receiver) == []
    assert [receiver.deadline] == [0.2]
    for now in (0.02, 0.04, 0.06):
        receiver.receive(report(800, end=True), 1000, now)
    assert drain(receiver) == [Digit("5", 100, 10, True)]
    assert receiver.deadline is None
    assert receiver.repeated == 2


def test_the_same_digit_pressed_twice_is_two_digits() -> None:
    """MED-13."""
    receiver = DtmfReceiver()
    receiver.receive(report(800, end=True), 1000, 0.0)
    receiver.receive(report(800, end=True), 2600, 0.2)
    assert [digit.digit for digit in drain(receiver)] == ["5", "5"]


def test_a_press_without_its_first_packet_and_marker_is_told() -> None:
    """MED-13: RFC 4733 §2.5.2.2: earlier packets have evidently been lost."""
    receiver = DtmfReceiver()
    receiver.receive(report(640), 1000, 0.0)
    receiver.receive(report(800, end=True), 1000, 0.02)
    assert drain(receiver) == [Digit("5", 100, 10, True)]


def test_a_press_whose_end_is_lost_ends_at_the_deadline_and_stays_ended() -> None:
    """MED-13: no stuck tone, and no restart by late packets."""
    receiver = DtmfReceiver()
    receiver.receive(report(320), 1000, 0.0, marker=True)
    receiver.handle_timeout(0.19)
    assert drain(receiver) == []
    receiver.handle_timeout(0.2)
    assert drain(receiver) == [Digit("5", 40, 10, False)]
    assert receiver.deadline is None
    receiver.receive(report(800), 1000, 0.3)
    receiver.receive(report(960, end=True), 1000, 0.32)
    assert drain(receiver) == []


def test_the_next_press_ends_one_whose_end_was_lost() -> None:
    """MED-13."""
    receiver = DtmfReceiver()
    receiver.receive(report(320), 1000, 0.0, marker=True)
    receiver.receive(report(160, event=6), 3000, 0.1, marker=True)
    assert drain(receiver) == [Digit("5", 40, 10, False)]
    receiver.receive(report(800, event=5, end=True), 1000, 0.12)
    receiver.receive(report(800, event=6, end=True), 3000, 0.2)
    assert drain(receiver) == [Digit("6", 100, 10, True)]


def test_a_press_that_comes_after_the_next_one_is_still_told() -> None:
    """MED-13: only its last packet survived, and that was overtaken."""
    receiver = DtmfReceiver()
    receiver.receive(report(160, event=6), 3000, 0.1, marker=True)
    receiver.receive(report(800, event=5, end=True), 1000, 0.12)
    receiver.receive(report(800, event=5, end=True), 1000, 0.13)
    receiver.receive(report(800, event=6, end=True), 3000, 0.2)
    assert [digit.digit for digit in drain(receiver)] == ["5", "6"]


@pytest.mark.parametrize("lost_full_reports", [False, True])
def test_segments_of_a_long_press_are_one_digit(lost_full_reports: bool) -> None:
    """MED-13: RFC 4733 §2.5.2.3, 20 s."""
    sender, receiver = DtmfSender(), DtmfReceiver()
    sender.send("7", duration_ms=20_000)
    for tick in range(1100):
        packet = sender.next_packet((0xFFFFFF00 + tick * TICK) & 0xFFFFFFFF, TICK)
        if packet and not (lost_full_reports and packet.payload[2:] == b"\xff\xff"):
            receiver.receive(packet.payload, packet.timestamp, tick * TICK_S, packet.marker)
    assert drain(receiver) == [Digit("7", 20_000, 10, True)]


def test_a_segment_after_a_lapsed_press_does_not_start_it_again() -> None:
    """MED-13."""
    receiver = DtmfReceiver()
    receiver.receive(report(0xFFFF), 1000, 0.0)
    receiver.handle_timeout(1.0)
    receiver.receive(report(800, end=True), 1000 + 0xFFFF, 1.1)
    assert [digit.complete for digit in drain(receiver)] == [False]


def test_a_phone_that_moves_the_timestamp_with_each_packet_still_presses_once() -> None:
    """MED-13: a known fault; presses cannot overlap."""
    receiver = DtmfReceiver()
    for step in range(1, 8):
        receiver.receive(report(step * TICK, end=step > 5), step * TICK, step * TICK_S, marker=step == 1)
    assert [digit.digit for digit in drain(receiver)] == ["5"]


def test_contiguous_events_in_one_packet_are_told_each() -> None:
    """MED-13: RFC 4733 §2.5.1.5."""
    receiver = DtmfReceiver()
    payload = report(400, event=1, end=True) + report(480, event=1, end=True) + report(560, event=2, end=True)
    receiver.receive(payload, 9000, 0.0, marker=True)
    assert [(digit.digit, digit.duration_ms) for digit in drain(receiver)] == [
        ("1", 50),
        ("1", 60),
        ("2", 70),
    ]


def test_timestamps_that_start_again_lower_do_not_silence_the_keys() -> None:
    """MED-13: a media server behind the peer changed without a new SSRC."""
    receiver = DtmfReceiver()
    receiver.receive(report(800, end=True), 900_000, 0.0)
    receiver.receive(report(800, end=True), 40, 5.0)
    assert len(drain(receiver)) == 2


def test_reset_ends_the_press_and_forgets_timestamps() -> None:
    """MED-13: a new SSRC may use the same timestamps."""
    receiver = DtmfReceiver()
    receiver.receive(report(800, end=True), 1000, 0.0)
    receiver.receive(report(160), 5000, 0.5)
    receiver.reset()
    receiver.receive(report(800, end=True), 1000, 1.0)
    assert [digit.complete for digit in drain(receiver)] == [True, False, True]


def test_what_is_no_digit_is_counted_and_ignored() -> None:
    """MED-13: other events, zero duration, broken payloads."""
    receiver = DtmfReceiver()
    receiver.receive(report(160, event=16), 0, 0.0)
    receiver.receive(report(0), 0, 0.0)
    receiver.receive(b"\x05", 0, 0.0)
    assert (receiver.ignored, receiver.malformed, receiver.deadline) == (2, 1, None)
    assert drain(receiver) == []


def test_digits_that_nobody_pops_are_bounded() -> None:
    """MED-13: the oldest goes and is counted."""
    receiver = DtmfReceiver(max_digits=2)
    for number in range(3):
        receiver.receive(report(800, event=number, end=True), number * 2000, number * 0.25)
    assert [digit.digit for digit in drain(receiver)] == ["1", "2"]
    assert receiver.dropped == 1


def test_time_that_goes_back_counts_as_the_last_time_seen() -> None:
    """MED-13: architecture law 3."""
    receiver = DtmfReceiver()
    receiver.receive(report(160), 1000, 5.0)
    receiver.receive(report(320), 1000, 1.0)
    assert receiver.deadline == 5.2
    receiver.handle_timeout(1.0)
    assert drain(receiver) == []


@given(st.lists(st.tuples(st.binary(max_size=16), st.integers(0, 0xFFFFFFFF), st.booleans()), max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_taken_without_exception(packets: list[tuple[bytes, int, bool]]) -> None:
    """MED-13: architecture law 5, and law 2: at the deadline there is progress."""
    receiver = DtmfReceiver()
    for now, (payload, timestamp, marker) in enumerate(packets):
        receiver.receive(payload, timestamp, float(now), marker)
        if receiver.deadline is not None:
            receiver.handle_timeout(receiver.deadline)
        assert receiver.deadline is None


@dataclass(frozen=True)
class Fate:
    """What the network does to one packet: ticks of delay of each copy that arrives."""

    delays: tuple[int, ...]


FATES = st.lists(st.integers(0, 9), max_size=2).map(lambda delays: Fate(tuple(delays)))
PRESSES = st.lists(
    st.tuples(st.sampled_from("0159*#A"), st.integers(40, 300), st.integers(40, 200)), min_size=1, max_size=8
)


def sent_packets(presses: list[tuple[str, int, int]], start: int) -> list[tuple[int, EventPacket]]:
    """Return (tick, packet) for every event packet of the presses."""
    sender = DtmfSender()
    for digit, duration_ms, gap_ms in presses:
        sender.send(digit, duration_ms, gap_ms)
    packets = []
    tick = 0
    while sender.busy:
        if packet := sender.next_packet((start + tick * TICK) & 0xFFFFFFFF, TICK):
            packets.append((tick, packet))
        tick += 1
    return packets


@given(presses=PRESSES, fates=st.lists(FATES, min_size=1, max_size=150), start=st.integers(0, 0xFFFFFFFF))
@settings(max_examples=150, deadline=None)
def test_each_press_that_any_packet_told_of_is_exactly_one_digit(
    presses: list[tuple[str, int, int]], fates: list[Fate], start: int
) -> None:
    """MED-13: loss, duplicates and reordering over 180 ms, with the fates repeated over the packets."""
    arrivals: list[tuple[int, int, EventPacket]] = []
    for number, (tick, packet) in enumerate(sent_packets(presses, start)):
        arrivals += [(tick + delay, number, packet) for delay in fates[number % len(fates)].delays]
    receiver = DtmfReceiver()
    for tick, _, packet in sorted(arrivals, key=lambda arrival: arrival[:2]):
        now = tick * TICK_S
        if receiver.deadline is not None and receiver.deadline <= now:
            receiver.handle_timeout(receiver.deadline)
        receiver.receive(packet.payload, packet.timestamp, now, packet.marker)
    receiver.reset()
    seen = {(packet.timestamp, packet.payload[0]) for _, _, packet in arrivals}
    told = sorted(digit.digit for digit in drain(receiver))
    assert told == sorted("0123456789*#ABCD"[event] for _, event in seen)


@given(presses=PRESSES)
@settings(max_examples=50, deadline=None)
def test_without_loss_digits_order_and_lengths_are_those_sent(presses: list[tuple[str, int, int]]) -> None:
    """MED-13, SES-15."""
    receiver = DtmfReceiver()
    for tick, packet in sent_packets(presses, 77):
        receiver.receive(packet.payload, packet.timestamp, tick * TICK_S, packet.marker)
    told = [(digit.digit, digit.duration_ms, digit.complete) for digit in drain(receiver)]
    assert told == [(digit, duration_ms, True) for digit, duration_ms, _ in presses]
