"""Concealment: no click at the edges, no sound that goes on for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.audio import Concealer, ConcealerBank, ToneSource, dbov, sine
from tests.rtp.speech import VOWELS, Samples, voiced_speech

FRAME = 160
VOICES = [(110.0, 130.0), (85.0, 95.0), (180.0, 220.0, 190.0), (250.0, 235.0)]


def losses(speech: Samples, sample_rate: int, lost_ms: int) -> Iterator[tuple[int, Samples]]:
    """Lose `lost_ms` of `speech` at several places; yield where, and what is heard, in frames of 10 ms."""
    frame, n_lost = sample_rate // 100, lost_ms // 10
    for first in range(12, len(speech) // frame - n_lost - 4, 9):
        concealer, heard = Concealer(sample_rate), []
        for index in range(first + n_lost + 3):
            if first <= index < first + n_lost:
                heard.append(concealer.lost(frame))
            else:
                heard.append(concealer.good(speech[index * frame : (index + 1) * frame]))
        yield first * frame, np.concatenate(heard)


def test_good_frames_pass_unchanged() -> None:
    """MED-15."""
    concealer, source = Concealer(), ToneSource(sine(440))
    for _ in range(5):
        frame = source.read(FRAME)
        assert concealer.good(frame) is frame
    assert concealer.concealed_samples == 0


def test_a_loss_is_full_at_10_ms_and_silent_from_60_ms() -> None:
    """MED-15."""
    concealer = Concealer()
    concealer.good(ToneSource(sine(440), level_dbm0=0).read(FRAME))
    gap = np.concatenate([concealer.lost(FRAME) for _ in range(5)])
    assert dbov(gap[:80]) == pytest.approx(-6.15, abs=1.0)
    assert dbov(gap[320:480]) < dbov(gap[:160])
    assert not gap[480:].any()
    assert concealer.concealed_samples == 5 * FRAME


@pytest.mark.parametrize("lost_frames", [1, 2, 3, 10])
@pytest.mark.parametrize("frequency_hz", [120, 300, 440])
def test_neither_edge_of_a_loss_clicks(lost_frames: int, frequency_hz: float) -> None:
    """MED-15: no step is much larger than those of the tone itself."""
    concealer, source = Concealer(), ToneSource(sine(frequency_hz), level_dbm0=0)
    heard = [concealer.good(source.read(FRAME)) for _ in range(3)]
    for _ in range(lost_frames):
        source.read(FRAME)
        heard.append(concealer.lost(FRAME))
    heard += [concealer.good(source.read(FRAME)) for _ in range(2)]
    audio = np.concatenate(heard).astype(int)
    own_step = np.max(np.abs(np.diff(audio[: 2 * FRAME])))
    assert np.max(np.abs(np.diff(audio))) <= own_step + 0.1 * np.max(audio)


def test_a_loss_before_any_audio_is_silence() -> None:
    """MED-15."""
    concealer = Concealer()
    assert not concealer.lost(FRAME).any()
    assert concealer.good(np.full(FRAME, 1000, np.int16))[-1] == 1000


def test_a_frame_longer_than_the_history_is_its_own_history() -> None:
    """MED-15: 60 ms in one packet."""
    long, short = Concealer(), Concealer()
    tone = ToneSource(sine(440)).read(480)
    long.good(tone)
    for first in range(0, 480, 160):
        short.good(tone[first : first + 160])
    assert np.array_equal(long.lost(FRAME), short.lost(FRAME))


def test_frames_shorter_than_the_history_add_up() -> None:
    """MED-15: 5 ms frames, and an empty one."""
    concealer, source = Concealer(), ToneSource(sine(440))
    for n_samples in (40, 0, 40, 40, 40, 40):
        concealer.good(source.read(n_samples))
    assert concealer.lost(80).any()
    assert len(concealer.lost(0)) == 0


def test_the_callers_buffer_may_be_used_again() -> None:
    """MED-15: what was heard is a copy."""
    buffer = np.full(FRAME, 5000, np.int16)
    concealer = Concealer()
    concealer.good(buffer)
    buffer[:] = 0
    assert concealer.lost(10).tolist() == [5000] * 10


@pytest.mark.parametrize("sample_rate", [8000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("vowel", VOWELS)
@pytest.mark.parametrize("lost_ms", [10, 20])
def test_a_voice_is_3_db_nearer_than_silence_and_than_the_last_frame_again(
    sample_rate: int, vowel: str, lost_ms: int
) -> None:
    """MED-15: the acceptance of concealment; it holds for each voice by itself."""
    for pitch_hz in VOICES:
        speech = voiced_speech(sample_rate, 1.0, pitch_hz=pitch_hz, vowel=vowel)
        concealed = silent = repeated = 0.0
        for first, heard in losses(speech, sample_rate, lost_ms):
            n_lost = sample_rate // 100 * (lost_ms // 10)
            original = speech[first : first + n_lost].astype(float)
            before = speech[first - sample_rate // 50 : first].astype(float)
            concealed += energy(original - heard[first : first + n_lost])
            silent += energy(original)
            repeated += energy(original - before[:n_lost])
        assert 10 * np.log10(silent / concealed) >= 3
        assert 10 * np.log10(repeated / concealed) >= 3


@pytest.mark.parametrize("sample_rate", [8000, 16_000, 48_000])
@pytest.mark.parametrize("lost_ms", [10, 20, 60, 100])
def test_no_edge_of_a_loss_steps_by_a_tenth_of_the_local_peak(sample_rate: int, lost_ms: int) -> None:
    """MED-15: beyond the steepest slope that the voice itself has there."""
    around = sample_rate // 50
    for pitch_hz in VOICES:
        speech = voiced_speech(sample_rate, 0.5, pitch_hz=pitch_hz)
        for first, heard in losses(speech, sample_rate, lost_ms):
            end = first + sample_rate // 100 * (lost_ms // 10)
            steps = np.abs(np.diff(heard.astype(int)))
            for edge in (first, end):
                local = speech[edge - around : edge + around].astype(int)
                own = np.max(np.abs(np.diff(local)))
                assert np.max(steps[edge - 2 : edge + 1]) <= own + 0.1 * np.max(np.abs(local))


def test_the_end_of_a_long_loss_rises_out_of_silence() -> None:
    """MED-15: the blend is 4 ms after a short gap and 10 ms after a long one."""
    source, concealer = ToneSource(sine(440)), Concealer()
    concealer.good(source.read(FRAME))
    for _ in range(10):
        concealer.lost(FRAME)
    frame = np.full(FRAME, 8000, np.int16)
    merged = concealer.good(frame)
    assert merged[0] < 200
    assert np.all(np.diff(merged[:80]) >= 0)
    assert np.array_equal(merged[80:], frame[80:])
    assert frame[0] == 8000


@pytest.mark.parametrize("sample_rate", [8000, 16_000])
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None)
def test_a_bank_hears_what_single_concealers_hear(sample_rate: int, ticks: list[list[bool]]) -> None:
    """MED-15, MED-26: batch equals scalar, bit by bit."""
    frame = sample_rate // 50
    bank, singles = ConcealerBank(3, frame, sample_rate), [Concealer(sample_rate) for _ in range(3)]
    voices = [
        voiced_speech(sample_rate, 0.3, pitch_hz=pitch_hz, seed=seed)
        for seed, pitch_hz in enumerate(VOICES[:3])
    ]
    for tick, lost in enumerate([[False] * 3] * 2 + ticks):
        frames = np.stack([voice[tick * frame : (tick + 1) * frame] for voice in voices])
        expected = [
            single.lost(frame) if gone else single.good(row)
            for single, gone, row in zip(singles, lost, frames, strict=True)
        ]
        bank.process(frames, np.array(lost))
        assert np.array_equal(frames, np.stack(expected))
    assert bank.concealed_samples.tolist() == [single.concealed_samples for single in singles]


def test_a_row_that_is_given_to_another_stream_has_heard_nothing() -> None:
    """MED-26."""
    bank = ConcealerBank(2, FRAME)
    tone = np.stack([ToneSource(sine(440)).read(FRAME)] * 2)
    bank.process(tone.copy(), np.array([False, False]))
    bank.process(tone.copy(), np.array([True, True]))
    bank.reset(np.array([1]))
    frames = tone.copy()
    bank.process(frames, np.array([True, True]))
    assert frames[0].any()
    assert not frames[1].any()
    assert bank.concealed_samples.tolist() == [2 * FRAME, FRAME]


def energy(wave: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    return float(wave @ wave)
