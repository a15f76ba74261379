"""Opus by PyAV, for machines without libopus: at 48 kHz, without its concealment and error correction."""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from sansio_rtp.codec import OpusSettings
from sansio_rtp.errors import CodecError
from trio_runtime.media.codecs.missing import LibraryMissingError

__all__ = ["PyAvOpus"]

_CODEC = "libopus"
_RATE = 48_000

_Audio = npt.NDArray[np.int16]


class PyAvOpus:
    """The package `av`, once it is imported.

    Attributes:
        sample_rates: It decodes at 48 kHz only.
    """

    sample_rates = (_RATE,)

    def __init__(self, module: ModuleType) -> None:
        """Use an imported package.

        Raises:
            LibraryMissingError: It was built without libopus.
        """
        if _CODEC not in module.codecs_available:
            raise LibraryMissingError("the package av was built without libopus")
        self._av = module

    def encoder(self, sample_rate: int) -> _Encoder:
        """Return a new mono encoder for speech."""
        return _Encoder(self._av)

    def decoder(self, sample_rate: int) -> _Decoder:
        """Return a new mono decoder."""
        return _Decoder(self._av)


class _Encoder:
    """Opens a context when settings or length of the frames change: it takes both only at its beginning."""

    def __init__(self, av: Any) -> None:
        self._av = av
        self._settings = OpusSettings()
        self._context: Any = None
        self._length = self._sent = 0

    def configure(self, settings: OpusSettings) -> None:
        """Work in another way from the next frame on."""
        self._settings, self._context = settings, None

    def encode(self, samples: _Audio, max_octets: int) -> bytes:
        """Encode one frame."""
        if self._context is None or samples.size != self._length:
            self._open(samples.size)
        frame = self._av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _RATE, self._sent, Fraction(1, _RATE)
        self._sent += samples.size
        payload = b"".join(bytes(packet) for packet in self._context.encode(frame))
        if len(payload) > max_octets:
            raise CodecError(f"opus made {len(payload)} octets, not {max_octets}")
        return payload

    def _open(self, length: int) -> None:
        settings = self._settings
        context = self._av.CodecContext.create(_CODEC, "w")
        context.sample_rate, context.layout, context.format = _RATE, "mono", "s16"
        context.time_base, context.bit_rate = Fraction(1, _RATE), settings.bitrate
        context.options = {
            "application": "voip",
            "frame_duration": str(length * 1000 / _RATE),
            "compression_level": str(settings.complexity),
            "fec": str(int(settings.inband_fec)),
            "packet_loss": str(settings.loss_percent),
            "vbr": "on" if settings.vbr else "off",
        }
        context.open()
        self._context, self._length, self._sent = context, length, 0


class _Decoder:
    def __init__(self, av: Any) -> None:
        self._av = av
        self._context = av.CodecContext.create(_CODEC, "r")
        self._context.sample_rate, self._context.layout = _RATE, "mono"

    def decode(self, payload: bytes, max_samples: int) -> _Audio:
        """Decode one packet."""
        try:
            frames = self._context.decode(self._av.Packet(payload))
        except self._av.FFmpegError as error:
            raise CodecError(f"{len(payload)} octets are no opus packet: {error}") from error
        pieces = [np.asarray(frame.to_ndarray(), np.int16).reshape(-1) for frame in frames]
        return np.concatenate([np.zeros(0, np.int16), *pieces])

    def conceal(self, n_samples: int) -> None:
        """Return None: there is no way to tell it of a loss."""

    def recover(self, following: bytes, n_samples: int) -> None:
        """Return None: there is no way to ask it for the copy."""
