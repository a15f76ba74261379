"""Reading WAV files: what real ones hold, and what broken ones do."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.audio import WavEncoding, WavFormat, WavReader
from sansio_rtp.codec import PCMA, PCMU, G711Codec
from sansio_rtp.errors import AudioFormatError

RAMP = np.arange(-300, 300, dtype=np.int16)


def chunk(name: bytes, content: bytes, *, size: int | None = None) -> bytes:
    """Return a RIFF chunk, padded, with a wrong size on demand."""
    stated = len(content) if size is None else size
    return name + struct.pack("<I", stated) + content + b"\0" * (len(content) % 2)


def fmt(tag: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16) -> bytes:
    """Return a fmt chunk."""
    block = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits))


def riff(*chunks: bytes) -> bytes:
    """Return a whole file."""
    return chunk(b"RIFF", b"WAVE" + b"".join(chunks))


def test_pcm_mono_is_read_in_pieces() -> None:
    """MED-18: 600 samples at 16 kHz."""
    reader = WavReader(riff(fmt(rate=16_000), chunk(b"data", RAMP.astype("<i2").tobytes())))
    assert (reader.sample_rate, reader.format.channels, reader.frames_left) == (16_000, 1, 600)
    first, second, end = reader.read(400), reader.read(400), reader.read(400)
    assert np.array_equal(np.concatenate((first, second))[:, 0], RAMP)
    assert end.shape == (0, 1)
    assert reader.frames_left == 0


def test_stereo_keeps_its_channels_and_folds_to_mono() -> None:
    """MED-18."""
    data = riff(fmt(channels=2), chunk(b"data", RAMP.astype("<i2").tobytes()))
    assert np.array_equal(WavReader(data).read_all(), RAMP.reshape(-1, 2))
    assert np.array_equal(WavReader(data).read_mono(300), RAMP.reshape(-1, 2).mean(axis=1) // 1)


@pytest.mark.parametrize(("tag", "codec"), [(7, PCMU), (6, PCMA)])
def test_g711_files_are_decoded(tag: int, codec: G711Codec) -> None:
    """MED-7."""
    octets = bytes(range(255))
    samples = WavReader(riff(fmt(tag, bits=8), chunk(b"data", octets))).read_mono(1000)
    assert np.array_equal(samples, codec.decode(octets))


def test_extensible_headers_name_their_format_in_the_subformat() -> None:
    """MED-18: what multichannel tools write."""
    guid = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    extension = struct.pack("<HHI", 22, 16, 4) + guid
    header = chunk(b"fmt ", struct.pack("<HHIIHH", 0xFFFE, 1, 48_000, 96_000, 2, 16) + extension)
    reader = WavReader(riff(header, chunk(b"data", RAMP.tobytes())))
    assert reader.format == WavFormat(48_000, 1, WavEncoding.PCM16)


def test_unknown_chunks_of_odd_length_are_skipped() -> None:
    """MED-18."""
    junk = [chunk(b"JUNK", b"x" * 27), chunk(b"LIST", b"INFOIART"), chunk(b"bext", b"y" * 70_001)]
    reader = WavReader(
        riff(junk[0], fmt(), *junk[1:], chunk(b"data", RAMP.tobytes()), chunk(b"id3 ", b"tail"))
    )
    assert np.array_equal(reader.read_mono(10_000), RAMP)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 100_000])
def test_a_file_whose_size_is_unknown_or_too_large_is_read_to_its_end(size: int) -> None:
    """MED-18: written to a pipe, or cut off; half a sample at the end is dropped."""
    reader = WavReader(riff(fmt(), chunk(b"data", RAMP.tobytes() + b"\x01", size=size))[:-1])
    assert np.array_equal(reader.read_all()[:, 0], RAMP)


def test_a_file_that_gives_single_octets_is_read_all_the_same() -> None:
    """MED-18: a pipe may give less than was asked for."""

    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(1, size or 0))

    reader = WavReader(Trickle(riff(fmt(), chunk(b"data", RAMP.tobytes()))))
    assert np.array_equal(reader.read_mono(600), RAMP)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a WAV file"),
        (b"OggS" + bytes(100), "not a WAV file"),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(100), "not a WAV file"),
        (riff(), "no data chunk"),
        (riff(fmt()), "no data chunk"),
        (riff(chunk(b"data", RAMP.tobytes())), "samples before a fmt chunk"),
        (riff(chunk(b"fmt ", b"\x01\x00"), chunk(b"data", b"")), "fmt chunk has 2 octets"),
        (riff(fmt(3, bits=32), chunk(b"data", b"")), "32-bit floating-point samples"),
        (riff(fmt(1, bits=8), chunk(b"data", b"")), "8-bit PCM samples"),
        (riff(fmt(1, bits=24), chunk(b"data", b"")), "24-bit PCM samples"),
        (riff(fmt(85, bits=0), chunk(b"data", b"")), "MP3"),
        (riff(fmt(0x1234), chunk(b"data", b"")), "format 0x1234"),
        (riff(fmt(channels=6), chunk(b"data", b"")), "6 channels"),
        (riff(fmt(channels=0), chunk(b"data", b"")), "0 channels"),
        (riff(fmt(rate=0), chunk(b"data", b"")), "sample_rate is 0"),
        (riff(*[chunk(b"JUNK", b"")] * 2000), "no data chunk"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(data: bytes, message: str) -> None:
    """MED-18: the wrong file given to a player."""
    with pytest.raises(AudioFormatError, match=message) as caught:
        WavReader(data)
    assert "\n" not in str(caught.value)


VALID = riff(chunk(b"JUNK", b"abc"), fmt(), chunk(b"data", RAMP[:40].tobytes()))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_files_give_audio_or_an_audio_format_error(data: st.DataObject) -> None:
    """MED-18: any cut and any octets changed."""
    damaged = bytearray(VALID[: data.draw(st.integers(0, len(VALID)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(damaged) - 1)), max_size=4)):
        damaged[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
    try:
        samples = WavReader(bytes(damaged)).read_all()
    except AudioFormatError:
        return
    assert samples.dtype == np.int16
    assert samples.size <= len(VALID)
