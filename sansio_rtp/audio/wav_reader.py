"""Reading WAV files."""

from __future__ import annotations

import struct
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..codec.tables import ALAW_DECODE, MULAW_DECODE
from ..errors import AudioFormatError
from .mix import to_mono
from .wav_format import MAX_CHUNK, WavEncoding, WavFormat, parse_fmt_chunk

_DECODE = {WavEncoding.PCMU: MULAW_DECODE, WavEncoding.PCMA: ALAW_DECODE}
_MAX_FMT = 1024
_MAX_CHUNKS = 1000  # before the samples: a limit against a file made of empty chunks
_SKIP_STEP = 65536


class BinarySource(Protocol):
    """The part of a binary file that is read here; it need not be seekable."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` octets, b"" at the end."""
        ...


class _Bytes:
    """A `BinarySource` over octets in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read(self, size: int, /) -> bytes:
        piece, self._data = self._data[:size], self._data[size:]
        return bytes(piece)


class WavReader:
    """Audio from a WAV file: 16-bit PCM, PCMU or PCMA, one or two channels, any rate.

    Unknown chunks are skipped. A file that was cut off, or whose writer could not state the size (0 or the
    largest number), is read to its end.

    Attributes:
        format: What the file holds.
        sample_rate: Samples a second, in Hz.
    """

    __slots__ = ("_left", "_source", "format", "sample_rate")

    def __init__(self, source: BinarySource | bytes) -> None:
        """Read the header.

        Args:
            source: A binary file at its start, which the caller opens and closes, or its whole content.

        Raises:
            AudioFormatError: Not a WAV file, or one of another format; the text is one clear line.
        """
        self._source: BinarySource = _Bytes(source) if isinstance(source, bytes) else source
        self.format, self._left = self._read_header()
        self.sample_rate = self.format.sample_rate

    @property
    def frames_left(self) -> int | None:
        """Samples of each channel still to come as the header says, or None when it does not say."""
        return None if self._left is None else self._left // self.format.frame_bytes

    def read(self, n_frames: int) -> npt.NDArray[np.int16]:
        """Return the next samples, int16, shape (up to n_frames, channels); an empty array is the end."""
        data = self._read_octets(n_frames * self.format.frame_bytes)
        data = data[: len(data) // self.format.frame_bytes * self.format.frame_bytes]
        return self._samples(data).reshape(-1, self.format.channels)

    def read_mono(self, n_frames: int) -> npt.NDArray[np.int16]:
        """Return the next samples with both channels averaged, int16, shape (up to n_frames,)."""
        return to_mono(self.read(n_frames))

    def read_all(self) -> npt.NDArray[np.int16]:
        """Return all samples that are left, int16, shape (n_frames, channels)."""
        pieces = [self.read(_SKIP_STEP)]
        while len(pieces[-1]):
            pieces.append(self.read(_SKIP_STEP))
        return np.concatenate(pieces)

    def _samples(self, data: bytes) -> npt.NDArray[np.int16]:
        if self.format.encoding is WavEncoding.PCM16:
            return np.frombuffer(data, "<i2").astype(np.int16)
        return np.take(_DECODE[self.format.encoding], np.frombuffer(data, np.uint8))

    def _read_octets(self, size: int) -> bytes:
        if self._left is not None:
            size = min(size, self._left)
        pieces: list[bytes] = []
        # A pipe may give less than was asked for before its end.
        while size and (piece := self._source.read(size)):
            pieces.append(piece)
            size -= len(piece)
            if self._left is not None:
                self._left -= len(piece)
        return b"".join(pieces)

    def _read_header(self) -> tuple[WavFormat, int | None]:
        self._left = None
        riff, _, wave = struct.unpack("<4sI4s", self._read_octets(12).ljust(12, b"\0"))
        if (riff, wave) != (b"RIFF", b"WAVE"):
            raise AudioFormatError("not a WAV file: it does not begin with RIFF and WAVE")
        wav_format: WavFormat | None = None
        for _ in range(_MAX_CHUNKS):
            name, size = struct.unpack("<4sI", self._read_octets(8).ljust(8, b"\0"))
            if name == b"data":
                if wav_format is None:
                    raise AudioFormatError("WAV has its samples before a fmt chunk")
                return wav_format, None if size in (0, MAX_CHUNK) else size
            if name == b"fmt " and size <= _MAX_FMT:
                wav_format = parse_fmt_chunk(self._read_octets(size + size % 2))
            elif not self._skip(size + size % 2):
                break
        raise AudioFormatError("WAV has no data chunk")

    def _skip(self, size: int) -> bool:
        while size:
            piece = self._read_octets(min(size, _SKIP_STEP))
            if not piece:
                return False
            size -= len(piece)
        return True
