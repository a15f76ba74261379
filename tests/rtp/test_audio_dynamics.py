"""Loudness over rows: meter, voice activity, gain, gate, fades."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.audio import (
    AutomaticGain,
    LevelMeter,
    NoiseGate,
    VoiceDetector,
    beep,
    cross_fade,
    dbov,
    dbov_rows,
    fade_in,
    fade_out,
    find_tone,
    sweep,
)
from sansio_rtp.errors import LocalProtocolError
from tests.rtp.speech import voiced_speech

FRAME = 160
Samples = np.ndarray[Any, np.dtype[np.int16]]


def noise(n_frames: int, rms: float, seed: int = 1) -> Samples:
    audio = np.random.default_rng(seed).standard_normal(n_frames * FRAME) * rms
    return np.rint(audio).astype(np.int16).reshape(-1, FRAME)


def test_levels_of_rows_are_those_of_each() -> None:
    """MED-16, MED-26."""
    frames = np.stack([*noise(3, 500), np.zeros(FRAME, np.int16)])
    assert dbov_rows(frames).tolist() == pytest.approx([dbov(row) for row in frames], abs=0.01)


def test_a_meter_rises_at_once_and_falls_slowly() -> None:
    """MED-16."""
    meter = LevelMeter(1)
    meter.process(np.full((1, FRAME), 16_384, np.int16))
    assert meter.level_dbov[0] == pytest.approx(-6.02, abs=0.01)
    for _ in range(50):
        meter.process(np.zeros((1, FRAME), np.int16))
    assert meter.level_dbov[0] == -127
    assert meter.peak_dbov[0] == pytest.approx(-26.02, abs=0.01)


@pytest.mark.parametrize("rms", [3, 30, 150])
def test_speech_is_told_from_noise_behind_it(rms: float) -> None:
    """MED-16: 2 s of noise, then a voice on it, then noise again."""
    voice = voiced_speech(seconds=1.0, amplitude=12_000).reshape(-1, FRAME)
    audio = noise(250, rms)
    audio[100:150] += voice
    detector = VoiceDetector(1)
    active = [bool(detector.process(frame[None, :])[0]) for frame in audio]
    assert sum(active[60:100]) <= 2
    assert sum(active[100:150]) >= 48
    assert active[152]  # it hangs on
    assert not any(active[170:])


def test_gain_brings_soft_and_loud_speech_to_one_level_and_leaves_noise() -> None:
    """MED-16."""
    gain = AutomaticGain(3)
    voices = [voiced_speech(seconds=4.0, amplitude=amplitude) for amplitude in (2000.0, 30_000.0)]
    rows = np.stack([*voices, noise(200, 20).ravel()])
    heard = np.concatenate(
        [gain.process(rows[:, first : first + FRAME]) for first in range(0, rows.shape[1], FRAME)], axis=1
    )
    assert [dbov(row) for row in heard[:2, -16_000:]] == pytest.approx([-26, -26], abs=2.5)
    assert dbov(heard[2, -16_000:]) == pytest.approx(dbov(rows[2, -16_000:]), abs=2)


def test_a_gate_opens_for_speech_and_closes_softly() -> None:
    """MED-16."""
    gate = NoiseGate(1)
    quiet, loud = noise(1, 20), noise(1, 2000)
    assert not gate.process(quiet).any()
    gate.process(loud)
    assert np.array_equal(gate.process(loud), loud)
    levels = []
    for _ in range(16):
        levels.append(dbov(gate.process(quiet)[0]))
    assert levels[0] == pytest.approx(dbov(quiet), abs=0.1)
    assert levels[-1] == -127
    assert levels == sorted(levels, reverse=True)
    assert not gate.open[0]


@given(st.lists(st.lists(st.integers(0, 20_000), min_size=3, max_size=3), min_size=1, max_size=10))
@settings(max_examples=25, deadline=None)
def test_rows_are_filtered_as_each_would_be_alone(levels: list[list[int]]) -> None:
    """MED-16, MED-26: batch equals scalar."""
    makers = (AutomaticGain, NoiseGate)
    banks = [maker(3) for maker in makers]
    singles = [[maker(1) for _ in range(3)] for maker in makers]
    voices, voice = [VoiceDetector(1) for _ in range(3)], VoiceDetector(3)
    for index, row in enumerate(levels):
        frames = np.concatenate([noise(1, rms, seed=index) for rms in row])
        for bank, alone in zip(banks, singles, strict=True):
            expected = [
                single.process(frame[None, :])[0] for single, frame in zip(alone, frames, strict=True)
            ]
            assert np.array_equal(bank.process(frames), np.stack(expected))
        active = [one.process(frame[None, :])[0] for one, frame in zip(voices, frames, strict=True)]
        assert voice.process(frames).tolist() == active


def test_fades_begin_and_end_in_silence() -> None:
    """MED-16: on one channel and on rows; the caller's array stays as it is."""
    audio = np.full((2, 100), 10_000, np.int16)
    risen, fallen = fade_in(audio, 50), fade_out(audio, 1000)
    assert np.all(np.diff(risen[0, :50].astype(int)) > 0)
    assert risen[0, 0] < 300
    assert np.array_equal(risen[:, 50:], audio[:, 50:])
    assert np.array_equal(fallen[0], fade_in(audio[0], 100)[::-1])
    assert cross_fade(audio[0], -audio[0])[[0, -1]].tolist() == pytest.approx([9802, -9802], abs=1)
    assert audio.min() == 10_000


def test_a_beep_and_a_sweep_have_their_frequencies() -> None:
    """MED-22."""
    sound = beep(16_000, frequency_hz=1400, duration_ms=100)
    assert len(sound) == 1600
    assert find_tone(sound, 16_000).frequency_hz == pytest.approx(1400, abs=2)
    assert abs(int(sound[-1])) < 200
    assert len(beep(duration_ms=2)) == 16
    glide = sweep(begin_hz=200, end_hz=3200, duration_ms=4000)
    places = [find_tone(glide[first : first + 400], 8000).frequency_hz for first in (0, 15_800, 31_600)]
    assert places == pytest.approx([200, 800, 3200], rel=0.05)
    with pytest.raises(LocalProtocolError):
        sweep(end_hz=4000)
