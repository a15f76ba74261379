"""Concealment: no click at the edges, no sound that goes on for ever."""

from __future__ import annotations

import numpy as np
import pytest

from sansio_rtp.audio import Concealer, ToneSource, dbov, sine

FRAME = 160


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
