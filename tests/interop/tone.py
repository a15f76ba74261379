"""The 1 kHz tone that goes through the calls, and what is asked of it at the far end."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sansio_rtp.audio import find_tone, trim_silence

RATE = 8_000
TONE_HZ = 1_000.0
LEVEL_DBOV = -15.1  # of a sine with a peak of 8000
MIN_SNDR_DB = 33.0  # what one pass through G.711 leaves of any tone


def tone(seconds: float, frequency_hz: float = TONE_HZ, rate: int = RATE) -> npt.NDArray[np.int16]:
    """Return a sine with a peak of 8000, int16, shape (n_samples,), at `rate` samples a second."""
    angle = 2 * np.pi * frequency_hz * np.arange(round(seconds * rate)) / rate
    return np.asarray(np.rint(8_000 * np.sin(angle)), np.int16)


def write_tone(path: Path, seconds: float, rate: int = RATE, channels: int = 1) -> Path:
    """Write the tone as a WAV file, with Python's own writer, and return its path."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(tone(seconds, rate=rate), channels).astype("<i2").tobytes())
    return path


def assert_tone(
    samples: npt.NDArray[np.int16],
    *,
    at_least_s: float,
    frequency_hz: float = TONE_HZ,
    level_dbov: float | None = LEVEL_DBOV,
    rate: int = RATE,
    sndr_db: float = MIN_SNDR_DB,
) -> None:
    """Check that the samples, less the silence around, are the tone: long, loud and clean enough."""
    heard = trim_silence(samples, rate)
    found = find_tone(heard, rate)
    what = f"{heard.size / rate:.2f} of {samples.size / rate:.2f} s heard: {found}"
    assert heard.size >= at_least_s * rate, what
    assert abs(found.frequency_hz - frequency_hz) < 1, what
    assert found.sndr_db >= sndr_db, f"{what}, {_breaks(heard, rate)}"
    assert level_dbov is None or abs(found.level_dbov - level_dbov) < 0.5, what


def _breaks(heard: npt.NDArray[np.int16], rate: int) -> str:
    """Say where the tone is broken: the 20 ms blocks that are not clean by themselves."""
    size = rate // 50
    blocks = [heard[start : start + size] for start in range(0, heard.size - size + 1, size)]
    bad = [
        f"{index * 20} ms"
        for index, block in enumerate(blocks)
        if find_tone(block, rate).sndr_db < MIN_SNDR_DB - 6
    ]
    return f"broken at {', '.join(bad[:10]) or 'no one place'} ({len(bad)} of {len(blocks)} blocks)"
