"""Tones in the audio: every press once, and no digit in speech."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.audio import Tone, ToneSource, dbm0_amplitude, dtmf_digits
from sansio_rtp.codec import PCMU
from sansio_rtp.dtmf import DTMF_DIGITS, Digit, DigitMerger, DigitSource, InbandDetector, InbandDigit
from sansio_rtp.errors import LocalProtocolError
from tests.rtp.speech import speech_like_noise

Samples = np.ndarray[Any, np.dtype[np.int16]]


def heard(audio: Samples, sample_rate: int = 8000) -> list[Digit]:
    """Return the digits in one stream, fed in frames of 20 ms."""
    frame = sample_rate // 50
    rest = np.zeros(4 * frame - len(audio) % frame, np.int16)
    detector = InbandDetector(1, sample_rate)
    frames = np.concatenate((audio, rest)).reshape(-1, frame)
    return [found.digit for row in frames for found in detector.process(row[None, :])]


def pair(low_hz: float, high_hz: float, low_dbm0: float, high_dbm0: float, n_samples: int = 800) -> Samples:
    low = ToneSource(Tone((low_hz,)), level_dbm0=low_dbm0).read(n_samples)
    return low + ToneSource(Tone((high_hz,)), level_dbm0=high_dbm0).read(n_samples)


@pytest.mark.parametrize("sample_rate", [8000, 16_000, 48_000])
def test_every_digit_is_heard_once(sample_rate: int) -> None:
    """MED-13: what we generate ourselves, with the length of the press."""
    digits = heard(dtmf_digits(DTMF_DIGITS * 2, sample_rate, tone_ms=80, pause_ms=60), sample_rate)
    assert "".join(digit.digit for digit in digits) == DTMF_DIGITS * 2
    assert all(abs(digit.duration_ms - 80) <= 20 for digit in digits)
    assert {(digit.source, digit.complete) for digit in digits} == {(DigitSource.INBAND, True)}


@pytest.mark.parametrize("offset", range(0, 160, 23))
def test_the_shortest_press_is_heard_and_a_blip_is_not(offset: int) -> None:
    """MED-13: Q.24: 40 ms of tone and of pause wherever they fall; 20 ms is no digit; after G.711."""
    lead = np.zeros(offset, np.int16)
    audio = np.concatenate((lead, dtmf_digits("147*", tone_ms=40, pause_ms=40)))
    assert [digit.digit for digit in heard(PCMU.decode(PCMU.encode(audio)))] == list("147*")
    assert heard(np.concatenate((lead, dtmf_digits("147*", tone_ms=20, pause_ms=80)))) == []


def test_a_break_of_ten_milliseconds_is_one_press() -> None:
    """MED-13: Q.24."""
    tone = dtmf_digits("5", tone_ms=60, pause_ms=40)[:480]
    audio = np.concatenate((tone, np.zeros(80, np.int16), tone))
    assert [digit.digit for digit in heard(audio)] == ["5"]


def test_one_digit_right_after_another_is_two() -> None:
    """MED-13: no pause at all."""
    five, six = (dtmf_digits(digit, tone_ms=60, pause_ms=40)[:480] for digit in "56")
    assert [digit.digit for digit in heard(np.concatenate((five, six)))] == ["5", "6"]


@pytest.mark.parametrize("share", [-0.015, -0.008, 0.008, 0.015])
def test_tones_that_are_off_by_one_and_a_half_per_cent_are_heard(share: float) -> None:
    """MED-13: Q.24 frequency tolerance; beyond 3.5 % they are no digit."""
    assert [d.digit for d in heard(pair(770 * (1 + share), 1336 * (1 - share), -10, -10))] == ["5"]
    assert heard(pair(770 * (1 + 4 * share / 1.5), 1336, -10, -10)) == [] or abs(share) < 0.01


@pytest.mark.parametrize(("twist_db", "taken"), [(-8, True), (0, True), (4, True), (-13, False), (9, False)])
def test_twist_of_telephones_is_taken_and_more_is_not(twist_db: float, taken: bool) -> None:
    """MED-13: Q.24: the column 4 dB above the row to 8 dB below it."""
    assert bool(heard(pair(852, 1477, -12, -12 + twist_db))) is taken


@pytest.mark.parametrize(("level_dbm0", "taken"), [(-4, True), (-29, True), (-42, False)])
def test_soft_tones_count_down_to_the_threshold(level_dbm0: float, taken: bool) -> None:
    """MED-13."""
    assert bool(heard(pair(852, 1477, level_dbm0, level_dbm0))) is taken


def test_noise_of_the_line_does_not_hide_a_digit() -> None:
    """MED-13: 15 dB below the tones."""
    audio = dtmf_digits("0123456789", tone_ms=60, pause_ms=60).astype(float)
    noise = np.random.default_rng(4).standard_normal(len(audio)) * dbm0_amplitude(-10 - 15)
    assert "".join(digit.digit for digit in heard(np.rint(audio + noise).astype(np.int16))) == "0123456789"


@pytest.mark.parametrize("seed", range(4))
def test_speech_presses_no_key(seed: int) -> None:
    """MED-13: talk-off: a minute of voices and hisses."""
    assert heard(speech_like_noise(60, seed)) == []


@given(st.lists(st.text(DTMF_DIGITS, min_size=1, max_size=4), min_size=2, max_size=4), st.integers(0, 160))
@settings(max_examples=15, deadline=None)
def test_many_streams_hear_what_each_hears_alone(rows: list[str], offset: int) -> None:
    """MED-13, MED-26: batch equals scalar."""
    audio = np.zeros((len(rows), 160 * 40), np.int16)
    for row, digits in enumerate(rows):
        tones = dtmf_digits(digits, tone_ms=50 + 10 * row, pause_ms=50)
        audio[row, offset * row : offset * row + len(tones)] = tones[: audio.shape[1] - offset * row]
    bank = InbandDetector(len(rows))
    found: list[InbandDigit] = []
    for first in range(0, audio.shape[1], 160):
        found += bank.process(audio[:, first : first + 160])
    for row, samples in enumerate(audio):
        assert [one.digit for one in found if one.row == row] == heard(samples)


def test_a_row_that_is_given_to_another_stream_has_heard_nothing() -> None:
    """MED-26."""
    detector = InbandDetector(1)
    detector.process(dtmf_digits("5", tone_ms=80, pause_ms=40)[None, :640])
    detector.reset(np.array([0]))
    assert detector.process(np.zeros((1, 800), np.int16)) == []


def test_impossible_rates_and_frames_are_refused() -> None:
    """MED-13."""
    for sample_rate in (4000, 11_025):
        with pytest.raises(LocalProtocolError):
            InbandDetector(1, sample_rate)
    with pytest.raises(LocalProtocolError):
        InbandDetector(1).process(np.zeros((1, 81), np.int16))
    with pytest.raises(LocalProtocolError):
        dtmf_digits("5", tone_ms=0)


def test_a_press_that_comes_two_ways_is_one() -> None:
    """MED-13: the source is named; the same digit twice by one way is two presses."""
    merger = DigitMerger()
    by = {source: Digit("5", 100, 10, True, source) for source in DigitSource}
    assert merger.receive(by[DigitSource.RTP], 1.0)
    assert not merger.receive(by[DigitSource.INBAND], 1.1)
    assert not merger.receive(by[DigitSource.INFO], 1.2)
    assert merger.receive(by[DigitSource.RTP], 1.3)
    assert merger.receive(Digit("6", 100, 10, True, DigitSource.INFO), 1.4)
    assert merger.receive(by[DigitSource.INFO], 3.0)
    assert merger.repeated == 2


def test_presses_that_come_in_another_order_by_another_way_are_the_same() -> None:
    """MED-13: the audio is heard later than the events; "11" and "2" are three presses, told once each."""
    merger = DigitMerger()
    told = [
        (digit, source.value)
        for at, digit, source in (
            (0.00, "1", DigitSource.RTP),
            (0.15, "1", DigitSource.RTP),
            (0.20, "1", DigitSource.INBAND),
            (0.30, "2", DigitSource.RTP),
            (0.35, "1", DigitSource.INBAND),
            (0.50, "2", DigitSource.INBAND),
            (0.60, "1", DigitSource.INFO),
        )
        if merger.receive(Digit(digit, 80, 10, True, source), at)
    ]
    assert told == [("1", "rfc4733"), ("1", "rfc4733"), ("2", "rfc4733")]
    assert merger.repeated == 4


def test_a_long_press_is_told_at_its_beginning_and_at_its_end() -> None:
    """MED-13: INFO when the key goes down, the event when it comes up 2 s later."""
    merger = DigitMerger()
    assert merger.receive(Digit("7", 0, 0, True, DigitSource.INFO), 0.1)
    assert not merger.receive(Digit("7", 2_000, 10, True, DigitSource.RTP), 2.2)
    assert merger.receive(Digit("7", 2_000, 10, True, DigitSource.RTP), 4.4)
