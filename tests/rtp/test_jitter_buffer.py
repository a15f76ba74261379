"""The jitter buffer on seeded networks, in virtual time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from sansio_rtp import LocalProtocolError
from sansio_rtp.jitter import JitterBuffer, JitterConfig, SlotKind

Make = Callable[..., Any]
FIRST = 65_500
CONCEALED = (SlotKind.LOST, SlotKind.EMPTY, SlotKind.HOLD)


def audible(result: Any) -> list[Any]:
    """The slots from the first to the last packet."""
    kinds = [slot.kind for slot in result.slots]
    slots: list[Any] = result.slots
    return slots[kinds.index(SlotKind.PACKET) : len(kinds) - kinds[::-1].index(SlotKind.PACKET)]


def test_a_clean_stream_is_played_whole_and_at_once(play: Make, stream: Make) -> None:
    """MED-14: across the wraps of sequence and timestamp, without a gap, 20 ms after it came."""
    result = play(stream(3000), 60)
    assert result.played == list(range(FIRST, FIRST + 2999))
    assert all(slot.kind is SlotKind.PACKET for slot in audible(result))
    assert result.statistics.delay_ms == pytest.approx(19, abs=0.1)


@pytest.mark.parametrize("phase", [index / 1_000 for index in range(0, 20, 2)])
def test_a_perfect_network_read_every_5_ms_costs_no_frame(play: Make, stream: Make, phase: float) -> None:
    """MED-14: the sender's clock drifts, and packets count as arrived when they are read."""
    drifting = stream(3000, lambda _: phase, period=0.02 * (1 + 100e-6))
    result = play([(math.ceil(at / 0.005) * 0.005, *counters) for at, *counters in drifting], 62)
    assert all(slot.kind is SlotKind.PACKET for slot in audible(result))


@pytest.mark.parametrize("spread", [0.01, 0.03, 0.06, 0.1, 0.15])
def test_jitter_and_reordering_are_undone(play: Make, stream: Make, spread: float) -> None:
    """MED-14: whatever the order on the wire, all is played in order; the delay follows the jitter.

    While it learns it may be late with the slowest few: the E-model does not pay any delay for them.
    """
    chance = random.Random(3)
    result = play(stream(1500, lambda _: chance.uniform(0, spread)), 31)
    assert result.played == sorted(result.played)
    assert len(result.played) >= 1490
    assert result.statistics.target_ms == pytest.approx(max(20, spread * 1000 + 3), abs=6)
    assert sum(slot.kind in CONCEALED for slot in audible(result)) <= 12


def test_more_jitter_gives_more_delay(play: Make, stream: Make) -> None:
    """MED-14: adaptive depth is monotone."""
    delays = []
    for spread in (0.0, 0.02, 0.05, 0.1, 0.15):
        chance = random.Random(5)
        arrivals = stream(600, lambda _, spread=spread, chance=chance: chance.uniform(0, spread))
        delays.append(play(arrivals, 12).statistics.target_ms)
    assert delays == sorted(delays)
    assert delays[-1] <= JitterConfig().max_delay_ms


@pytest.mark.parametrize("share", [0.01, 0.1, 0.4])
def test_loss_is_counted_exactly_and_keeps_its_place(play: Make, stream: Make, share: float) -> None:
    """MED-14: loss report; a lost packet takes as long as one that came."""
    chance = random.Random(11)
    arrivals = stream(1500, lost=lambda index: 3 < index < 1490 and chance.random() < share)
    result = play(arrivals, 31)
    assert result.statistics.lost == 1500 - len(arrivals)
    assert result.statistics.late == 0
    assert len(result.played) == len(arrivals)
    timeline = audible(result)
    assert len(timeline) == 1500
    for position, slot in enumerate(timeline):
        assert slot.kind is not SlotKind.PACKET or int(slot.payload) == FIRST + position


def test_duplicates_are_played_once(play: Make, stream: Make) -> None:
    """MED-14"""
    chance = random.Random(2)
    arrivals = stream(500)
    copies = [(at + chance.uniform(0, 0.5), *rest) for at, *rest in arrivals if chance.random() < 0.3]
    result = play(arrivals + copies, 12)
    assert result.played == [sequence for _, sequence, _ in arrivals]
    assert result.statistics.duplicates == len(copies)
    assert (result.statistics.lost, result.statistics.late) == (0, 0)


def test_a_packet_after_its_turn_is_late_and_not_lost(play: Make, stream: Make) -> None:
    """MED-14: late drop."""
    result = play(stream(200, lambda index: 0.15 if index == 100 else 0.001), 4.2)
    assert FIRST + 100 not in result.played
    assert (result.statistics.late, result.statistics.lost) == (1, 0)
    assert len(result.played) == 199


@pytest.mark.parametrize("step_ms", [40, 80, 150])
def test_a_slower_path_costs_a_pause_and_no_audio(play: Make, stream: Make, step_ms: int) -> None:
    """MED-14: nothing later was played while the packets were missing, so playing goes back to them."""
    result = play(stream(900, lambda index: step_ms / 1000 if index >= 100 else 0.001), 19)
    assert result.played == list(range(FIRST, FIRST + 900))
    pauses = sum(slot.kind in CONCEALED for slot in audible(result))
    assert pauses <= step_ms / 20 + 2


def test_a_path_slower_than_the_limit_is_followed(play: Make, stream: Make) -> None:
    """MED-14: beyond max_delay_ms the stream is anchored anew; with nothing else to play, nothing is lost."""
    result = play(stream(500, lambda index: 0.5 if index >= 100 else 0.001), 12)
    assert result.statistics.late == 0
    assert len(result.played) == 500
    assert result.statistics.delay_ms < 60


def test_a_faster_path_gives_the_delay_back(play: Make, stream: Make) -> None:
    """MED-14: depth shrinks again, one packet at a time."""
    result = play(stream(2500, lambda index: 0.001 if index >= 100 else 0.1), 50)
    assert result.statistics.delay_ms <= 45
    assert result.statistics.discarded <= 5
    assert result.played == sorted(result.played)


@pytest.mark.parametrize("ppm", [300, -300])
def test_a_clock_that_drifts_for_an_hour_never_makes_a_packet_late(
    play: Make, stream: Make, ppm: int
) -> None:
    """MED-14: +-300 ppm; one frame is inserted or dropped for 20 ms of drift, and nothing else."""
    chance = random.Random(4)
    count = 45_000
    arrivals = stream(count, lambda _: 0.005 * chance.random(), period=0.02 * (1 + ppm / 1e6))
    result = play(arrivals, count * 0.02)
    drift_frames = count * abs(ppm) / 1e6
    statistics = result.statistics
    assert (statistics.late, statistics.lost) == (0, 0)
    assert statistics.held + statistics.discarded <= drift_frames + 3
    assert 5 <= statistics.delay_ms <= 50


@pytest.mark.parametrize(
    ("sequence", "timestamp"), [(0, 1_000_000), (0, -1_000_000), (20_000, 3), (30_000, 99_999_999)]
)
def test_a_restart_loses_nothing(play: Make, stream: Make, sequence: int, timestamp: int) -> None:
    """MED-14: a sender that begins anew is followed where its packets arrive, and what waits is played."""
    arrivals = stream(500)
    jumped = [(at, s + sequence, t + timestamp) if s >= FIRST + 250 else (at, s, t) for at, s, t in arrivals]
    result = play(jumped, 11)
    assert result.played == [s for _, s, _ in jumped]
    assert result.statistics.restarts == 1
    assert (result.statistics.lost, result.statistics.discarded) == (0, 0)


@pytest.mark.parametrize("step", [4000, -800, -4000])
def test_a_small_jump_of_the_timestamp_costs_little(play: Make, stream: Make, step: int) -> None:
    """MED-14"""
    arrivals = [(at, s, t + step) if s >= FIRST + 250 else (at, s, t) for at, s, t in stream(600)]
    result = play(arrivals, 13)
    assert len(result.played) >= 585
    assert result.played == sorted(result.played)


def test_one_packet_that_fits_nowhere_disturbs_nobody(play: Make, stream: Make) -> None:
    """MED-14: only a second one proves a restart."""
    stray = [(2.0, FIRST + 30_000, 77), (3.0, FIRST + 150, 1), (3.5, FIRST - 20_000, 2**31)]
    result = play([*stream(300), *stray], 7)
    assert result.played == list(range(FIRST, FIRST + 300))
    assert result.statistics.discarded == 3
    assert result.statistics.restarts == 0


def test_another_stream_follows_what_waits() -> None:
    """MED-14: change of SSRC."""
    buffer = JitterBuffer(JitterConfig(min_delay_ms=60))
    played = []
    for tick in range(100):
        now = tick * 0.02
        if tick == 50:
            buffer.restart()
        sequence, timestamp = (
            (tick, 160 * tick) if tick < 50 else (60_000 + tick, 7 * 160 * 1000 + 160 * tick)
        )
        buffer.push(sequence & 0xFFFF, timestamp, str(tick).encode(), 0, 160, now)
        slot = buffer.pop(now)
        if slot.payload:
            played.append(int(slot.payload))
    assert played == list(range(len(played)))
    assert len(played) >= 96
    assert buffer.statistics().lost == 0


def test_a_pause_of_the_sender_is_no_loss(play: Make) -> None:
    """MED-14: DTX: the timestamp jumps, the sequence does not."""
    chance = random.Random(8)
    arrivals, sequence = [], 65_530
    for frame in range(2000):
        if frame // 50 % 5 < 2:
            arrivals.append((frame * 0.02 + chance.uniform(0, 0.02), sequence, frame * 160))
            sequence += 1
    result = play(arrivals, 41)
    assert result.played == list(range(65_530, sequence))
    assert (result.statistics.lost, result.statistics.late, result.statistics.restarts) == (0, 0, 0)
    assert result.count(SlotKind.LOST) == 0


def test_packets_that_are_no_audio_are_not_missed() -> None:
    """MED-14: digits and comfort noise take sequence numbers."""
    buffer = JitterBuffer(JitterConfig())
    kinds = []
    for tick in range(100):
        now = tick * 0.02
        if 40 <= tick < 50:
            buffer.pass_over(tick)
        else:
            buffer.push(tick, 160 * tick, b"x", 0, 160, now)
        kinds.append(buffer.pop(now).kind)
    assert buffer.statistics().lost == 0
    assert SlotKind.LOST not in kinds


@pytest.mark.parametrize("freeze", [0.1, 0.19, 0.5, 2.0, 65.0])
def test_a_network_that_freezes_and_bursts_is_survived(play: Make, stream: Make, freeze: float) -> None:
    """MED-14: overflow: memory and delay stay bounded, and the stream is in step again soon after."""
    end = 4 + freeze
    arrivals = [
        (max(at, end), s, t) if 4 < at < end else (at, s, t) for at, s, t in stream(int(500 + freeze * 50))
    ]
    result = play(arrivals, 11 + freeze)
    statistics = result.statistics
    assert result.played == sorted(result.played)
    assert statistics.delay_ms <= 240
    assert len(result.played) >= len(arrivals) - freeze * 50 - 12
    assert result.played[-1] - result.played[-100] <= 99 + 4
    if freeze < 0.2:
        assert len(result.played) >= len(arrivals) - freeze * 50


def test_memory_is_bounded_when_nobody_plays() -> None:
    """MED-14"""
    buffer = JitterBuffer(JitterConfig(max_packets=16))
    for index in range(1000):
        buffer.push(index, 160 * index, b"x", 0, 160, index * 0.02)
    assert buffer.statistics().depth == 16
    assert buffer.statistics().discarded == 984
    kinds = [buffer.pop(20 + tick * 0.02).kind for tick in range(30)]
    assert kinds.count(SlotKind.PACKET) <= 16


def test_a_player_that_stalls_and_catches_up_loses_nothing(stream: Make) -> None:
    """MED-14: after 300 ms of stall all missed frames are popped at once."""
    buffer = JitterBuffer(JitterConfig())
    played, index = [], 0
    arrivals = stream(300)
    for tick in range(300):
        now = tick * 0.02 if not 100 <= tick < 115 else 2.3
        while index < 300 and arrivals[index][0] <= now:
            at, sequence, timestamp = arrivals[index]
            buffer.push(sequence & 0xFFFF, timestamp % 2**32, str(sequence).encode(), 0, 160, at)
            index += 1
        slot = buffer.pop(now)
        if slot.payload:
            played.append(int(slot.payload))
    assert played == list(range(FIRST, FIRST + len(played)))
    assert len(played) >= 298
    assert buffer.statistics().discarded == 0


@pytest.mark.parametrize("duration", [80, 240, 480, 960])
def test_any_packet_time_fills_the_timeline(duration: int) -> None:
    """MED-14: 10, 30, 60 and 120 ms packets on a 20 ms clock."""
    buffer = JitterBuffer(JitterConfig())
    total = filled = sequence = 0
    for tick in range(500):
        now = tick * 0.02
        while sequence * duration <= now * 8000:
            buffer.push(sequence, sequence * duration, b"x", 0, duration, now)
            sequence += 1
        total += 160
        while filled < total:
            filled += buffer.pop(now).duration
    statistics = buffer.statistics()
    assert (statistics.lost, statistics.late, statistics.discarded) == (0, 0, 0)
    assert statistics.concealed <= 3
    assert statistics.played * duration >= total - 5 * 960


def test_an_overlap_is_played_once() -> None:
    """MED-14: the sender changes from 20 to 30 ms packets that overlap what was played."""
    buffer = JitterBuffer(JitterConfig(min_delay_ms=0))
    buffer.push(1, 1000, b"a", 0, 160, 0.0)
    buffer.push(2, 1120, b"b", 0, 160, 0.0)
    slots = [buffer.pop(tick * 0.02) for tick in range(3)]
    sounds = [(slot.payload, slot.skip, slot.duration) for slot in slots if slot.payload]
    assert sounds == [(b"a", 0, 160), (b"b", 40, 120)]


def test_an_empty_packet_is_passed_over() -> None:
    """MED-14"""
    buffer = JitterBuffer(JitterConfig())
    buffer.push(1, 0, b"", 0, 0, 0.0)
    assert buffer.pop(0.02).kind is SlotKind.BUFFERING
    assert buffer.statistics().depth == 0


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("max_delay_ms", {"max_delay_ms": 0}),
        ("max_delay_ms", {"max_delay_ms": 5000}),
        ("min_delay_ms", {"min_delay_ms": 300}),
        ("min_delay_ms", {"min_delay_ms": -1}),
        ("max_packets", {"max_packets": 3}),
    ],
)
def test_a_bad_setting_is_named(field: str, changes: dict[str, Any]) -> None:
    """MED-14, MED-27"""
    with pytest.raises(LocalProtocolError, match=field):
        JitterConfig(**changes)
