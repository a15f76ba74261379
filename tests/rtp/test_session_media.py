"""Frames and digits through two sessions, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sansio_rtp import Address, JitterConfig, LocalProtocolError, RtpSession
from sansio_rtp.codec import PCMA, PCMU
from sansio_rtp.packet import RtpPacket, parse_rtp
from sansio_rtp.session import DigitReceived, MediaStarted, SourceChanged, SsrcCollided

Make = Callable[..., Any]
PEER: Address = ("192.0.2.2", 5000)
SILENCE = np.zeros(160, np.int16)


def tone(n_samples: int = 160) -> np.ndarray[Any, np.dtype[np.int16]]:
    samples = np.rint(np.sin(np.arange(n_samples) * 0.785) * 8000)
    return np.asarray(samples, np.int16)


def sent(session: RtpSession) -> list[RtpPacket]:
    return [
        parse_rtp(transmit.data) for transmit in iter(session.next_transmit, None) if transmit.data[1] != 200
    ]


def test_sixty_seconds_are_exact(make_pair: Make) -> None:
    """MED-5: sequence counts packets, timestamps count samples, no drift, across both roll-overs."""
    pair = make_pair()
    pair.alice._parts.sender._pace.timestamp = 2**32 - 100_000
    pair.alice._parts.sender._sequence = 65_000
    pair.run(60)
    packets = [
        parse_rtp(data) for source, _, data in pair.wire if source[1] == 4000 and not 192 <= data[1] <= 223
    ]
    assert len(packets) == 3000
    for index, packet in enumerate(packets):
        assert packet.sequence == (65_000 + index) % 65_536
        assert packet.timestamp == (2**32 - 100_000 + 160 * index) % 2**32
        assert packet.marker == (index == 0)
        assert len(packet.payload) == 160
    statistics = pair.bob.statistics()
    assert (statistics.packets_received, statistics.lost, statistics.late, statistics.discarded) == (
        3000,
        0,
        0,
        0,
    )
    assert statistics.jitter_ms == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("payload_type", "name"), [(0, "PCMU"), (8, "PCMA")])
def test_audio_arrives_as_the_codec_leaves_it(make_pair: Make, payload_type: int, name: str) -> None:
    """MED-7, MED-23: sample for sample, in one piece."""
    pair = make_pair(send_payload_type=payload_type)
    noise = np.random.default_rng(1).integers(-30_000, 30_000, (100, 160), dtype=np.int16)
    for frame in noise:
        pair.tick(frame)
    pair.run(0.06)
    codec = {"PCMU": PCMU, "PCMA": PCMA}[name]
    heard = np.concatenate(pair.heard_by_bob)
    wanted = codec.decode(codec.encode(noise.ravel()))
    start = int(np.flatnonzero(heard)[0])
    assert start <= 320
    np.testing.assert_array_equal(heard[start : start + wanted.size], wanted)
    assert pair.bob.statistics().codec == name


def test_a_tick_that_was_skipped_is_silence_and_the_next_packet_is_marked(make_session: Make) -> None:
    """MED-5: timestamps count samples also where none are sent."""
    session = make_session()
    session.send_frame(tone(), 0.0)
    session.skip_frame(160, 0.02)
    session.skip_frame(80, 0.04)
    session.send_frame(tone(), 0.05)
    session.send_frame(tone(240), 0.07)
    session.send_frame(tone(), 0.1)
    first, *others = sent(session)
    assert first.marker
    steps = [(p.sequence - first.sequence, p.timestamp - first.timestamp, p.marker) for p in others]
    assert steps == [(1, 400, True), (2, 560, False), (3, 800, False)]


def test_digits_arrive_once_each_and_audio_goes_on(make_pair: Make) -> None:
    """MED-13: events replace audio, timestamps stay in step, three end packets."""
    pair = make_pair()
    pair.run(0.2)
    for digit in "12#":
        pair.alice.send_digit(digit, pair.now)
    assert pair.alice.sending_digits
    pair.run(2)
    assert [(event.digit, event.duration_ms) for event in pair.seen(DigitReceived)] == [
        ("1", 160),
        ("2", 160),
        ("#", 160),
    ]
    assert not pair.alice.sending_digits
    packets = [
        parse_rtp(data) for source, _, data in pair.wire if source[1] == 4000 and not 192 <= data[1] <= 223
    ]
    audio = [packet for packet in packets if packet.payload_type == 0]
    assert {(packet.timestamp - audio[0].timestamp) % 160 for packet in audio} == {0}
    assert [packet.sequence - packets[0].sequence for packet in packets] == list(range(len(packets)))
    ends = [packet.payload for packet in packets if packet.payload_type == 101 and packet.payload[1] & 0x80]
    assert len(ends) == 9
    statistics = pair.bob.statistics()
    assert (statistics.lost, statistics.late, statistics.unknown_payload) == (0, 0, 0)


def test_a_digit_whose_end_is_lost_is_still_told(make_pair: Make) -> None:
    """MED-13: by the deadline of the session."""
    pair = make_pair()
    pair.run(0.1)
    pair.drop = lambda _, data: data[1] & 0x7F == 101 and bool(data[13] & 0x80)
    pair.alice.send_digit("7", pair.now)
    pair.run(1)
    assert [event.digit for event in pair.seen(DigitReceived)] == ["7"]


def test_digits_are_sent_while_no_audio_is(make_session: Make) -> None:
    """MED-13"""
    session = make_session()
    session.send_digit("5", 0.0, duration_ms=40)
    for tick in range(10):
        session.skip_frame(160, tick * 0.02)
    assert [packet.payload_type for packet in sent(session)] == [101] * 4


def test_loss_is_concealed_and_the_timeline_kept(make_pair: Make) -> None:
    """MED-14, MED-21"""
    pair = make_pair()
    lost: set[int] = set()

    def drop(number: int, data: bytes) -> bool:
        if 192 <= data[1] <= 223 or parse_rtp(data).ssrc != pair.alice.ssrc or number % 20 < 18:
            return False
        lost.add(number)
        return True

    pair.tick()
    pair.drop = drop
    pair.run(10)
    statistics = pair.bob.statistics()
    assert statistics.lost == len(lost)
    assert statistics.fraction_lost == pytest.approx(len(lost) / statistics.expected)
    assert statistics.concealed >= len(lost)
    assert statistics.packets_received == 501 - len(lost)
    assert len(lost) > 20


def test_hold_and_resume_keep_the_stream(make_pair: Make, make_config: Make) -> None:
    """MED-2, MED-27: nothing flows while held; afterwards the same SSRC, sequence and timestamps go on."""
    pair = make_pair()
    pair.run(1)
    held = make_config(remote=PEER, send=False)
    pair.alice.update(held, pair.now)
    pair.bob.update(make_config(remote=("192.0.2.1", 4000), receive=False), pair.now)
    before = len([1 for source, *_ in pair.wire if source[1] == 4000])
    pair.run(70)
    after = [data for source, _, data in pair.wire if source[1] == 4000]
    assert all(192 <= data[1] <= 223 for data in after[before:])
    pair.alice.update(make_config(remote=PEER), pair.now)
    pair.bob.update(make_config(remote=("192.0.2.1", 4000)), pair.now)
    pair.wire.clear()
    heard = len(pair.heard_by_bob)
    for _ in range(50):
        pair.tick(tone())
    first = next(parse_rtp(data) for source, _, data in pair.wire if source[1] == 4000)
    sender = pair.alice._parts.sender
    assert first.marker
    assert (sender._sequence - first.sequence) % 65_536 == 50
    assert (sender._pace.timestamp - first.timestamp) % 2**32 == 8000
    statistics = pair.bob.statistics()
    assert (statistics.lost, statistics.late) == (0, 0)
    assert sum(bool(frame.any()) for frame in pair.heard_by_bob[heard:]) >= 46


def test_the_codec_changes_between_two_packets(make_pair: Make, make_config: Make) -> None:
    """MED-7, MED-19: the payload type of each packet chooses its decoder."""
    pair = make_pair()
    frame = tone()
    for _ in range(20):
        pair.tick(frame)
    pair.alice.update(make_config(remote=PEER, send_payload_type=8), pair.now)
    for _ in range(20):
        pair.tick(frame)
    heard = np.concatenate(pair.heard_by_bob[3:])
    assert np.abs(heard - np.tile(frame, len(heard) // 160)).max() < 400
    assert pair.bob.statistics().codec == "PCMA"
    assert pair.bob.statistics().lost == 0


def test_another_ssrc_is_followed_without_a_gap(make_session: Make) -> None:
    """MED-5: a proven new source takes over; its first packets are held, not lost."""
    session = make_session(remote=PEER)
    played = []
    for tick in range(100):
        ssrc, base = (1, 500) if tick < 50 else (2, 64_000)
        payload = bytes([0x80 | tick % 100]) * 160
        packet = RtpPacket(0, base + tick, (base * 77 + tick * 160) % 2**32, ssrc, payload)
        session.receive_packet(packet.to_bytes(), PEER, tick * 0.02 + 0.001)
        played.append(session.playout(tick * 0.02 + 0.0199))
    assert list(iter(session.next_event, None)) == [MediaStarted(1, 0), SourceChanged(2)]
    decode = PCMU.decode
    wanted = [bytes(decode(bytes([0x80 | tick % 100]) * 160)) for tick in range(100)]
    found = [wanted.index(frame) for frame in map(bytes, played) if frame in wanted]
    assert found == sorted(found)
    assert len(found) >= 92
    statistics = session.statistics()
    assert (statistics.packets_received, statistics.lost, statistics.other_sources) == (100, 0, 0)


def test_two_sources_at_once_never_alternate(make_session: Make) -> None:
    """MED-5"""
    session = make_session(remote=PEER)
    for tick in range(200):
        for ssrc in (1, 2):
            packet = RtpPacket(0, tick, tick * 160, ssrc, bytes(160))
            session.receive_packet(packet.to_bytes(), PEER, tick * 0.02)
    assert list(iter(session.next_event, None)) == [MediaStarted(1, 0)]
    statistics = session.statistics()
    assert (statistics.packets_received, statistics.other_sources) == (200, 200)


def test_a_peer_that_uses_our_ssrc_makes_us_change_once(make_session: Make) -> None:
    """MED-5: RFC 3550 §8.2; an echo service is heard all the same."""
    session = make_session(remote=PEER)
    ours = session.ssrc
    for tick in range(100):
        session.send_frame(tone(), tick * 0.02)
        while (transmit := session.next_transmit()) is not None:
            if not 192 <= transmit.data[1] <= 223:
                session.receive_packet(transmit.data, PEER, tick * 0.02 + 0.01)
        frame = session.playout(tick * 0.02 + 0.015)
    assert session.ssrc != ours
    collisions = [event for event in iter(session.next_event, None) if isinstance(event, SsrcCollided)]
    assert collisions == [SsrcCollided(session.ssrc)]
    assert frame.any()
    assert session.statistics().looped > 90


def test_peers_with_other_packet_times_are_heard(make_session: Make) -> None:
    """MED-14: 10, 30 and 60 ms packets on a 20 ms clock."""
    noise = np.random.default_rng(3).integers(-30_000, 30_000, 16_000, dtype=np.int16)
    codec = PCMU
    payload = codec.encode(noise)
    wanted = bytes(codec.decode(payload))
    for n_samples in (80, 240, 480):
        session = make_session(remote=PEER)
        heard, sequence = [], 0
        for tick in range(90):
            now = tick * 0.02
            while sequence * n_samples <= now * 8000:
                part = payload[sequence * n_samples : (sequence + 1) * n_samples]
                packet = RtpPacket(0, sequence, sequence * n_samples, 9, part)
                session.receive_packet(packet.to_bytes(), PEER, now)
                sequence += 1
            frame = session.playout(now)
            assert frame.shape == (160,)
            assert frame.dtype == np.int16
            heard.append(frame)
        settled = np.concatenate(heard[20:])
        assert bytes(settled) in wanted
        assert session.statistics().concealed <= 3


def test_payload_types_that_were_not_agreed_on_are_counted_and_not_played(make_session: Make) -> None:
    """MED-19, MED-21"""
    session = make_session(remote=PEER)
    for tick in range(50):
        payload_type = 13 if tick % 10 == 9 else 0
        packet = RtpPacket(payload_type, tick, tick * 160, 9, bytes(160 if payload_type == 0 else 1))
        session.receive_packet(packet.to_bytes(), PEER, tick * 0.02)
        session.playout(tick * 0.02)
    statistics = session.statistics()
    assert (statistics.unknown_payload, statistics.lost, statistics.packets_received) == (5, 0, 50)


def test_a_packet_of_seconds_is_refused(make_session: Make) -> None:
    """MED-21: a datagram of 65,507 octets does not hold the playout for 8 s."""
    session = make_session(remote=PEER)
    session.receive_packet(RtpPacket(0, 1, 0, 9, bytes(65_495)).to_bytes(), PEER, 0.0)
    session.playout(0.1)
    assert session.statistics().malformed == 1
    assert not session.statistics().jitter_buffer_ms


def test_without_an_address_frames_are_dropped_and_counted(make_session: Make) -> None:
    """MED-27"""
    session = make_session(remote=None)
    session.send_frame(tone(), 0.0)
    session.skip_frame(160, 0.02)
    assert session.next_transmit() is None
    assert session.statistics().unsent == 1


@pytest.mark.parametrize(
    "frame",
    [np.zeros(0, np.int16), np.zeros(160, np.float64), np.zeros((2, 160), np.int16)],
    ids=["empty", "float", "two channels"],
)
def test_what_is_no_frame_is_refused_and_changes_nothing(make_session: Make, frame: Any) -> None:
    """MED-23"""
    session = make_session()
    session.send_frame(SILENCE, 0.0)
    with pytest.raises(LocalProtocolError, match="int16"):
        session.send_frame(frame, 0.02)
    with pytest.raises(LocalProtocolError, match="n_samples"):
        session.skip_frame(0, 0.02)
    session.send_frame(SILENCE, 0.02)
    first, second = sent(session)
    assert second.timestamp - first.timestamp == 160


def test_digits_that_cannot_be_sent_are_refused(make_session: Make, make_config: Make) -> None:
    """MED-13"""
    with pytest.raises(LocalProtocolError, match="telephone-event"):
        make_session(dtmf_send_payload_type=None).send_digit("1", 0.0)
    with pytest.raises(LocalProtocolError, match="may not send"):
        make_session(send=False).send_digit("1", 0.0)
    session = make_session()
    with pytest.raises(LocalProtocolError):
        session.send_digit("X", 0.0)
    with pytest.raises(LocalProtocolError, match="jitter cannot change"):
        session.update(make_config(jitter=JitterConfig(min_delay_ms=40)), 0.0)
    session.close(0.0)
    misuses: list[Callable[[], None]] = [
        lambda: session.send_digit("1", 0.1),
        lambda: session.send_frame(SILENCE, 0.1),
        lambda: session.skip_frame(160, 0.1),
        lambda: session.update(make_config(), 0.1),
    ]
    for misuse in misuses:
        with pytest.raises(LocalProtocolError, match="closed"):
            misuse()


@pytest.mark.parametrize(
    ("named", "changes"),
    [
        ("formats", {"formats": {128: "PCMU"}}),
        ("formats", {"formats": {}}),
        ("unknown codec", {"formats": {0: "G999"}}),
        ("send_payload_type", {"send_payload_type": 3}),
        ("sample_rate", {"sample_rate": 7_950}),
        ("sample_rate", {"sample_rate": 8_001}),
        ("dtmf_clock_rate", {"dtmf_clock_rate": 1}),
        ("opus is not available", {"formats": {96: "opus", 0: "PCMU"}}),
        ("noise_receive_payload_type", {"noise_receive_payload_type": 8}),
        ("noise_send_payload_type", {"noise_send_payload_type": 128}),
        ("ptime_ms", {"ptime_ms": 0}),
        ("dtmf_send_payload_type", {"dtmf_send_payload_type": 8}),
        ("dtmf_receive_payload_type", {"dtmf_receive_payload_type": 0}),
        ("dtmf_receive_payload_type", {"dtmf_receive_payload_type": 200}),
        ("remote", {"remote": ("192.0.2.1", 0)}),
        ("remote_rtcp", {"remote_rtcp": ("", 9)}),
        ("session_bandwidth", {"session_bandwidth": 0}),
        ("max_sources", {"max_sources": 0}),
    ],
)
def test_a_bad_setting_is_named(make_config: Make, named: str, changes: dict[str, Any]) -> None:
    """MED-27"""
    with pytest.raises(LocalProtocolError, match=named):
        make_config(**changes)


@pytest.mark.parametrize(
    ("frames", "n_samples", "named"), [(0, 160, "frames is 0"), (2, 0, "n_samples is 0")]
)
def test_no_frames_cannot_be_skipped(make_session: Make, frames: int, n_samples: int, named: str) -> None:
    """ERR-1: it says which number is wrong."""
    session = make_session()
    with pytest.raises(LocalProtocolError, match=named):
        session.skip_frames(frames, n_samples, 0.0)
