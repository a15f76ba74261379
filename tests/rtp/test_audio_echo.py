"""The loudspeaker in the microphone: what is left of it, and of who speaks meanwhile (MED-16)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sansio_rtp.audio import EchoCanceller
from sansio_rtp.errors import LocalProtocolError
from tests.rtp.speech import speech_like_noise

Audio = np.ndarray[Any, np.dtype[np.int16]]
Wave = np.ndarray[Any, np.dtype[np.float64]]
RATE = 8_000


def room(rng: np.random.Generator, *, rate: int = RATE, gain: float = 0.5) -> Wave:
    """The answer of a room: devices that hold 20 ms back, then 100 ms that die away."""
    n_samples = rate // 10
    answer = rng.standard_normal(n_samples) * np.exp(-np.arange(n_samples) / (n_samples / 5))
    answer *= gain / np.sqrt(np.sum(answer**2))
    return np.concatenate((np.zeros(rate // 50), answer))


def talk(rng: np.random.Generator, seconds: float, *, rate: int = RATE) -> Audio:
    """Noise with the rhythm and about the spectrum of speech, as in the composite source signal of G.168."""
    n_samples = int(rate * seconds)
    noise = rng.standard_normal(n_samples + 1)
    syllables = np.clip(np.sin(5 * np.pi * np.arange(n_samples) / rate) + 0.5, 0.0, None)
    wave = (noise[1:] + 0.8 * noise[:-1]) * syllables * 3_500
    return np.asarray(np.clip(wave, -32768, 32767), np.int16)


def echo_of(far: Audio, answer: Wave) -> Wave:
    return np.convolve(far.astype(np.float64), answer)[: far.size]


def clean(canceller: EchoCanceller, near: Wave, far: Audio, *, frame: int = 160) -> Audio:
    recorded = np.asarray(np.clip(np.rint(near), -32768, 32767), np.int16)
    frames = range(0, far.size, frame)
    return np.concatenate(
        [canceller.process(recorded[at : at + frame], far[at : at + frame]) for at in frames]
    )


def ratio_db(whole: Wave | Audio, part: Wave | Audio) -> float:
    return float(10 * np.log10(np.sum(whole.astype(float) ** 2) / np.sum(part.astype(float) ** 2)))


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("gain", [0.1, 0.5, 1.0])
def test_within_two_seconds_the_echo_is_far_softer(rate: int, gain: float) -> None:
    """MED-16: ERLE of 15 dB and more, whatever the loudness of the echo."""
    rng = np.random.default_rng(7)
    answer, far = room(rng, rate=rate, gain=gain), talk(rng, 3.0, rate=rate)
    echo, canceller = echo_of(far, answer), EchoCanceller(rate)
    left = clean(canceller, echo, far, frame=rate // 50)
    second = slice(2 * rate, 3 * rate)
    assert ratio_db(echo[second], left[second]) >= 25
    assert canceller.attenuation_db == pytest.approx(ratio_db(echo[second], left[second]), abs=6)


def test_a_voice_teaches_more_slowly_and_still_enough() -> None:
    """MED-16: vowels leave most frequencies silent for long."""
    rng = np.random.default_rng(1)
    answer, far = room(rng), speech_like_noise(6.0, seed=1)
    echo = echo_of(far, answer)
    left = clean(EchoCanceller(), echo, far)
    assert ratio_db(echo[2 * RATE :], left[2 * RATE :]) >= 15


@pytest.mark.parametrize("seed", range(3))
def test_who_speaks_at_the_near_end_is_heard_whole(seed: int) -> None:
    """MED-16: double talk takes nothing away, and what is known of the room is kept."""
    rng = np.random.default_rng(seed)
    answer, far = room(rng), talk(rng, 7.0)
    echo, near = echo_of(far, answer), np.zeros(far.size)
    both = slice(3 * RATE, 5 * RATE)
    near[both] = speech_like_noise(2.0, seed=seed + 50)
    wrong = clean(EchoCanceller(), near + echo, far) - near
    before, after = slice(2 * RATE, 3 * RATE), slice(5 * RATE, 7 * RATE)
    assert ratio_db(echo[before], wrong[before]) >= 25
    assert ratio_db(echo[both], wrong[both]) >= 15
    assert ratio_db(near[both], wrong[both]) >= 12  # while the echo was louder than the voice
    assert ratio_db(echo[after], wrong[after]) >= 25


def test_double_talk_from_the_beginning_only_makes_it_slower() -> None:
    """MED-16: nothing was learnt before both spoke."""
    rng = np.random.default_rng(3)
    answer, far = room(rng), talk(rng, 6.0)
    echo, near = echo_of(far, answer), speech_like_noise(6.0, seed=9)
    wrong = clean(EchoCanceller(), near + echo, far) - near
    assert ratio_db(echo[4 * RATE :], wrong[4 * RATE :]) >= 12


def test_without_anything_played_the_near_end_passes_to_the_bit() -> None:
    """MED-16: also after a room was learnt and is silent."""
    rng = np.random.default_rng(4)
    canceller = EchoCanceller()
    voice = speech_like_noise(1.0, seed=2)
    silence = np.zeros(voice.size, np.int16)
    assert canceller.attenuation_db is None
    np.testing.assert_array_equal(clean(canceller, voice.astype(float), silence), voice)
    far = talk(rng, 2.0)
    clean(canceller, echo_of(far, room(rng)), far)
    clean(canceller, silence.astype(float), silence)
    np.testing.assert_array_equal(clean(canceller, voice.astype(float), silence), voice)


def test_another_room_is_learnt_anew() -> None:
    """MED-16: somebody carries the telephone away."""
    rng = np.random.default_rng(5)
    canceller = EchoCanceller()
    for _ in range(2):
        far = talk(rng, 4.0)
        echo = echo_of(far, room(rng))
        left = clean(canceller, echo, far)
        assert ratio_db(echo[3 * RATE :], left[3 * RATE :]) >= 18


def test_the_length_of_frames_makes_no_difference() -> None:
    """MED-16: 10, 20 and 60 ms."""
    rng = np.random.default_rng(6)
    far = talk(rng, 0.6)
    echo = echo_of(far, room(rng))
    first, *others = [clean(EchoCanceller(), echo, far, frame=frame) for frame in (80, 160, 480)]
    for other in others:
        np.testing.assert_array_equal(first, other)
    assert EchoCanceller().process(far[:0], far[:0]).size == 0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sample_rate": 7_900}, "sample_rate"),
        ({"sample_rate": 8_050}, "sample_rate"),
        ({"sample_rate": 96_000}, "sample_rate"),
        ({"tail_ms": 5}, "tail_ms"),
        ({"tail_ms": 501}, "tail_ms"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, int], named: str) -> None:
    """MED-16."""
    with pytest.raises(LocalProtocolError, match=named):
        EchoCanceller(**changes)


@pytest.mark.parametrize(("near", "far"), [((160,), (80,)), ((81,), (81,)), ((2, 80), (2, 80))])
def test_frames_that_do_not_fit_are_refused(near: tuple[int, ...], far: tuple[int, ...]) -> None:
    """MED-16."""
    with pytest.raises(LocalProtocolError, match="near has shape"):
        EchoCanceller().process(np.zeros(near, np.int16), np.zeros(far, np.int16))
