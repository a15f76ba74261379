"""Conferences in rows: many rooms, no click, and who speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.audio import (
    ConferenceMixer,
    Resampler,
    ToneSource,
    find_tone,
    mix_minus_self,
    sine,
    soft_limit,
)
from sansio_rtp.errors import LocalProtocolError

FRAME = 160
Samples = np.ndarray[Any, np.dtype[np.int16]]


def settled(rooms: list[int], **options: Any) -> ConferenceMixer:
    """Return a mixer whose row i is in `rooms[i]` (-1: in none) and has faded in."""
    mixer = ConferenceMixer(len(rooms), FRAME, **options)
    for row, room in enumerate(rooms):
        if room >= 0:
            mixer.join(row, room)
    mixer.mix(np.zeros((len(rooms), FRAME), np.int16))
    return mixer


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=12), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_many_rooms_at_once_are_what_each_room_is_alone(rooms: list[int], seed: int) -> None:
    """MED-17, MED-26: unequal rooms; the sum of the others, saturated after the subtraction."""
    frames = np.random.default_rng(seed).integers(-32768, 32768, (len(rooms), FRAME)).astype(np.int16)
    heard = settled(rooms, soft=False).mix(frames)
    for room in set(rooms):
        rows = [row for row, other in enumerate(rooms) if other == room]
        expected = mix_minus_self(frames[rows]) if room >= 0 else np.zeros((len(rows), FRAME))
        assert np.array_equal(heard[rows], expected)


def test_joining_and_leaving_do_not_click() -> None:
    """MED-17: both what the others hear and what the member hears go up and down in a ramp."""
    tones = [ToneSource(sine(100), level_dbm0=-3) for _ in range(2)]
    mixer = settled([0, 0, -1])
    heard: list[Samples] = []
    own_step = 0
    for tick in range(12):
        frames = np.stack([tones[0].read(FRAME), np.zeros(FRAME, np.int16), tones[1].read(FRAME)])
        own_step = max(own_step, int(np.max(np.abs(np.diff(frames[0].astype(int))))))
        if tick == 4:
            mixer.join(2, 0)
        if tick == 8:
            mixer.leave(2)
            assert mixer.members(0) == [0, 1]
        heard.append(mixer.mix(frames))
    audio = np.concatenate(heard, axis=1).astype(int)
    steps = np.max(np.abs(np.diff(audio, axis=1)), axis=1)
    assert steps[1] <= 2.2 * own_step
    assert steps[2] <= 1.1 * own_step
    assert audio[2, 5 * FRAME : 8 * FRAME].any()
    assert not audio[2, : 4 * FRAME].any()
    assert not audio[2, 9 * FRAME :].any()


def test_gain_and_mute_reach_the_others_only() -> None:
    """MED-17."""
    mixer = settled([7, 7, 7], soft=False)
    frames = np.stack([np.full(FRAME, value, np.int16) for value in (1000, 10, 1)])
    mixer.set_gain(0, 0.5)
    mixer.mute(1)
    mixer.mix(frames)
    assert mixer.mix(frames)[:, -1].tolist() == [1, 501, 500]
    mixer.mute(1, False)
    mixer.mix(frames)
    assert mixer.mix(frames)[:, -1].tolist() == [11, 501, 510]


def test_a_member_can_be_hidden_from_single_others() -> None:
    """QUE-6, MED-17: the customer (0) does not hear the supervisor (2), the agent (1) does."""
    mixer = settled([7, 7, 7, 9, 9, 9], soft=False)
    frames = np.repeat(np.array([1000, 10, 1, 2000, 20, 2], np.int16), FRAME).reshape(6, FRAME)
    mixer.hide(2, 0)
    mixer.hide(5, 3)
    mixer.hide(4, 3)
    ramp = mixer.mix(frames)
    assert (ramp[0, 0], ramp[0, -1]) == (11, 10)
    assert mixer.mix(frames)[:, -1].tolist() == [10, 1001, 1010, 0, 2002, 2020]
    mixer.set_gain(2, 5.0)
    mixer.mix(frames)
    assert mixer.mix(frames)[:3, -1].tolist() == [10, 1005, 1010]
    mixer.hide(2, 0, False)
    mixer.hide(2, 1, False)
    mixer.mix(frames)
    assert mixer.mix(frames)[:, -1].tolist() == [15, 1005, 1010, 0, 2002, 2020]


def test_who_is_hidden_is_not_heard_in_its_first_frame_and_heard_after_coming_back() -> None:
    """QUE-6: hiding ends with the membership of either, and begins before the first sound."""
    mixer = settled([0, 0, -1])
    frames = np.full((3, FRAME), 8_000, np.int16)
    mixer.join(2, 0)
    mixer.hide(2, 0)
    assert np.array_equal(mixer.mix(frames)[0], frames[1])
    mixer.leave(2)
    assert np.array_equal(mixer.mix(frames)[0], frames[1])
    mixer.join(2, 0)
    mixer.mix(frames)
    assert mixer.mix(frames)[0, -1] == 16_000


def test_hiding_does_not_click() -> None:
    """QUE-6, MED-17: of a slow tone no step is larger than its own."""
    mixer = settled([0, 0])
    tone = (8_000 * np.sin(np.arange(20 * FRAME) * 2 * np.pi * 60 / 8_000)).astype(np.int16)
    heard = []
    for tick in range(20):
        if tick in (5, 12):
            mixer.hide(0, 1, tick == 5)
        heard.append(mixer.mix(np.stack([tone[tick * FRAME :][:FRAME], np.zeros(FRAME, np.int16)]))[1])
    assert not np.concatenate(heard[6:12]).any()
    steepest = np.abs(np.diff(np.concatenate(heard).astype(int))).max()
    assert steepest <= 1.3 * np.abs(np.diff(tone.astype(int))).max()


def test_a_member_that_comes_back_before_it_was_gone_goes_on() -> None:
    """MED-17: in the same room without a ramp, in another one with it."""
    frames = np.full((3, FRAME), 1000, np.int16)
    mixer = settled([0, 0, 1])
    mixer.leave(0)
    mixer.join(0, 0)
    assert mixer.mix(frames)[1, 0] == 1000
    mixer.leave(0)
    mixer.join(0, 1)
    heard = mixer.mix(frames)
    assert heard[2, 0] < 20
    assert heard[1, 0] == 0
    assert mixer.members(1) == [0, 2]


def test_members_of_other_rates_are_resampled_into_the_room() -> None:
    """MED-17, MED-18: 8 kHz hears 16 kHz."""
    mixer = settled([0, 0])
    source, resampler = ToneSource(sine(1000), 16_000), Resampler(16_000, 8000)
    wideband = resampler.process(source.read(32_000))
    heard = [
        mixer.mix(np.stack([wideband[first : first + FRAME], np.zeros(FRAME, np.int16)]))[1]
        for first in range(0, 15_000, FRAME)
    ]
    assert find_tone(np.concatenate(heard), 8000).frequency_hz == pytest.approx(1000, abs=0.2)


def test_loud_sums_are_bent_and_quiet_ones_are_exact() -> None:
    """MED-17: soft limit: linear below, monotone, never beyond full scale."""
    total = np.arange(-120_000, 120_000, 7, dtype=np.int32)
    limited = soft_limit(total).astype(int)
    quiet = np.abs(total) <= 24_576
    assert np.array_equal(limited[quiet], total[quiet])
    assert np.all(np.diff(limited) >= 0)
    assert (int(limited.min()), int(limited.max())) == (-32767, 32767)
    assert soft_limit(total[quiet]).dtype == np.int16


def speak(mixer: ConferenceMixer, levels: list[int], ticks: int) -> None:
    frame = np.tile(np.array([1, -1], np.int16), FRAME // 2)
    for _ in range(ticks):
        mixer.mix(np.stack([frame * level for level in levels]).astype(np.int16))


def test_the_active_speaker_changes_with_hysteresis() -> None:
    """MED-17: a cough is no speaker, and nor is who is just a little louder."""
    mixer = settled([3, 3, 3, 5])
    assert mixer.active_speaker(3) is None
    assert mixer.active_speaker(99) is None
    speak(mixer, [2000, 20, 0, 50], 1)
    assert (mixer.active_speaker(3), mixer.active_speaker(5)) == (0, None)
    speak(mixer, [2000, 3000, 0, 0], 30)
    assert mixer.active_speaker(3) == 0
    speak(mixer, [2000, 9000, 0, 0], 5)
    assert mixer.active_speaker(3) == 0
    speak(mixer, [2000, 9000, 0, 0], 10)
    assert mixer.active_speaker(3) == 1
    speak(mixer, [0, 0, 0, 0], 50)
    assert mixer.active_speaker(3) == 1  # who spoke last
    mixer.leave(1)
    speak(mixer, [0, 0, 3000, 0], 2)
    assert mixer.active_speaker(3) == 2


def test_growing_changes_nothing_for_who_is_there() -> None:
    """MED-17: gains, mutes, a fade that has begun and the active speaker stay; new rows can join."""
    rows = np.random.default_rng(5).integers(-9_000, 9_000, (12, 3, 160)).astype(np.int16)
    fixed, growing = ConferenceMixer(6, 160), ConferenceMixer(3, 160)
    for mixer in (fixed, growing):
        mixer.join(0, 7, gain=0.5)
        mixer.join(1, 7)
        mixer.join(2, 7, muted=True)
    for tick, frames in enumerate(rows):
        if tick == 5:
            for mixer in (fixed, growing):
                mixer.leave(1)
            growing.grow(6)
        if tick == 6:
            for mixer in (fixed, growing):
                mixer.join(5, 7, gain=2.0)
        wide = np.concatenate((frames, frames))
        expected = fixed.mix(wide)
        heard = growing.mix(frames if tick < 5 else wide)
        np.testing.assert_array_equal(heard, expected[: len(heard)])
        assert growing.active_speaker(7) == fixed.active_speaker(7)
        assert growing.new_speakers == fixed.new_speakers
    with pytest.raises(LocalProtocolError, match="n_rows is 5, less than the 6"):
        growing.grow(5)


def test_new_speakers_are_told_once() -> None:
    """MED-17."""
    mixer = settled([0, 0, 1, 1])
    told = []
    for levels in ([0, 0, 0, 0], [900, 0, 0, 0], [900, 0, 0, 700], [900, 0, 0, 700]):
        speak(mixer, levels, 1)
        told.append(mixer.new_speakers)
    assert told == [[], [0], [3], []]


def test_misuse_is_refused_by_name() -> None:
    """MED-17."""
    mixer = settled([0, -1])
    misuses: list[Callable[[], None]] = [
        lambda: mixer.join(0, 1),
        lambda: mixer.join(1, -1),
        lambda: mixer.join(1, 0, gain=-1),
        lambda: mixer.set_gain(0, 17),
        lambda: mixer.set_gain(1, 1),
        lambda: mixer.mute(1),
        lambda: mixer.leave(1),
        lambda: mixer.hide(0, 1),
        lambda: mixer.hide(0, 0),
    ]
    for misuse in misuses:
        with pytest.raises(LocalProtocolError):
            misuse()
    assert mixer.members(0) == [0]
    assert not ConferenceMixer(2, FRAME).mix(np.ones((2, FRAME), np.int16)).any()
