"""A recording that may be read, or lost, at any moment."""

from __future__ import annotations

import io
import wave

import numpy as np
import numpy.typing as npt
import pytest

from sansio_rtp.audio import WavEncoding, WavReader, WavWriter, to_stereo
from sansio_rtp.codec import PCMA, PCMU, G711Codec
from sansio_rtp.errors import AudioFormatError, LocalProtocolError


def noise(n_samples: int) -> npt.NDArray[np.int16]:
    """Return reproducible samples."""
    return np.random.default_rng(n_samples).integers(-32768, 32768, n_samples).astype(np.int16)


class SnapshotFile(io.BytesIO):
    """A file that keeps what is on disk after each operation that writes."""

    def __init__(self) -> None:
        """Start without a snapshot."""
        super().__init__()
        self.snapshots: list[bytes] = []

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Write and take a snapshot."""
        written = super().write(data)
        self.snapshots.append(self.getvalue())
        return written


def test_the_file_is_valid_after_every_write() -> None:
    """MED-23: read by the standard library's own reader; frames of different lengths."""
    file, sent = io.BytesIO(), np.zeros(0, np.int16)
    writer = WavWriter(file, 8000)
    for n_samples in (0, 160, 160, 7, 1, 800):
        writer.write(noise(n_samples))
        sent = np.concatenate((sent, noise(n_samples)))
        with wave.open(io.BytesIO(file.getvalue())) as reader:
            assert (reader.getnchannels(), reader.getframerate(), reader.getsampwidth()) == (1, 8000, 2)
            assert np.array_equal(np.frombuffer(reader.readframes(10_000), "<i2"), sent)
    assert writer.frames == len(sent)
    assert writer.duration_s == len(sent) / 8000


@pytest.mark.parametrize("encoding", list(WavEncoding))
def test_a_crash_between_any_two_operations_loses_only_the_frame_being_written(encoding: WavEncoding) -> None:
    """MED-23."""
    file = SnapshotFile()
    writer = WavWriter(file, 8000, encoding=encoding)
    for _ in range(5):
        writer.write(noise(161))
    lengths = [len(WavReader(snapshot).read_mono(10_000)) for snapshot in file.snapshots[2:]]
    assert lengths == sorted(lengths)
    assert set(lengths[1:]) <= {161 * frames for frames in range(6)}
    assert lengths[-1] == 5 * 161


@pytest.mark.parametrize(("encoding", "codec"), [(WavEncoding.PCMU, PCMU), (WavEncoding.PCMA, PCMA)])
def test_g711_files_of_odd_length_are_padded_and_go_on_without_a_gap(
    encoding: WavEncoding, codec: G711Codec
) -> None:
    """MED-7, MED-23: half the size of PCM."""
    file = io.BytesIO()
    writer = WavWriter(file, 8000, encoding=encoding)
    sent = noise(9)
    for piece in (sent[:3], sent[3:4], sent[4:]):
        writer.write(piece)
        content = file.getvalue()
        assert len(content) % 2 == 0
        assert int.from_bytes(content[4:8], "little") == len(content) - 8
    reader = WavReader(content)
    assert reader.frames_left == 9
    assert np.array_equal(reader.read_mono(100), codec.decode(codec.encode(sent)))


def test_both_sides_of_a_call_go_to_two_channels() -> None:
    """MED-23: channels split; the shorter side ends in silence."""
    file = io.BytesIO()
    writer = WavWriter(file, 8000, 2)
    writer.write(to_stereo(noise(160), noise(100)))
    frames = WavReader(file.getvalue()).read_all()
    assert np.array_equal(frames[:, 0], noise(160))
    assert np.array_equal(frames[:100, 1], noise(100))
    assert not frames[100:, 1].any()


@pytest.mark.parametrize(
    "samples",
    [np.zeros(160, np.float64), np.zeros((160, 2), np.int16), np.zeros((1, 160, 1), np.int16)],
    ids=["float", "stereo", "three dimensions"],
)
def test_samples_of_another_shape_are_refused_and_change_nothing(samples: npt.NDArray[np.int16]) -> None:
    """MED-23."""
    file = io.BytesIO()
    writer = WavWriter(file)
    before = file.getvalue()
    with pytest.raises(LocalProtocolError, match="WAV takes int16 samples of 1 channels"):
        writer.write(samples)
    assert file.getvalue() == before


@pytest.mark.parametrize(("rate", "channels"), [(0, 1), (8000, 0), (8000, 3), (1_000_000, 1)])
def test_impossible_formats_are_refused_at_once(rate: int, channels: int) -> None:
    """MED-23."""
    with pytest.raises(AudioFormatError):
        WavWriter(io.BytesIO(), rate, channels)


def test_a_file_stops_before_its_sizes_overflow() -> None:
    """MED-23: four gigabytes are the end of the format."""
    file = io.BytesIO()
    writer = WavWriter(file)
    writer.frames = (0xFFFFFFFF - 200) // 2
    with pytest.raises(AudioFormatError, match="4 GiB"):
        writer.write(noise(160))
    assert len(file.getvalue()) == 44
