"""Audio that is fetched piece by piece: arrays, WAV files, and what is begun anew at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from sansio_rtp.audio import Resampler, WavReader
from trio_runtime.media.pcm_queue import PcmQueue
from trio_runtime.media.types import AudioFrame

__all__ = ["AudioFeed", "RepeatingFeed", "SampleFeed", "WavFeed"]


class AudioFeed(Protocol):
    """Audio at the rate of the call that is fetched piece by piece, such as `sansio_rtp.audio.ToneSource`."""

    def read(self, n_samples: int, /) -> AudioFrame:
        """Return up to `n_samples` samples, int16, shape (n,); an empty array is the end."""
        ...


class SampleFeed:
    """Samples that are all there."""

    def __init__(self, samples: AudioFrame) -> None:
        self._left = samples

    def read(self, n_samples: int) -> AudioFrame:
        """Return up to `n_samples` samples; see `AudioFeed`."""
        piece, self._left = self._left[:n_samples], self._left[n_samples:]
        return piece


class WavFeed:
    """A WAV file in memory, decoded and brought to our rate as it is played."""

    def __init__(self, content: bytes, rate: int) -> None:
        self._reader = WavReader(content)
        self._resampler = Resampler(self._reader.sample_rate, rate)
        self._step = -(-self._reader.sample_rate // 50)
        # Room for the rest that the resampler gives at the end, on top of what a tick brings.
        self._ready = PcmQueue(rate)

    def read(self, n_samples: int) -> AudioFrame:
        """Return up to `n_samples` samples; see `AudioFeed`."""
        while self._ready.waiting < n_samples:
            piece = self._reader.read_mono(self._step)
            if not piece.size:
                self._ready.put(self._resampler.flush())
                break
            self._ready.put(self._resampler.process(piece))
        return self._ready.take(n_samples)


class RepeatingFeed:
    """A feed that is begun anew whenever it is over."""

    def __init__(self, begin: Callable[[], AudioFeed]) -> None:
        self._begin = begin
        self._feed = begin()

    def read(self, n_samples: int) -> AudioFrame:
        """Return up to `n_samples` samples; see `AudioFeed`."""
        frame = self._feed.read(n_samples)
        if frame.size < n_samples:
            self._feed = self._begin()
            more = self._feed.read(n_samples - frame.size)
            frame = np.concatenate((frame, more))  # short only if there is less than one frame of it
        return frame
