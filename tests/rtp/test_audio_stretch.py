"""Stretching: a period more or less, and no click."""

from __future__ import annotations

import numpy as np
import pytest

from sansio_rtp.audio import TimeStretcher, ToneSource, find_tone, sine
from tests.rtp.speech import voiced_speech

FRAME = 160


def test_no_wish_and_too_small_a_wish_change_nothing() -> None:
    """MED-14."""
    frame = ToneSource(sine(200)).read(FRAME)
    stretcher = TimeStretcher()
    for wish in (0, -1, -39):
        assert stretcher.process(frame, wish) is frame
    assert stretcher.process(frame[:79], 100) is not None
    assert (stretcher.inserted_samples, stretcher.removed_samples) == (0, 0)


@pytest.mark.parametrize("wish", [160, -160, 10])
def test_a_voice_gives_or_takes_one_period(wish: int) -> None:
    """MED-14: 125 Hz has 64 samples."""
    frame = ToneSource(sine(125), level_dbm0=0).read(FRAME)
    stretcher = TimeStretcher()
    changed = stretcher.process(frame, wish)
    assert abs(abs(len(changed) - FRAME) - 64) <= 1
    assert stretcher.inserted_samples - stretcher.removed_samples == len(changed) - FRAME
    assert (changed[0], changed[-1]) == pytest.approx((frame[0], frame[-1]), abs=200)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_stretched_tone_stays_a_tone(sign: int) -> None:
    """MED-14: pitch and purity: every third frame of a second is stretched."""
    source, stretcher = ToneSource(sine(400)), TimeStretcher()
    frames = [
        stretcher.process(source.read(FRAME), sign * 160 if index % 3 == 0 else 0) for index in range(50)
    ]
    audio = np.concatenate(frames)
    assert (len(audio) - 8000) * sign > 600
    measured = find_tone(audio, 8000)
    assert measured.frequency_hz == pytest.approx(400, abs=1)
    assert measured.sndr_db > 30


def test_a_stretched_voice_does_not_click() -> None:
    """MED-14: no step beyond the steepest one of the voice itself."""
    speech, stretcher = voiced_speech(8000, 2.0), TimeStretcher()
    frames = [
        stretcher.process(speech[first : first + FRAME], 160 if first % 960 else -160)
        for first in range(0, len(speech), FRAME)
    ]
    own = np.max(np.abs(np.diff(speech.astype(int))))
    assert np.max(np.abs(np.diff(np.concatenate(frames).astype(int)))) <= 1.1 * own
    assert stretcher.inserted_samples > 1000
    assert stretcher.removed_samples > 200


def test_silence_is_changed_by_what_is_wished() -> None:
    """MED-14: as far as the frame reaches."""
    silence, stretcher = np.zeros(FRAME, np.int16), TimeStretcher()
    assert [len(stretcher.process(silence, wish)) for wish in (-50, 50, -500, 500)] == [110, 210, 40, 280]


def test_noise_waits_until_patience_ends() -> None:
    """MED-14: there is no good place in noise, so after half a second any place will do."""
    rng, stretcher = np.random.default_rng(1), TimeStretcher()
    lengths = [
        len(stretcher.process(rng.integers(-9000, 9000, FRAME).astype(np.int16), -160)) for _ in range(26)
    ]
    assert lengths[:25] == [FRAME] * 25
    assert lengths[25] < FRAME
