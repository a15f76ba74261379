"""What is heard: the jitter buffer's timeline as frames of one length and rate."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from ..codec import ComfortNoise, NoiseGenerator
from ..ids import RtpIds
from ..jitter import SHORTEST_MS, JitterBuffer, SlotKind
from ..machine import Outbox
from .config import RtpSessionConfig
from .events import CodecChanged, RtpEvent
from .voice import Voice

_Audio = npt.NDArray[np.int16]


class Playout:
    """Pulls audio out of a jitter buffer, frame by frame.

    Attributes:
        voice: The decoders.
        rest: What was decoded and not played yet.
    """

    def __init__(
        self, config: RtpSessionConfig, jitter: JitterBuffer, outbox: Outbox[RtpEvent], *, ids: RtpIds
    ) -> None:
        """Begin with silence; changes of the codec go to `outbox`."""
        self._jitter = jitter
        self._outbox = outbox
        self._clock_rate = config.clock_rate
        self.voice = Voice(config.clock_rate, partial(_make_noise, ids))
        self.rest: _Audio = np.zeros(0, np.int16)
        self._rate = config.audio_rate
        self._payload_type: int | None = None
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take codecs, rate and length of the frames."""
        self._frame = config.frame_samples
        if config.audio_rate != self._rate:
            self._rate = config.audio_rate
            self.clear()
        formats = config.fallbacks | config.receive_formats
        self.voice.configure(formats, config.noise_receive_payload_type, config.audio_rate)

    def clear(self) -> None:
        """Throw away what was decoded and not played yet."""
        self.rest = self.rest[:0]

    def skip(self, now: float) -> None:
        """Leave out what waits longer than it should, and what is left of the packet before."""
        self.clear()
        self._jitter.skip(now)

    def frame(self, now: float) -> _Audio:
        """Return the next frame, int16, shape (frame_samples,): audio, concealment, noise or silence."""
        frame, rest = self._frame, self.rest
        if not rest.size:
            rest = self._pull(now, 0)
            if rest.size == frame:
                return rest
        while rest.size < frame:
            rest = np.concatenate((rest, self._pull(now, rest.size)))
        self.rest = rest[frame:]
        return rest[:frame].copy()

    def table(self, frame: int) -> str | None:
        """Return the name of the table that makes each packet of `frame` units a frame, or None.

        It is none while a period may be left of the packet before: after stretching, it is taken away soon.
        """
        return (
            None
            if self.rest.size * 1_000 >= SHORTEST_MS * self._rate or frame != self._frame
            else self.voice.table
        )

    def silence(self) -> _Audio:
        """Return a frame without sound."""
        return np.zeros(self._frame, np.int16)

    def _pull(self, now: float, ahead: int) -> _Audio:
        slot = self._jitter.pop(now, ahead * self._clock_rate // self._rate)
        if slot.kind is SlotKind.BUFFERING:
            return np.zeros(slot.duration * self._rate // self._clock_rate, np.int16)
        samples = self.voice.play(slot)
        if self.voice.payload_type != self._payload_type:
            self._tell_codec()
        return samples

    def _tell_codec(self) -> None:
        codec, payload_type = self.voice.codec, self.voice.payload_type
        if codec is not None and payload_type is not None:
            if self._payload_type is not None:
                self._outbox.emit(CodecChanged(payload_type, codec.label))
            self._payload_type = payload_type


def _make_noise(ids: RtpIds, noise: ComfortNoise) -> NoiseGenerator:
    return NoiseGenerator(np.random.Generator(np.random.PCG64(ids.seed())), noise)
