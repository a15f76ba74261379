"""The header of a WAV file: RIFF chunks and what the `fmt ` chunk says (RFC 2361)."""

from __future__ import annotations

import struct
from enum import IntEnum

import attrs

from ..errors import AudioFormatError

MAX_CHUNK = 0xFFFFFFFF
"""Largest size a RIFF chunk can state; writers to a pipe also use it for «unknown»."""

_FMT = struct.Struct("<HHIIHH")
_EXTENSIBLE = 0xFFFE
_SUBFORMAT_AT = 24  # offset of the 16-octet GUID in an extensible fmt chunk; its first two are the real tag
_RATES = range(1000, 384_001)
_MAX_CHANNELS = 2
_TAG_NAMES = {2: "ADPCM", 3: "floating-point", 17: "IMA ADPCM", 49: "GSM", 80: "MPEG", 85: "MP3"}


class WavEncoding(IntEnum):
    """How samples are stored; the value is the format tag (RFC 2361)."""

    PCM16 = 1
    PCMA = 6
    PCMU = 7

    @property
    def sample_bytes(self) -> int:
        """Octets a sample of one channel."""
        return 2 if self is WavEncoding.PCM16 else 1


@attrs.frozen
class WavFormat:
    """What the samples of a WAV file are.

    Attributes:
        sample_rate: Samples a second and channel, in Hz.
        channels: 1 or 2.
        encoding: How a sample is stored.
    """

    sample_rate: int
    channels: int = 1
    encoding: WavEncoding = WavEncoding.PCM16

    def __attrs_post_init__(self) -> None:
        """Check the ranges.

        Raises:
            AudioFormatError: The rate or the number of channels is out of range.
        """
        if self.sample_rate not in _RATES:
            raise AudioFormatError(f"WAV sample_rate is {self.sample_rate} Hz, not 1000 to 384000")
        if not 1 <= self.channels <= _MAX_CHANNELS:
            raise AudioFormatError(f"WAV has {self.channels} channels; 1 or 2 can be used")

    @property
    def frame_bytes(self) -> int:
        """Octets of one sample of every channel."""
        return self.channels * self.encoding.sample_bytes

    @property
    def header_bytes(self) -> int:
        """Length of what `header` returns."""
        return len(self.header(0))

    def header(self, data_bytes: int) -> bytes:
        """Return everything before the samples, for a `data` chunk of `data_bytes` octets."""
        fmt = _FMT.pack(
            self.encoding,
            self.channels,
            self.sample_rate,
            self.sample_rate * self.frame_bytes,
            self.frame_bytes,
            self.encoding.sample_bytes * 8,
        )
        chunks = _chunk(b"fmt ", fmt)
        if self.encoding is not WavEncoding.PCM16:
            # All but PCM carry the size of an extension and the number of samples.
            chunks = _chunk(b"fmt ", fmt + bytes(2))
            chunks += _chunk(b"fact", struct.pack("<I", data_bytes // self.frame_bytes))
        body_bytes = 4 + len(chunks) + 8 + data_bytes + data_bytes % 2
        return (
            struct.pack("<4sI4s", b"RIFF", body_bytes, b"WAVE")
            + chunks
            + struct.pack("<4sI", b"data", data_bytes)
        )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content


def parse_fmt_chunk(content: bytes) -> WavFormat:
    """Parse the content of a `fmt ` chunk.

    Raises:
        AudioFormatError: It is too short, or describes samples that cannot be read.
    """
    if len(content) < _FMT.size:
        raise AudioFormatError(f"WAV fmt chunk has {len(content)} octets, at least {_FMT.size} are needed")
    tag, channels, sample_rate, _, _, bits = _FMT.unpack_from(content)
    if tag == _EXTENSIBLE and len(content) >= _SUBFORMAT_AT + 16:
        (tag,) = struct.unpack_from("<H", content, _SUBFORMAT_AT)
    return WavFormat(sample_rate, channels, _encoding(tag, bits))


def _encoding(tag: int, bits: int) -> WavEncoding:
    for encoding in WavEncoding:
        # Bits matter for PCM only: G.711 has always 8, and some writers leave the field out.
        if tag == encoding and (encoding is not WavEncoding.PCM16 or bits == 16):
            return encoding
    what = "PCM" if tag == WavEncoding.PCM16 else _TAG_NAMES.get(tag, f"format {tag:#06x}")
    raise AudioFormatError(f"WAV holds {bits}-bit {what} samples; 16-bit PCM, PCMU and PCMA can be read")
