"""Filters on loudness over rows: voice activity, automatic gain, a noise gate, a meter; row i is stream i."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .level import SILENCE_DBOV

Rows = npt.NDArray[np.int16]
_FULL_SCALE = 32768.0


def dbov_rows(frames: Rows) -> npt.NDArray[np.float64]:
    """Return the level of each row of int16 (n_streams, n_samples) in dBov, float64, -127.0 to 0.0."""
    wide = frames.astype(np.float64)
    power = np.einsum("ij,ij->i", wide, wide) / frames.shape[1] / _FULL_SCALE**2
    return np.asarray(np.maximum(10.0 * np.log10(np.maximum(power, 1e-13)), SILENCE_DBOV), np.float64)


class LevelMeter:
    """Follows level and peak of each stream; the peak falls slowly, as on a meter.

    Attributes:
        level_dbov: float64, shape (n_streams,): level of the last frame.
        peak_dbov: float64, shape (n_streams,): the highest level lately.
    """

    __slots__ = ("_fall", "level_dbov", "peak_dbov")

    def __init__(self, n_streams: int, *, fall_db: float = 0.4) -> None:
        """Create a meter at silence whose peak falls by `fall_db` a frame."""
        self._fall = fall_db
        self.level_dbov: npt.NDArray[np.float64] = np.full(n_streams, SILENCE_DBOV)
        self.peak_dbov: npt.NDArray[np.float64] = np.full(n_streams, SILENCE_DBOV)

    def process(self, frames: Rows) -> None:
        """Take a tick, int16 (n_streams, n_samples)."""
        self.level_dbov = dbov_rows(frames)
        self.peak_dbov = np.maximum(self.level_dbov, self.peak_dbov - self._fall)


class VoiceDetector:
    """Tells speech from the noise behind it, by the level above a noise floor that it learns.

    The floor follows quieter frames at once and louder ones slowly. After speech it holds on for a while, so
    that the ends of words are not cut.

    Attributes:
        floor_dbov: float64, shape (n_streams,): level of the noise.
    """

    __slots__ = ("_hang", "_hang_frames", "_margin", "floor_dbov")

    def __init__(self, n_streams: int, *, margin_db: float = 9.0, hang_frames: int = 10) -> None:
        """Create a detector.

        Args:
            n_streams: Rows.
            margin_db: How far above the noise speech begins.
            hang_frames: Frames after speech that still count as speech.
        """
        self._margin = margin_db
        self._hang_frames = hang_frames
        self._hang: npt.NDArray[np.int64] = np.zeros(n_streams, np.int64)
        self.floor_dbov: npt.NDArray[np.float64] = np.full(n_streams, -60.0)

    def process(self, frames: Rows) -> npt.NDArray[np.bool_]:
        """Take a tick, int16 (n_streams, n_samples); return bool (n_streams,): True for speech."""
        level = dbov_rows(frames)
        loud = level > np.maximum(self.floor_dbov + self._margin, -60.0)
        # Noise that goes on becomes the floor: 6 dB a second upwards, and half the way down at once.
        rise, fall = (
            self.floor_dbov + np.minimum(0.12, level - self.floor_dbov),
            (self.floor_dbov + level) / 2,
        )
        self.floor_dbov = np.clip(np.where(level < self.floor_dbov, fall, rise), -75.0, -20.0)
        held = self._hang > 0
        self._hang = np.where(loud, self._hang_frames, np.maximum(self._hang - 1, 0))
        return loud | held


class AutomaticGain:
    """Brings speech to one level; silence and noise keep the gain they have.

    Attributes:
        gain_db: float64, shape (n_streams,): gain at the end of the last frame.
    """

    __slots__ = ("_max_gain", "_target", "_voice", "gain_db")

    def __init__(self, n_streams: int, *, target_dbov: float = -26.0, max_gain_db: float = 18.0) -> None:
        """Create a control at 0 dB.

        Args:
            n_streams: Rows.
            target_dbov: Level of speech that is wanted (ITU-T P.56 speaks of -26).
            max_gain_db: Limit of the gain, upwards and downwards.
        """
        self._target, self._max_gain = target_dbov, max_gain_db
        self._voice = VoiceDetector(n_streams, hang_frames=0)
        self.gain_db: npt.NDArray[np.float64] = np.zeros(n_streams)

    def process(self, frames: Rows) -> Rows:
        """Return a tick, int16 (n_streams, n_samples), at its gain: at most 0.2 dB up or 1 dB down."""
        wanted = np.clip(self._target - dbov_rows(frames), -self._max_gain, self._max_gain)
        speech = self._voice.process(frames)
        step = np.where(speech, np.clip(wanted - self.gain_db, -1.0, 0.2), 0.0)
        begin, self.gain_db = self.gain_db, self.gain_db + step
        return _ramped(frames, 10.0 ** (begin / 20.0), 10.0 ** (self.gain_db / 20.0))


class NoiseGate:
    """Silences what is below a threshold; opens within a frame and closes softly.

    Attributes:
        open: bool, shape (n_streams,): whether the last frame passed.
    """

    __slots__ = ("_close", "_gain", "_hold", "_hold_frames", "_open_at", "open")

    def __init__(
        self, n_streams: int, *, open_dbov: float = -50.0, close_dbov: float = -56.0, hold_frames: int = 10
    ) -> None:
        """Create a gate that is closed.

        Args:
            n_streams: Rows.
            open_dbov: Level from which on it opens.
            close_dbov: Level below which it closes, lower than `open_dbov`.
            hold_frames: Frames below that level before it closes.
        """
        self._open_at, self._close = open_dbov, close_dbov
        self._hold_frames = hold_frames
        self._hold: npt.NDArray[np.int64] = np.zeros(n_streams, np.int64)
        self._gain: npt.NDArray[np.float64] = np.zeros(n_streams)
        self.open: npt.NDArray[np.bool_] = np.zeros(n_streams, np.bool_)

    def process(self, frames: Rows) -> Rows:
        """Return a tick, int16 (n_streams, n_samples), gated."""
        level = dbov_rows(frames)
        self._hold = np.where(level >= self._close, self._hold_frames, self._hold - 1)
        self.open = (level >= self._open_at) | self.open & (self._hold > 0)
        begin = self._gain
        self._gain = np.where(self.open, 1.0, np.maximum(begin - 0.25, 0.0))
        return _ramped(frames, begin, self._gain)


def _ramped(frames: Rows, begin: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> Rows:
    """Scale each row from one gain to another, evenly over the frame, saturated."""
    n_samples = frames.shape[1]
    share = np.arange(1, n_samples + 1, dtype=np.float64) / float(n_samples)
    gain = begin[:, None] + (end - begin)[:, None] * share
    wide = frames.astype(np.float64) * gain
    return np.asarray(np.clip(np.rint(wide), -32768, 32767), np.int16)
