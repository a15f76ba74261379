"""Mixing and channels: sums that saturate."""

from __future__ import annotations

import numpy as np
import pytest

from sansio_rtp.audio import mix, mix_minus_self, to_mono, to_stereo
from sansio_rtp.errors import LocalProtocolError


def test_sums_saturate_instead_of_wrapping() -> None:
    """MED-17."""
    frame = np.array([30_000, -30_000, 100], np.int16)
    assert mix([frame, frame]).tolist() == [32767, -32768, 200]


def test_a_shorter_frame_ends_in_silence() -> None:
    """MED-17."""
    assert mix([np.array([1, 1, 1], np.int16), np.array([5], np.int16)]).tolist() == [6, 1, 1]


def test_a_single_frame_is_copied() -> None:
    """MED-17: the mix belongs to the caller."""
    frame = np.array([1, 2], np.int16)
    assert mix([frame]) is not frame


def test_nothing_cannot_be_mixed() -> None:
    """MED-17."""
    with pytest.raises(LocalProtocolError):
        mix([])


def test_each_member_hears_the_others_and_not_itself() -> None:
    """MED-17: minus own before saturation, so a full room does not distort a quiet member."""
    frames = np.array([[30_000, 1], [30_000, 2], [-30_000, 4]], np.int16)
    assert mix_minus_self(frames).tolist() == [[0, 6], [0, 5], [32767, 3]]


def test_channels_are_averaged_and_put_side_by_side() -> None:
    """MED-18."""
    stereo = to_stereo(np.array([32767, 10], np.int16), np.array([32767], np.int16))
    assert stereo.tolist() == [[32767, 32767], [10, 0]]
    assert to_mono(stereo).tolist() == [32767, 5]
    assert to_mono(stereo[:, :1]).tolist() == [32767, 10]
