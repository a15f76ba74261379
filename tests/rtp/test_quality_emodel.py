from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.quality import G711_BPL_WITHOUT_CONCEALMENT, AlertLevel, alert_level, mos, r_factor


def test_a_perfect_g711_call_has_4_41() -> None:
    """MED-20"""
    assert r_factor(0, 0) == pytest.approx(93.2, abs=0.05)
    assert mos(r_factor(0, 0)) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("delay_ms", "loss", "score"),
    [(0, 0.01, 4.33), (0, 0.05, 3.92), (150, 0.0, 4.33), (200, 0.0, 4.22), (300, 0.0, 3.72), (400, 0.0, 3.2)],
)
def test_delay_and_loss_cost_what_the_model_says(delay_ms: float, loss: float, score: float) -> None:
    """MED-20"""
    assert mos(r_factor(delay_ms, loss)) == pytest.approx(score, abs=0.02)


def test_concealment_and_scattered_loss_are_better() -> None:
    """MED-20"""
    assert r_factor(0, 0.05) > r_factor(0, 0.05, burst_ratio=3)
    assert r_factor(0, 0.05) > r_factor(0, 0.05, bpl=G711_BPL_WITHOUT_CONCEALMENT)
    assert r_factor(0, 0.0, ie=11) == pytest.approx(r_factor(0, 0) - 11)


@given(st.floats(-10, 5000), st.floats(-0.5, 1.5), st.floats(0, 10), st.floats(0, 10), st.floats(0, 0.1))
@settings(max_examples=100)
def test_more_delay_or_loss_never_sounds_better(
    delay_ms: float, loss: float, burst: float, longer: float, more: float
) -> None:
    """MED-20"""
    here = r_factor(delay_ms, loss, burst_ratio=burst)
    assert 0 <= here <= 93.3
    assert 1 <= mos(here) <= 4.41
    assert r_factor(delay_ms, loss + more, burst_ratio=burst) <= here + 1e-9
    assert r_factor(max(delay_ms, 1) + longer, loss) <= r_factor(max(delay_ms, 1), loss) + 1e-9


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (4.4, AlertLevel.GOOD),
        (4.0, AlertLevel.GOOD),
        (3.5, AlertLevel.FAIR),
        (2.0, AlertLevel.POOR),
        (1.9, AlertLevel.CRITICAL),
    ],
)
def test_levels(score: float, level: AlertLevel) -> None:
    """MED-20"""
    assert alert_level(score) is level


def test_the_scale_ends_at_4_5_and_at_1() -> None:
    """MED-20"""
    assert (mos(120), mos(-3), mos(3)) == (4.5, 1.0, 1.0)
