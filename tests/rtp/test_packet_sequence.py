from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.packet import SequenceWindow, seq_delta, timestamp_delta


@pytest.mark.parametrize(
    ("newer", "older", "delta"),
    [(1, 0, 1), (0, 65535, 1), (65535, 0, -1), (0x7FFF, 0, 0x7FFF), (0x8000, 0, -0x8000), (5, 5, 0)],
)
def test_sequence_numbers_wrap(newer: int, older: int, delta: int) -> None:
    """MED-5: roll-over."""
    assert seq_delta(newer, older) == delta


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1))
@settings(max_examples=50)
def test_timestamps_wrap(older: int, delta: int) -> None:
    """MED-5: roll-over."""
    assert timestamp_delta((older + delta) % 2**32, older) == delta


@given(st.lists(st.integers(-600, 600), min_size=1, max_size=60))
@settings(max_examples=80)
def test_the_window_knows_what_came_and_what_is_missing(numbers: list[int]) -> None:
    """MED-5: duplicates; MED-21."""
    window = SequenceWindow(numbers[0])
    came: set[int] = set()
    for number in numbers:
        old = number <= window.highest - 512
        assert window.add(number) == (number not in came and not old)
        came |= set() if old else {number}
    low = window.highest - 511
    for start in (low, window.highest - 5, window.highest):
        wanted = sum(number not in came for number in range(start, window.highest + 1))
        assert window.missing(start, window.highest) == wanted
    assert window.missing(3, 2) == 0
