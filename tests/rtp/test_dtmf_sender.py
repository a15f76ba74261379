"""What goes out for a digit, tick by tick."""

from __future__ import annotations

import pytest

from sansio_rtp.dtmf import (
    DTMF_DIGITS,
    DtmfSender,
    EventPacket,
    TelephoneEvent,
    event_code,
    event_digit,
    parse_telephone_events,
)
from sansio_rtp.errors import LocalProtocolError, PacketError

TICK = 160


def run(sender: DtmfSender, start: int, ticks: int) -> list[EventPacket | None]:
    """Pull `ticks` ticks of 20 ms from the media timestamp `start` on."""
    return [sender.next_packet((start + tick * TICK) & 0xFFFFFFFF, TICK) for tick in range(ticks)]


def event_of(packet: EventPacket | None) -> TelephoneEvent:
    """Return the only event of a packet."""
    assert packet is not None
    (event,) = parse_telephone_events(packet.payload)
    return event


def test_the_payload_has_the_layout_of_the_rfc() -> None:
    """MED-13: RFC 4733 figure 1; event 5, end, volume 10, duration 800."""
    assert parse_telephone_events(bytes.fromhex("058a0320")) == [TelephoneEvent(5, True, 10, 800)]
    assert TelephoneEvent(5, True, 10, 800).to_bytes() == bytes.fromhex("058a0320")
    assert parse_telephone_events(bytes.fromhex("05ca0320"))[0].volume == 10  # reserved bit ignored


@pytest.mark.parametrize("payload", [b"", b"\x05", b"\x05\x8a\x03", b"\x05\x8a\x03\x20\x00"])
def test_a_payload_of_another_length_is_a_packet_error(payload: bytes) -> None:
    """MED-13."""
    with pytest.raises(PacketError):
        parse_telephone_events(payload)


def test_each_digit_has_the_code_of_table_3() -> None:
    """MED-13."""
    assert [event_code(digit) for digit in DTMF_DIGITS] == list(range(16))
    assert (event_code("*"), event_code("#"), event_code("a")) == (10, 11, 12)
    assert [event_digit(code) for code in (0, 15, 16, 255)] == ["0", "D", None, None]


@pytest.mark.parametrize("digit", ["", "12", "E", "ß", " "])
def test_what_is_not_a_digit_is_refused(digit: str) -> None:
    """MED-13."""
    with pytest.raises(LocalProtocolError, match="not a DTMF digit"):
        DtmfSender().send(digit)


def test_a_digit_keeps_its_timestamp_grows_each_tick_and_ends_three_times() -> None:
    """MED-13: RFC 4733 §2.5.1.2 and §2.5.1.4."""
    sender = DtmfSender()
    sender.send("5", duration_ms=100)
    packets = run(sender, 1000, 8)
    events = [event_of(packet) for packet in packets[:7]]
    assert [event.duration for event in events] == [160, 320, 480, 640, 800, 800, 800]
    assert [event.end for event in events] == [False] * 4 + [True] * 3
    assert {(event.event, event.volume) for event in events} == {(5, 10)}
    assert [packet.timestamp for packet in packets[:7] if packet] == [1000] * 7
    assert [packet.marker for packet in packets[:7] if packet] == [True] + [False] * 6
    assert packets[7] is None


def test_a_length_that_is_no_multiple_of_the_tick_is_reported_exactly() -> None:
    """MED-13."""
    sender = DtmfSender()
    sender.send("1", duration_ms=70)
    assert [event_of(packet).duration for packet in run(sender, 0, 6)] == [160, 320, 480, 560, 560, 560]


def test_the_pause_between_two_digits_is_audio_and_counts_from_the_end_of_the_tone() -> None:
    """MED-13."""
    sender = DtmfSender()
    sender.send("1", duration_ms=40, gap_ms=100)
    sender.send("2", duration_ms=40, gap_ms=40)
    packets = run(sender, 0, 12)
    starts = {packet.timestamp for packet in packets if packet}
    assert starts == {0, 320 + 800}
    assert [packet is None for packet in packets] == [False] * 4 + [True] * 3 + [False] * 4 + [True]
    assert not sender.busy


def test_timestamps_wrap_in_the_middle_of_a_digit() -> None:
    """MED-13, MED-5."""
    sender = DtmfSender()
    sender.send("9", duration_ms=60, gap_ms=40)
    sender.send("8", duration_ms=60)
    packets = run(sender, 0xFFFFFFFF - 100, 10)
    assert [event_of(packet).duration for packet in packets[:5]] == [160, 320, 480, 480, 480]
    assert [packet.timestamp for packet in packets[5:] if packet] == [
        (0xFFFFFFFF - 100 + 800) & 0xFFFFFFFF
    ] * 5


def test_a_skipped_tick_does_not_lengthen_the_tone() -> None:
    """MED-13: durations follow the media timestamp, not the number of calls."""
    sender = DtmfSender()
    sender.send("3", duration_ms=100)
    packets = [sender.next_packet(timestamp, TICK) for timestamp in (0, 160, 640, 800, 960)]
    assert [event_of(packet).duration for packet in packets] == [160, 320, 800, 800, 800]


def test_a_long_press_goes_on_in_a_new_segment_without_marker() -> None:
    """MED-13: RFC 4733 §2.5.1.3."""
    sender = DtmfSender()
    sender.send("7", duration_ms=20_000)
    packets = [packet for packet in run(sender, 500, 1010) if packet]
    segments = sorted({packet.timestamp for packet in packets})
    assert segments == [500, 500 + 0xFFFF, 500 + 2 * 0xFFFF]
    assert [packet.marker for packet in packets].count(True) == 1
    for start in segments[:2]:
        last = [event_of(packet) for packet in packets if packet.timestamp == start][-3:]
        assert last == [TelephoneEvent(7, False, 10, 0xFFFF)] * 3
    assert [event_of(packet) for packet in packets[-3:]] == [
        TelephoneEvent(7, True, 10, 160_000 - 2 * 0xFFFF)
    ] * 3


def test_a_press_of_exactly_one_segment_ends_in_it() -> None:
    """MED-13."""
    sender = DtmfSender(16_000)
    sender.send("7", duration_ms=4095)
    packets = [packet for packet in run(sender, 0, 420) if packet]
    assert {packet.timestamp for packet in packets} == {0}
    assert event_of(packets[-1]) == TelephoneEvent(7, True, 10, 65_520)


@pytest.mark.parametrize(("name", "value"), [("duration_ms", 39), ("duration_ms", 60_001), ("gap_ms", 0)])
def test_times_out_of_range_are_refused_by_name(name: str, value: int) -> None:
    """MED-13."""
    with pytest.raises(LocalProtocolError, match=name):
        DtmfSender().send("1", **{name: value})


def test_a_full_queue_refuses_counts_and_changes_nothing() -> None:
    """MED-13."""
    sender = DtmfSender(max_pending=2)
    sender.send("1")
    sender.send("2")
    with pytest.raises(LocalProtocolError, match="2 digits are waiting"):
        sender.send("3")
    assert sender.refused == 1
    assert sender.clear() == 2
    assert not sender.busy


def test_only_events_of_the_peers_list_are_sent() -> None:
    """MED-13: RFC 4733 §2.5.1.1."""
    sender = DtmfSender(events=range(12))
    with pytest.raises(LocalProtocolError, match="does not take digit 'A'"):
        sender.send("A")
    assert not sender.busy


def test_clear_lets_the_current_digit_end() -> None:
    """MED-13."""
    sender = DtmfSender()
    sender.send("1", duration_ms=60)
    sender.send("2")
    assert sender.next_packet(0, TICK) is not None
    assert sender.clear() == 1
    assert [event_of(packet).end for packet in run(sender, TICK, 4)] == [False, True, True, True]
    assert not sender.busy


def test_a_volume_out_of_range_is_refused() -> None:
    """MED-13."""
    with pytest.raises(LocalProtocolError, match="volume"):
        DtmfSender(volume=64)
