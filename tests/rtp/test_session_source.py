from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.session import SourceStatistics, Verdict


def feed(source: SourceStatistics, *sequences: int) -> list[Verdict]:
    return [source.update(sequence & 0xFFFF) for sequence in sequences]


def test_a_source_proves_itself_with_packets_in_sequence() -> None:
    """MED-5, MED-21: RFC 3550 A.1, MIN_SEQUENTIAL."""
    source = SourceStatistics(1, 100, clock_rate=8000, probation=2)
    assert feed(source, 100, 105, 106) == [Verdict.PROBATION, Verdict.PROBATION, Verdict.VALID]
    assert (source.received, source.expected, source.valid) == (1, 1, True)


def test_a_jump_counts_only_when_the_next_packet_confirms_it() -> None:
    """MED-5: RFC 3550 A.1, MAX_DROPOUT and MAX_MISORDER."""
    source = SourceStatistics(1, 100, clock_rate=8000)
    assert feed(source, 100, 101, 20_000, 102) == [Verdict.VALID, Verdict.VALID, Verdict.JUMP, Verdict.VALID]
    assert feed(source, 30_000, 30_001) == [Verdict.JUMP, Verdict.RESTARTED]
    assert (source.received, source.expected, source.lost, source.restarts) == (4, 4, 0, 1)
    assert feed(source, 32_900)[0] is Verdict.VALID
    assert source.lost == 2898


@pytest.mark.parametrize("first", [0, 1, 65_400, 65_535])
def test_sequence_numbers_roll_over(first: int) -> None:
    """MED-5, MED-21"""
    source = SourceStatistics(1, first, clock_rate=8000)
    feed(source, *range(first, first + 140_000, 1000))
    assert source.highest_sequence == first + 139_000
    assert source.expected == 139_001
    assert source.received == 140


def test_duplicates_and_reordering_are_counted_and_hide_no_loss() -> None:
    """MED-21: duplicates, out-of-order; RTCP's loss is negative with duplicates, ours is not fooled."""
    source = SourceStatistics(1, 65_534, clock_rate=8000)
    feed(source, 65_534, 65_535, 65_535, 1, 0, 1, 5, 5, 4)
    assert (source.duplicates, source.out_of_order) == (3, 2)
    assert (source.received, source.expected) == (9, 8)
    assert source.cumulative_lost == -1
    assert source.lost == 2


def test_first_packets_that_changed_places_hide_no_loss() -> None:
    """MED-21"""
    source = SourceStatistics(1, 0, clock_rate=8000)
    feed(source, 0, 65_535, 1, 3)
    assert (source.expected, source.lost) == (5, 1)


def test_the_fraction_is_that_of_the_interval() -> None:
    """MED-6: RFC 3550 A.3."""
    source = SourceStatistics(1, 0, clock_rate=8000)
    feed(source, *range(0, 100, 2))
    assert source.interval() == (49 * 256 // 99, 50)
    feed(source, *range(99, 109))
    assert source.interval() == (0, 10)
    assert source.interval() == (0, 0)
    feed(source, 108, 108)
    assert source.interval() == (0, 2)


def test_jitter_follows_the_formula_step_by_step(vectors: Callable[[str], Any]) -> None:
    """MED-20: RFC 3550 A.8."""
    data = vectors("jitter.json")
    source = SourceStatistics(1, 0, clock_rate=8000)
    steps = zip(data["arrival_rtp_units_and_timestamps"], data["jitter_after_each"], strict=True)
    for (arrival, timestamp), jitter in steps:
        source.time((timestamp + 2**32 - 3000) % 2**32, arrival / 8000)
        assert source.jitter == pytest.approx(jitter, abs=1e-5)
    assert source.jitter_ms == pytest.approx(data["jitter_after_each"][-1] / 8)


def test_a_jump_of_the_timestamp_is_no_jitter() -> None:
    """MED-20"""
    source = SourceStatistics(1, 0, clock_rate=8000)
    for index in range(100):
        source.time((index * 160 + (3_000_000_000 if index > 50 else 0)) % 2**32, index * 0.02)
    assert source.jitter == pytest.approx(0, abs=1e-6)


@given(st.integers(0, 0xFFFF), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=200))
@settings(max_examples=80)
def test_loss_equals_what_was_left_out(first: int, steps: list[tuple[int, int]]) -> None:
    """MED-21: expected = received + lost - duplicates for any pattern of loss, duplication and swaps."""
    sequence, sent = [first], first
    for kind, count in steps:
        sent += 1
        if kind == 1:
            sent += count
        sequence.append(sent)
        if kind == 2:
            sequence.append(sent)
        if kind == 3 and len(sequence) > 2 and sequence[-2] != sequence[-3]:
            sequence[-1], sequence[-2] = sequence[-2], sequence[-1]
    source = SourceStatistics(1, first, clock_rate=8000)
    feed(source, *sequence)
    unique = set(sequence)
    assert source.expected == max(unique) - min(unique) + 1
    assert source.duplicates == len(sequence) - len(unique)
    assert source.lost == source.expected - len(unique)


@given(st.lists(st.integers(0, 0xFFFF), max_size=100), st.integers(0, 0xFFFF), st.sampled_from([0, 2]))
@settings(max_examples=80)
def test_no_sequence_of_numbers_breaks_it(numbers: list[int], first: int, probation: int) -> None:
    """MED-21"""
    source = SourceStatistics(1, first, clock_rate=8000, probation=probation)
    for number in numbers:
        source.update(number)
        fraction, _ = source.interval()
        assert 0 <= fraction <= 255
        assert source.lost >= 0
        assert 0 <= source.highest_sequence <= 0xFFFFFFFF
