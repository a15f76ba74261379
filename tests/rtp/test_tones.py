"""Tones: the right frequencies, levels, cadences, and a phase that runs on."""

from __future__ import annotations

import numpy as np
import pytest

from sansio_rtp.audio import (
    BUSY_TONE,
    CONGESTION_TONE,
    DIAL_TONE,
    RINGBACK_TONE,
    SILENCE,
    TONE_PLANS,
    Tone,
    ToneSource,
    dbov,
    dtmf_tone,
    find_tone,
    sine,
)
from sansio_rtp.errors import LocalProtocolError


def test_a_sine_has_its_frequency_and_level() -> None:
    """MED-22: 0 dBm0 lies 6.15 dB under the overload point."""
    measured = find_tone(ToneSource(sine(1004), level_dbm0=-10).read(8000), 8000)
    assert measured.frequency_hz == pytest.approx(1004, abs=0.01)
    assert measured.level_dbov == pytest.approx(-16.15, abs=0.01)
    assert measured.sndr_db > 80


@pytest.mark.parametrize("tone", [sine(1000), sine(333.3), dtmf_tone("5"), BUSY_TONE, RINGBACK_TONE])
def test_frames_of_any_length_join_without_a_seam(tone: Tone) -> None:
    """MED-22."""
    whole = ToneSource(tone).read(48_000)
    source = ToneSource(tone)
    pieces = [source.read(n_samples) for n_samples in (160, 1, 0, 7839, 40_000)]
    assert np.max(np.abs(np.concatenate(pieces).astype(int) - whole)) <= 1


def test_the_phase_does_not_drift_in_an_hour() -> None:
    """MED-22: 20 ms frames of 1 kHz begin with the same sample for ever."""
    source = ToneSource(sine(1000), level_dbm0=0)
    first = source.read(160)
    for _ in range(2000):
        source.read(160 * 90)
    assert np.max(np.abs(source.read(160).astype(int) - first)) <= 1


@pytest.mark.parametrize(
    ("digit", "row", "column"), [("1", 697, 1209), ("6", 770, 1477), ("#", 941, 1477), ("D", 941, 1633)]
)
def test_a_dtmf_digit_is_its_row_and_its_column(digit: str, row: int, column: int) -> None:
    """MED-13: ITU-T Q.23."""
    spectrum = np.abs(np.fft.rfft(ToneSource(dtmf_tone(digit)).read(8000)))
    assert sorted(int(place) for place in np.argsort(spectrum)[-2:]) == [row, column]


@pytest.mark.parametrize("digit", ["", "E", "12", "a"])
def test_there_is_no_tone_for_what_is_not_a_digit(digit: str) -> None:
    """MED-13."""
    with pytest.raises(LocalProtocolError, match="not a DTMF digit"):
        dtmf_tone(digit)


@pytest.mark.parametrize(
    ("tone", "on_s", "period_s"),
    [(BUSY_TONE, 0.5, 1.0), (CONGESTION_TONE, 0.25, 0.5), (RINGBACK_TONE, 1.0, 5.0)],
)
def test_cadences_are_those_of_e180(tone: Tone, on_s: float, period_s: float) -> None:
    """MED-22."""
    periods = ToneSource(tone).read(int(3 * period_s * 8000)).reshape(3, -1)
    on = int(on_s * 8000)
    for period in periods:
        assert find_tone(period[:on], 8000).frequency_hz == pytest.approx(425, abs=0.5)
        assert not period[on:].any()


def test_dial_tone_never_pauses_and_silence_never_sounds() -> None:
    """MED-22."""
    assert dbov(ToneSource(DIAL_TONE).read(80_000)[-800:]) == pytest.approx(-16.15, abs=0.1)
    assert not ToneSource(SILENCE).read(800).any()


def test_loud_sums_are_saturated() -> None:
    """MED-17."""
    samples = ToneSource(Tone((400.0, 500.0)), level_dbm0=3.14).read(8000)
    assert (int(samples.min()), int(samples.max())) == (-32768, 32767)


@pytest.mark.parametrize(
    "tone", [sine(0), sine(4000), sine(-5), Tone((425.0,), (1.0,)), Tone((425.0,), (1.0, 0.0))]
)
def test_impossible_tones_are_refused(tone: Tone) -> None:
    """MED-22."""
    with pytest.raises(LocalProtocolError):
        ToneSource(tone)


def test_every_country_has_tones_that_can_be_played_and_told_apart() -> None:
    """MED-22: cadences by country as data."""
    assert len(TONE_PLANS) >= 20
    for plan in TONE_PLANS.values():
        tones = (plan.dial, plan.ringback, plan.busy, plan.congestion)
        for tone in tones:
            assert ToneSource(tone).read(8000).any()
            assert all(300 < frequency < 700 for frequency in tone.frequencies_hz)
        assert plan.ringback not in (plan.busy, plan.congestion, plan.dial)
        assert sum(plan.ringback.cadence_s) > sum(plan.busy.cadence_s)
    assert TONE_PLANS["GB"].ringback.cadence_s == (0.4, 0.2, 0.4, 2.0)
    assert TONE_PLANS["US"].busy.frequencies_hz == (480.0, 620.0)
