"""Resampling: flat in the telephone band, clean above it, the same in pieces and whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.audio import Resampler, ResamplerBank, ToneSource, dbov, find_tone, sine
from sansio_rtp.errors import LocalProtocolError

RATES = [(8000, 16_000), (16_000, 8000), (48_000, 8000), (8000, 48_000), (44_100, 8000), (11_025, 8000)]


def resampled(samples: npt.NDArray[np.int16], rates: tuple[int, int], piece: int) -> npt.NDArray[np.int16]:
    """Resample in pieces of a length."""
    resampler = Resampler(*rates)
    pieces = [resampler.process(samples[at : at + piece]) for at in range(0, len(samples), piece)]
    return np.concatenate([*pieces, resampler.flush()])


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("frequency_hz", [50, 300, 1000, 2000, 3400])
def test_the_telephone_band_passes_flat_and_clean(rates: tuple[int, int], frequency_hz: float) -> None:
    """MED-18: ripple below 0.1 dB, images and rounding 70 dB down."""
    samples = ToneSource(sine(frequency_hz), rates[0], level_dbm0=0).read(rates[0])
    output = resampled(samples, rates, 441)[rates[1] // 10 : -rates[1] // 10]
    measured = find_tone(output, rates[1])
    assert measured.frequency_hz == pytest.approx(frequency_hz, abs=0.1)
    assert dbov(output) == pytest.approx(-6.15, abs=0.1)
    assert measured.sndr_db > 70


@pytest.mark.parametrize("rates", [rates for rates in RATES if rates[0] > rates[1]])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9])
def test_what_would_alias_is_60_db_down(rates: tuple[int, int], share: float) -> None:
    """MED-18: from the new Nyquist frequency to the old one."""
    low, high = rates[1] / 2, rates[0] / 2
    samples = ToneSource(sine(low + (high - low) * share + 10), rates[0], level_dbm0=3).read(rates[0])
    output = resampled(samples, rates, 960)[rates[1] // 10 : -rates[1] // 10]
    assert dbov(output) < dbov(samples) - 60


@pytest.mark.parametrize("rates", RATES)
def test_the_output_stands_where_the_input_stood(rates: tuple[int, int]) -> None:
    """MED-18: no delay, and the length is the ratio."""
    n_samples = rates[0] // 2
    output = resampled(ToneSource(sine(500), rates[0]).read(n_samples), rates, n_samples)
    expected = ToneSource(sine(500), rates[1]).read(-(-n_samples * rates[1] // rates[0]))
    assert len(output) == len(expected)
    middle = slice(len(expected) // 10, -len(expected) // 10)
    assert np.max(np.abs(output.astype(int) - expected)[middle]) <= 8


@given(st.sampled_from(RATES), st.lists(st.integers(0, 700), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_pieces_of_any_length_give_what_the_whole_gives(rates: tuple[int, int], lengths: list[int]) -> None:
    """MED-18."""
    samples = np.random.default_rng(3).integers(-9000, 9000, sum(lengths)).astype(np.int16)
    resampler, at, pieces = Resampler(*rates), 0, []
    for length in lengths:
        pieces.append(resampler.process(samples[at : at + length]))
        at += length
    pieces.append(resampler.flush())
    assert np.array_equal(np.concatenate(pieces), resampled(samples, rates, max(1, len(samples))))


def test_flush_begins_a_new_stream() -> None:
    """MED-18: the next file hears nothing of the last one."""
    resampler = Resampler(16_000, 8000)
    loud, silent = np.full(400, 20_000, np.int16), np.zeros(400, np.int16)
    resampler.process(loud)
    resampler.flush()
    assert not np.concatenate((resampler.process(silent), resampler.flush())).any()


def test_equal_rates_pass_through() -> None:
    """MED-18."""
    samples = np.arange(160, dtype=np.int16)
    resampler = Resampler(8000, 8000)
    assert resampler.process(samples) is samples
    assert len(resampler.flush()) == 0


def test_full_scale_is_saturated_not_wrapped() -> None:
    """MED-18: a filter overshoots at a step."""
    step = np.repeat(np.array([-32768, 32767], np.int16), 2000)
    output = resampled(step, (8000, 16_000), 160)
    assert int(output[3000]) < -32_000
    assert int(output[5000]) > 32_000
    assert (int(output.min()), int(output.max())) == (-32768, 32767)


@pytest.mark.parametrize("rates", [(0, 8000), (8000, -1), (191_999, 8000)])
def test_impossible_rates_are_refused(rates: tuple[int, int]) -> None:
    """MED-18."""
    with pytest.raises(LocalProtocolError, match="sample rates"):
        Resampler(*rates)


BANK_RATES = [
    (a, b) for a in (8000, 16_000, 24_000, 32_000, 48_000) for b in (8000, 16_000, 48_000) if a != b
]


@pytest.mark.parametrize("rates", [*BANK_RATES, (8000, 8000)])
def test_a_bank_gives_what_single_resamplers_give(rates: tuple[int, int]) -> None:
    """MED-18, MED-26: batch equals scalar, but for the delay; so the quality is the one measured above."""
    frame = rates[0] // 50
    audio = np.random.default_rng(2).integers(-20_000, 20_000, (3, 6 * frame)).astype(np.int16)
    bank = ResamplerBank(3, *rates, frame)
    heard = np.concatenate(
        [bank.process(audio[:, first : first + frame]) for first in range(0, 6 * frame, frame)], axis=1
    )
    delay = bank.delay_samples
    assert delay <= rates[1] // 100
    assert heard.shape == (3, 6 * rates[1] // 50)
    for row, single in zip(heard, audio, strict=True):
        alone = resampled(single, rates, frame).astype(int)
        assert np.max(np.abs(row[delay:] - alone[: len(row) - delay])) <= 1


@pytest.mark.parametrize("rates", BANK_RATES)
def test_a_bank_passes_the_band_and_stops_the_rest(rates: tuple[int, int]) -> None:
    """MED-18: ripple below 0.5 dB to 85 % of the lower Nyquist frequency, aliases and images below -60 dB."""
    low, frame = min(rates) / 2, rates[0] // 50
    passed = [0.02, 0.3, 0.6, 0.84]
    stopped = [share for share in (1.003, 1.1, 1.3, 1.9) if low * share < rates[0] / 2]
    tones = [ToneSource(sine(low * share), rates[0], level_dbm0=0) for share in (*passed, *stopped)]
    bank = ResamplerBank(len(tones), *rates, frame)
    heard = np.concatenate(
        [bank.process(np.stack([tone.read(frame) for tone in tones])) for _ in range(20)], axis=1
    )[:, rates[1] // 25 :]
    for row in heard[: len(passed)]:
        assert dbov(row) == pytest.approx(-6.15, abs=0.25)
        assert find_tone(row, rates[1]).sndr_db > 60
    for row in heard[len(passed) :]:
        assert dbov(row) < -6.15 - 60


def test_a_row_of_a_bank_begins_anew() -> None:
    """MED-26."""
    bank = ResamplerBank(2, 8000, 16_000, 160)
    bank.process(np.full((2, 160), 9000, np.int16))
    bank.reset(np.array([1]))
    heard = bank.process(np.zeros((2, 160), np.int16))
    assert heard[0].any()
    assert not heard[1].any()


@pytest.mark.parametrize(("rates", "frame"), [((0, 8000), 160), ((8000, -1), 160), ((48_000, 8000), 100)])
def test_a_bank_refuses_what_does_not_fit(rates: tuple[int, int], frame: int) -> None:
    """MED-18."""
    with pytest.raises(LocalProtocolError):
        ResamplerBank(1, *rates, frame)


def test_bank_moves_some_rows_and_lets_no_time_pass_for_others() -> None:
    """MED-17: rows that are given frames now and then hear the same as in a bank of their own."""
    tones = [np.asarray(5_000 * np.sin(np.arange(1_600) / step), np.int16) for step in (3, 5, 7)]
    bank, alone = ResamplerBank(2, 8_000, 16_000, 160), [ResamplerBank(1, 8_000, 16_000, 160) for _ in tones]
    bank.grow(3)
    bank.grow(1)
    for turn in range(6):
        rows = np.array([row for row in (2, 0, 1) if turn % (row + 1) == 0], np.int64)
        frames = np.array([tones[row][turn * 160 : turn * 160 + 160] for row in rows])
        for row, output in zip(rows.tolist(), bank.process(frames, rows=rows), strict=True):
            own = alone[row].process(tones[row][None, turn * 160 : turn * 160 + 160])
            assert np.array_equal(output, own[0])


@pytest.mark.parametrize("rates", [(8_000, 16_000), (16_000, 8_000), (44_100, 16_000), (8_000, 48_000)])
def test_primed_row_begins_in_the_middle_of_a_sound(rates: tuple[int, int]) -> None:
    """MED-17: without it the delay is silence, and then comes a step."""
    n_input = rates[0] // 50
    frame = np.full((1, n_input), 8_000, np.int16)
    bank = ResamplerBank(2, *rates, n_input)
    rows = np.array([1], np.int64)
    assert not bank.process(frame, rows=np.array([0], np.int64))[0, 0]
    bank.prime(frame, rows)
    assert bank.process(frame, rows=rows)[0] == pytest.approx(8_000, abs=40)
    bank.reset(rows)
    assert not bank.process(frame, rows=rows)[0, 0]
