"""The batch does to the octet what sessions do by themselves (MED-26)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp import LocalProtocolError
from sansio_rtp.errors import PacketError
from sansio_rtp.packet import PacketKind, classify, parse_rtp
from sansio_rtp.plane import MediaPlane, read_headers
from tests.rtp.plane.scene import CLEAR, STORM, Scene, Weather, secure, sessions, traffic

SECONDS = 6.0


def both(
    count: int,
    seed: int,
    *weathers: Weather,
    seconds: float = SECONDS,
    stalling: float = 0.0,
    secured: bool = False,
) -> MediaPlane:
    packets = traffic(count, seconds, seed, weathers)
    if secured:
        packets = secure(packets)
    alone = Scene(count, seed, None, stalling, secured=secured).run(packets, seconds)
    plane = MediaPlane(fewest=1)
    batched = Scene(count, seed, plane, stalling, secured=secured).run(packets, seconds)
    assert batched.frames == alone.frames
    assert batched.sent == alone.sent
    assert batched.told == alone.told
    assert batched.statistics == alone.statistics
    assert batched.history == alone.history
    return plane


@pytest.mark.parametrize("seed", range(6))
def test_a_plane_hears_sends_and_tells_what_sessions_do(seed: int) -> None:
    """MED-26, MED-14, MED-20, MED-21: frames, packets, reports, events, statistics, quality are the same."""
    plane = both(5, seed, CLEAR, Weather(), STORM)
    assert plane.counters.batched_frames
    assert plane.counters.single_frames


@pytest.mark.parametrize("seed", range(3))
def test_a_plane_leaves_out_what_sessions_leave_out(seed: int) -> None:
    """MED-26, MED-14: after a delay of the runtime that is not caught up."""
    plane = both(5, 20 + seed, CLEAR, Weather(), CLEAR, stalling=0.03)
    assert plane.counters.batched_frames


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [3, 20])
def test_a_plane_secures_what_sessions_secure(count: int, seed: int) -> None:
    """MED-26, MED-24: with suites of every kind, forged packets, and what is not secured in between."""
    seconds = SECONDS if count < 10 else 3.0
    plane = both(count, 30 + seed, CLEAR, Weather(), seconds=seconds, secured=True)
    assert plane.counters.batched_packets > 0.4 * count * 50 * seconds


@pytest.mark.parametrize("drift", [0.01, -0.01])
def test_a_plane_stretches_what_sessions_stretch(drift: float) -> None:
    """MED-26, MED-14: a clock that drifts by a frame in two seconds; what is stretched, no plane holds."""
    plane = both(3, 3, Weather(0.0, 0.0, 0.002, 0.0, 0.0, drift), Weather(drift=drift), seconds=12.0)
    assert plane.counters.batched_frames
    assert plane.counters.single_frames


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seed", range(100, 160))
def test_a_plane_is_the_same_for_a_minute(seed: int) -> None:
    """MED-26: the long form."""
    weathers = (CLEAR, Weather(), STORM, Weather(jitter_s=0.04))
    both(8, seed, *weathers, seconds=60.0, stalling=0.005, secured=bool(seed % 2))


def test_streams_on_a_clear_day_need_no_session() -> None:
    """MED-26: the batch is there for what nearly always happens, and does it."""
    plane = both(4, 1, CLEAR)
    assert plane.counters.batched_frames > 0.8 * plane.counters.single_frames
    assert plane.counters.batched_frames > 4 * 50 * SECONDS * 0.7


def test_rows_are_lent_through_growth_and_shrinking() -> None:
    """MED-26: what is added or removed disturbs no other row."""
    packets = traffic(3, SECONDS, 9, (CLEAR,))
    alone = Scene(3, 9, None).run(packets, SECONDS)
    plane = MediaPlane(fewest=1)
    scene = Scene(3, 9, plane)
    others = sessions(200, 5)
    added = [plane.add(session) for session in others]
    assert len(set(added)) == 200
    half = len(packets) // 2
    middle = packets[half].at
    for step in range(int(middle / 0.005)):
        now = step * 0.005
        scene.receive([packet for packet in packets[:half] if now - 0.005 < packet.at <= now], now)
        if step % 4 == 3:
            scene.tick(step // 4 + 1, now)
    for row, session in zip(added, others, strict=True):
        assert plane.remove(row) is session
    assert len(plane.packets) < 64
    assert scene.record.frames == alone.frames[: len(scene.record.frames)]


def test_a_row_without_a_session_says_so() -> None:
    """MED-26: a mistake of the user is a typed error."""
    plane = MediaPlane(fewest=1)
    row = plane.add(sessions(1, 0)[0])
    plane.remove(row)
    with pytest.raises(LocalProtocolError, match="no session in row 0"):
        plane.session(row)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
def test_headers_of_many_are_the_headers_of_each(datagrams: list[bytes]) -> None:
    """MED-5, MED-26: what is plain is read as `parse_rtp` reads it; nothing else is called plain."""
    rows = np.full((len(datagrams), 64), 0xAA, np.uint8)
    for row, data in zip(rows, datagrams, strict=True):
        row[: len(data)] = np.frombuffer(data, np.uint8)
    columns = read_headers(rows, np.array([len(data) for data in datagrams]))
    for index, data in enumerate(datagrams):
        if not columns.plain[index]:
            continue
        assert classify(data) is PacketKind.RTP
        packet = parse_rtp(data)
        assert packet.payload_type == columns.payload_type[index]
        assert packet.marker == columns.marker[index]
        assert packet.sequence == columns.sequence[index]
        assert packet.timestamp == columns.timestamp[index]
        assert packet.ssrc == columns.ssrc[index]
        assert (packet.csrcs, packet.extension, packet.padding) == ((), None, 0)


@given(st.binary(min_size=13, max_size=60).map(lambda data: b"\x80\x00" + data[2:]))
def test_every_simple_packet_is_plain(data: bytes) -> None:
    """MED-5: none is left to the slow way without a reason."""
    rows = np.frombuffer(data.ljust(64, b"\0"), np.uint8).reshape(1, 64).copy()
    assert read_headers(rows, np.array([len(data)])).plain[0]
    try:
        parse_rtp(data)
    except PacketError as error:
        pytest.fail(str(error))
