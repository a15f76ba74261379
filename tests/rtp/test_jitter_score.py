"""The delay that the jitter buffer chooses, against the best fixed one and an oracle of the next 2 s."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.jitter_score import Run, best_fixed, oracle, play, reference
from benchmarks.jitter_traces import PERIOD, TRACES, Packet, make_trace
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.jitter import BIN_MS, JitterConfig, best_bins
from sansio_rtp.quality import mos, r_factor

MAX_GAP = 0.05  # MOS


def assert_near_the_reference(name: str, seconds: float, seed: int) -> None:
    packets = make_trace(name, seconds, seed)
    run = play(packets)
    assert run.score.mos >= reference(packets).mos - MAX_GAP
    played, arrived = run.statistics.played, sum(packet.arrival is not None for packet in packets)
    assert played >= 0.99 * arrived


@pytest.mark.parametrize("name", TRACES)
def test_the_mos_is_within_a_twentieth_of_the_best_there_is(name: str) -> None:
    """MED-14: acceptance on every trace, short form."""
    assert_near_the_reference(name, 120, 1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", TRACES)
def test_the_mos_is_within_a_twentieth_of_the_best_there_is_for_long(name: str, seed: int) -> None:
    """MED-14: acceptance, long form."""
    assert_near_the_reference(name, 600, seed)


def assert_no_drift(name: str, seconds: float) -> None:
    run = play(make_trace(name, seconds, 1))
    statistics = run.statistics
    assert statistics.played >= seconds / PERIOD - 5
    assert (statistics.late, statistics.lost, statistics.discarded, statistics.held) == (0, 0, 0, 0)
    assert run.score.unheard <= 5 * PERIOD / seconds
    # The delay of the last minute is that of the second one: a drift of 300 ppm makes 18 ms a minute.
    early, late = (mean_delay_ms(run, since, since + 60) for since in (60, seconds - 60))
    assert late == pytest.approx(early, abs=18)


def mean_delay_ms(run: Run, begin: float, end: float) -> float:
    delays = [delay for sent, delay in run.delays if begin <= sent < end]
    return 1000 * sum(delays) / len(delays)


@pytest.mark.parametrize("name", ["drift +300 ppm", "drift −300 ppm"])
def test_a_drifting_clock_costs_no_sample(name: str) -> None:
    """MED-14: no packet late, dropped or doubled in 10 minutes; the audio is stretched by its own periods."""
    assert_no_drift(name, 600)


@pytest.mark.long
@pytest.mark.parametrize("name", ["drift +300 ppm", "drift −300 ppm"])
def test_an_hour_of_drift_costs_no_sample(name: str) -> None:
    """MED-14."""
    assert_no_drift(name, 3600)


def test_a_fixed_delay_stays_as_it_is_set() -> None:
    """MED-14: fixed mode: what is slower is late, and the delay does not follow it."""
    packets = make_trace("Wi-Fi spikes", 60, 1)
    fixed = play(packets, JitterConfig(adaptive=False, min_delay_ms=60))
    assert fixed.statistics.target_ms == 60
    adaptive = play(packets)
    assert adaptive.statistics.target_ms > 80
    assert fixed.score.unheard > adaptive.score.unheard


def test_an_adaptive_delay_is_better_than_fixed_ones_on_a_walk() -> None:
    """MED-14: the reason for all this."""
    packets = make_trace("bufferbloat walk", 120, 2)
    scores = [play(packets, JitterConfig(adaptive=False, min_delay_ms=ms)).score.mos for ms in (20, 60, 120)]
    assert play(packets).score.mos > max(scores)


def test_the_references_are_what_they_say() -> None:
    """MED-14: a trace of two delays: the fixed one covers both or one, the oracle each in its time."""
    packets = [
        Packet(index, index * PERIOD, index * PERIOD + (0.02 if index < 100 else 0.12))
        for index in range(200)
    ]
    packets[50] = packets[50]._replace(arrival=None)
    assert best_fixed(packets).mos == pytest.approx(mos(r_factor(140, 1 / 200)))
    assert oracle(packets).mos == pytest.approx(mos(r_factor((99 * 40 + 100 * 140) / 199, 1 / 200)))
    assert oracle([packet._replace(arrival=None) for packet in packets[:100]] + packets[100:]).unheard == 0.5


def test_waiting_is_worth_what_the_e_model_says() -> None:
    """MED-14: 1 % of late packets is worth 100 ms on a short path, and less on a long one."""
    counts = np.zeros((1, 60))
    counts[0, 2], counts[0, 20] = 990, 10
    assert best_bins(counts, 50.0)[0] == 20
    assert best_bins(counts, 200.0)[0] == 2
    counts[0, 20] = 2
    assert best_bins(counts, 50.0)[0] == 2


def test_loss_of_the_network_makes_late_packets_cheaper() -> None:
    """MED-14: the first per cent of loss is the worst one."""
    counts = np.zeros((1, 60))
    counts[0, 2], counts[0, 20] = 992, 8
    assert best_bins(counts, 50.0)[0] == 20
    assert best_bins(counts, 50.0, loss=0.2)[0] == 2


@given(st.lists(st.lists(st.integers(0, 50), min_size=20, max_size=20), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_many_streams_at_once_choose_what_each_chooses(rows: list[list[int]]) -> None:
    """MED-14, MED-26: batch equals scalar, and both equal trying every delay."""
    counts = np.array(rows, np.float64)
    chosen = best_bins(counts, 80.0, loss=0.01)
    for row, best in zip(counts, chosen, strict=True):
        assert best_bins(row[None, :], 80.0, loss=0.01)[0] == best
        if row.any():
            ratings = [
                r_factor(80 + BIN_MS * (index + 1), 1 - 0.99 * row[: index + 1].sum() / row.sum())
                for index in range(20)
            ]
            assert ratings[best] == pytest.approx(max(ratings), abs=1e-5)


@pytest.mark.parametrize("value", [-1, 2001])
def test_an_impossible_path_delay_is_named(value: float) -> None:
    """MED-14."""
    with pytest.raises(LocalProtocolError, match="path_delay_ms"):
        JitterConfig(path_delay_ms=value)
