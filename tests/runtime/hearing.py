"""What is heard in a call: by spectrum."""

from __future__ import annotations

import numpy as np
import pytest
import trio

from sansio_rtp.audio import ToneSource, sine
from trio_runtime import Call

__all__ = ["talk", "tone_at", "tones_at"]

RATE = 8_000


async def tone_at(call: Call, seconds: float = 0.8) -> float:
    """Return the frequency that sounds loudest from now on, in Hz."""
    frames = []
    with trio.move_on_after(seconds):
        async for frame in call.audio:
            frames.append(frame)
    samples = np.concatenate(frames[-25:]).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(spectrum.argmax() * RATE / samples.size)


async def talk(near: Call, far: Call) -> None:
    """Check that each hears what the other one says."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(near.play, ToneSource(sine(700.0)))
        nursery.start_soon(far.play, ToneSource(sine(1_100.0)))
        await trio.sleep(0.4)
        assert await tone_at(far) == pytest.approx(700, abs=5)
        assert await tone_at(near) == pytest.approx(1_100, abs=5)
        nursery.cancel_scope.cancel()


async def tones_at(call: Call, seconds: float = 0.8) -> set[int]:
    """Return the frequencies, in steps of 50 Hz, in the last 0.4 of so many seconds from now on."""
    frames = []
    with trio.move_on_after(seconds):
        async for frame in call.audio:
            frames.append(frame)
    if not frames:
        return set()
    rate = call.audio.rate
    samples = np.concatenate(frames[-25:]).astype(float)[-rate * 2 // 5 :]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    if spectrum.max() < 1e4:
        return set()
    found = np.flatnonzero(spectrum > spectrum.max() * 0.2) * rate / samples.size
    return {round(hertz / 50) * 50 for hertz in found.tolist() if hertz > 100}
