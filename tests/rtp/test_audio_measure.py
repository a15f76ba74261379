"""Levels, and the measurement that proves audio arrived as it was sent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sansio_rtp.audio import ToneSource, dbov, find_tone, peak, rms, sine, trim_silence
from sansio_rtp.codec import PCMA, PCMU, G711Codec

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("codec", [PCMU, PCMA])
@pytest.mark.parametrize("level_dbm0", [0, -3, -10, -15, -20])
@pytest.mark.parametrize("n_samples", [4000, 7919, 40_000])
def test_a_tone_after_one_g711_pass_has_33_db_at_least(
    codec: G711Codec, level_dbm0: float, n_samples: int
) -> None:
    """MED-7, MED-20: the yardstick of a whole call; ITU-T G.712 asks for 33 dB."""
    samples = ToneSource(sine(1000), level_dbm0=level_dbm0).read(n_samples)
    measured = find_tone(codec.decode(codec.encode(samples)), 8000)
    assert measured.frequency_hz == pytest.approx(1000, abs=0.05)
    assert measured.level_dbov == pytest.approx(level_dbm0 - 6.15, abs=0.15)
    assert 33 <= measured.sndr_db < 60


@pytest.mark.parametrize("snr_db", [10.0, 25.0, 33.0, 45.0, 60.0])
def test_the_ratio_is_that_of_known_noise(snr_db: float) -> None:
    """MED-20: white noise of a given power, within 0.5 dB."""
    tone = 8000 * np.sin(2 * np.pi * 1013.7 / 8000 * np.arange(80_000))
    noise = RNG.standard_normal(80_000) * 8000 / math.sqrt(2) * 10 ** (-snr_db / 20)
    measured = find_tone(np.rint(tone + noise).astype(np.int16), 8000)
    assert measured.sndr_db == pytest.approx(snr_db, abs=0.5)
    assert measured.frequency_hz == pytest.approx(1013.7, abs=0.1)


@pytest.mark.parametrize("frequency_hz", [300.0, 440.4, 1000.1, 2500.37, 3390.0])
def test_frequencies_between_bins_are_found(frequency_hz: float) -> None:
    """MED-20."""
    measured = find_tone(ToneSource(sine(frequency_hz)).read(4000), 8000)
    assert measured.frequency_hz == pytest.approx(frequency_hz, abs=0.05)
    assert measured.sndr_db > 70


@pytest.mark.parametrize("damage", ["gap", "repeated frame", "lost frame"])
def test_one_wrong_frame_in_five_seconds_is_noticed(damage: str) -> None:
    """MED-20: 441 Hz, so that a frame is no whole number of periods."""
    samples = ToneSource(sine(441)).read(40_000)
    pieces = {
        "gap": [samples[:20_000], np.zeros(160, np.int16), samples[20_160:]],
        "repeated frame": [samples[:20_000], samples[19_840:20_000], samples[20_160:]],
        "lost frame": [samples[:20_000], samples[20_160:]],
    }
    assert find_tone(np.concatenate(pieces[damage]), 8000).sndr_db < 30


@pytest.mark.parametrize("n_samples", [0, 1, 127, 8000])
def test_silence_and_too_little_audio_measure_as_nothing(n_samples: int) -> None:
    """MED-20: no tone, no exception, and numbers that fit into JSON."""
    measured = find_tone(np.zeros(n_samples, np.int16), 8000)
    assert (measured.frequency_hz, measured.level_dbov, measured.sndr_db) == (0.0, -127.0, -127.0)


def test_noise_is_no_tone() -> None:
    """MED-20."""
    assert find_tone(RNG.integers(-9000, 9000, 8000).astype(np.int16), 8000).sndr_db < 0


def test_dc_is_no_tone_and_no_distortion() -> None:
    """MED-20."""
    samples = ToneSource(sine(1000)).read(8000) + np.int16(3000)
    assert find_tone(samples, 8000).sndr_db > 70
    assert find_tone(np.full(8000, 3000, np.int16), 8000).level_dbov < -60


def test_levels_of_known_signals() -> None:
    """MED-16: the scale of RFC 6464."""
    square = np.tile(np.array([32767, -32767], np.int16), 400)
    assert dbov(square) == pytest.approx(0.0, abs=0.001)
    assert rms(square) == pytest.approx(32767)
    assert peak(np.array([5, -32768, 7], np.int16)) == 32768
    assert dbov(np.zeros(160, np.int16)) == -127.0
    nothing = np.zeros(0, np.int16)
    assert (rms(nothing), peak(nothing), dbov(nothing)) == (0.0, 0, -127.0)


def test_silence_around_a_tone_is_cut_off_in_blocks() -> None:
    """MED-20: a recording begins before the peer speaks."""
    tone = ToneSource(sine(1000)).read(1600)
    silence = np.zeros(1000, np.int16)
    part = trim_silence(np.concatenate((silence, tone, silence)), 8000)
    assert 1600 <= len(part) <= 1600 + 2 * 80
    assert len(trim_silence(silence, 8000)) == 0
    assert len(trim_silence(silence[:0], 8000)) == 0
