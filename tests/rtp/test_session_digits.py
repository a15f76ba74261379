"""Digits in the audio of a session, and the same digits as telephone-events, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sansio_rtp import Address, LocalProtocolError
from sansio_rtp.audio import ToneSource, dtmf_digits, dtmf_tone
from sansio_rtp.codec import PCMU
from sansio_rtp.dtmf import DTMF_DIGITS
from sansio_rtp.packet import RtpPacket
from sansio_rtp.session import DigitReceived
from tests.rtp.speech import speech_like_noise

Make = Callable[..., Any]
PEER: Address = ("192.0.2.2", 5000)


def say(pair: Any, audio: np.ndarray[Any, np.dtype[np.int16]]) -> None:
    whole = audio[: audio.size // 160 * 160].reshape(-1, 160)
    for frame in whole:
        pair.tick(frame)
    pair.run(0.3)


def heard(pair: Any) -> list[tuple[str, str]]:
    return [
        (event.digit, event.source)
        for name, event in pair.events
        if name == "bob" and isinstance(event, DigitReceived)
    ]


@pytest.mark.parametrize("codec", [0, 8])
def test_tones_in_the_audio_are_digits_with_their_source(make_pair: Make, codec: int) -> None:
    """MED-13: Goertzel over what is played, in either law."""
    pair = make_pair(inband_digits=True, send_payload_type=codec)
    say(pair, dtmf_digits(DTMF_DIGITS, tone_ms=80, pause_ms=80))
    assert heard(pair) == [(digit, "inband") for digit in DTMF_DIGITS]
    assert all(60 <= event.duration_ms <= 110 for event in pair.seen(DigitReceived))


def test_nobody_listens_unless_it_is_wanted(make_pair: Make, make_config: Make) -> None:
    """MED-13: and it can be turned on and off in mid-call."""
    pair = make_pair()
    tones = dtmf_digits("12", tone_ms=80, pause_ms=80)
    say(pair, tones)
    assert heard(pair) == []
    pair.bob.update(make_config(remote=("192.0.2.1", 4000), inband_digits=True), pair.now)
    say(pair, tones)
    pair.bob.update(make_config(remote=("192.0.2.1", 4000)), pair.now)
    say(pair, tones)
    assert heard(pair) == [("1", "inband"), ("2", "inband")]


def test_a_press_by_event_and_by_tone_counts_once(make_pair: Make) -> None:
    """MED-13: a gateway that leaves the beginning of the tone in the audio."""
    pair = make_pair(inband_digits=True)
    pair.run(0.5)
    for digit in "5507":
        tone = ToneSource(dtmf_tone(digit)).read(800)
        for frame in tone.reshape(-1, 160):
            pair.tick(frame)
        pair.alice.send_digit(digit, pair.now, duration_ms=100)
        pair.run(0.4)
    assert [digit for digit, _ in heard(pair)] == list("5507")
    pair.alice.send_digit("9", pair.now)
    pair.run(0.5)
    assert heard(pair)[-1] == ("9", "rfc4733")


def test_tones_are_heard_at_another_rate_and_under_loss(make_session: Make) -> None:
    """MED-13: at 16 kHz, concealment in between."""
    session = make_session(remote=PEER, rtcp=False, inband_digits=True, sample_rate=16_000)
    audio = dtmf_digits("159", tone_ms=100, pause_ms=100)
    for number, frame in enumerate(audio[: audio.size // 160 * 160].reshape(-1, 160)):
        if number % 7 != 6:
            packet = RtpPacket(0, number, number * 160, 9, PCMU.encode(frame))
            session.receive_packet(packet.to_bytes(), PEER, number * 0.02)
        session.playout(number * 0.02)
    for number in range(20):
        session.playout(1.0 + number * 0.02)
    digits = [event.digit for event in iter(session.next_event, None) if isinstance(event, DigitReceived)]
    assert digits == ["1", "5", "9"]


def test_speech_is_no_digit(make_pair: Make) -> None:
    """MED-13."""
    pair = make_pair(inband_digits=True)
    say(pair, speech_like_noise(4.0, seed=4))
    assert heard(pair) == []


def test_who_listens_for_tones_is_not_lent(make_session: Make) -> None:
    """MED-26: every frame is heard by the session itself."""
    for listens in (False, True):
        session = make_session(remote=PEER, inband_digits=listens)
        for number in range(40):
            packet = RtpPacket(0, number, number * 160, 9, bytes(160))
            session.receive_packet(packet.to_bytes(), PEER, number * 0.02)
            session.playout(number * 0.02)
        assert (session.lend_receiver() is None) is listens


@pytest.mark.parametrize("changes", [{"ptime_ms": 12}, {"sample_rate": 11_050}])
def test_frames_that_are_no_whole_steps_are_refused(make_config: Make, changes: dict[str, int]) -> None:
    """MED-13: when the configuration is made, with the name of the field."""
    make_config(**changes)
    with pytest.raises(LocalProtocolError, match="inband_digits"):
        make_config(inband_digits=True, **changes)
