from __future__ import annotations

import logging
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.audio import WavReader, find_tone
from tests.runtime.media_pair import CALL, media_pair
from tests.runtime.test_media_manager import tone
from trio_runtime.base import AudioFileError, MediaError
from trio_runtime.media import AudioFrame, Channels, Recorder


def read(path: Path) -> AudioFrame:
    reader = WavReader(path.read_bytes())
    assert reader.sample_rate == 8_000
    return reader.read_all()


def open_full() -> FileIO:
    return Path("/dev/full").open("wb", buffering=0)


def frame(value: int) -> AudioFrame:
    return np.full(160, value, np.int16)


@pytest.mark.parametrize(
    ("channels", "expected"), [("both", [30]), ("split", [10, 20]), ("received", [10]), ("sent", [20])]
)
def test_channels(tmp_path: Path, channels: Channels, expected: list[int]) -> None:
    """SES-16, MED-23."""
    path = tmp_path / "call.wav"
    recorder = Recorder(path, channels)
    for _ in range(30):
        recorder.take(frame(10), frame(20))
    recorder.close()
    recorder.close()
    recorder.take(frame(1), frame(1))
    samples = read(path)
    assert samples.shape == (30 * 160, len(expected))
    assert (samples == expected).all()
    assert recorder.duration_s == pytest.approx(0.6)


def test_file_is_valid_at_every_moment(tmp_path: Path) -> None:
    """SES-16: whatever happens next, the file can be read."""
    path = tmp_path / "call.wav"
    recorder = Recorder(path, "split")
    for number in range(1, 120):
        recorder.take(frame(number), frame(-number))
        assert len(read(path)) == number // 25 * 25 * 160, "written every half second"
    recorder.close()
    samples = read(path)
    assert len(samples) == 119 * 160
    assert samples[-1].tolist() == [119, -119]


def test_file_that_cannot_be_written_gives_one_clear_line(tmp_path: Path) -> None:
    """ERR-1."""
    with pytest.raises(AudioFileError, match=r"cannot record to .*: No such file"):
        Recorder(tmp_path / "none" / "call.wav")
    with pytest.raises(AudioFileError, match=r"cannot record to .*: Is a directory"):
        Recorder(tmp_path)
    with pytest.raises(AudioFileError, match="choose one of both, split, received, sent"):
        Recorder(tmp_path / "call.wav", "left")  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_full_disk_ends_the_recording_and_not_the_call(
    autojump_clock: MockClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """ERR-1, MED-1."""
    path = tmp_path / "call.wav"
    async with media_pair() as pair:
        pair.connect()
        with (
            caplog.at_level(logging.WARNING),
            pytest.raises(AudioFileError, match="No space left"),
            open_full() as full,
        ):
            async with pair.a.manager.recording(CALL, path) as recorder:
                recorder._writer._target = full
                await trio.sleep(2)
        assert "broke off: No space left" in caplog.text
        assert pair.a.stream().started


async def test_recording_of_a_call_holds_both_sides(autojump_clock: MockClock, tmp_path: Path) -> None:
    """SES-16, MED-23."""
    path = tmp_path / "call.wav"
    async with media_pair() as pair:
        pair.connect()
        pair.a.stream().add_source(tone(1_000.0))
        pair.b.stream().add_source(tone(700.0))
        await trio.sleep(0.501)
        async with pair.a.manager.recording(CALL, path, channels="split"):
            await trio.sleep(3)
    samples = read(path)
    assert len(samples) == 3 * 8_000
    for channel, frequency in ((0, 700.0), (1, 1_000.0)):
        measured = find_tone(samples[:, channel].copy(), 8_000)
        assert measured.frequency_hz == pytest.approx(frequency, abs=1)
        assert measured.sndr_db >= 33


async def test_recording_is_whole_when_the_call_ends_inside(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """SES-16."""
    path = tmp_path / "call.wav"
    async with media_pair() as pair:
        pair.connect()
        async with pair.a.manager.recording(CALL, path):
            await trio.sleep(1.111)
            pair.a.manager.close(CALL)
            assert len(read(path)) == 55 * 160
            await trio.sleep(1)
        with pytest.raises(MediaError, match="no media"):
            pair.a.manager.recording(CALL, path)
    assert len(read(path)) == 55 * 160


async def test_block_that_fails_keeps_its_exception_and_the_file(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """SES-16."""
    path = tmp_path / "call.wav"
    async with media_pair() as pair:
        pair.connect()
        with pytest.raises(ZeroDivisionError):
            async with pair.a.manager.recording(CALL, path):
                await trio.sleep(0.101)
                raise ZeroDivisionError
        with trio.move_on_after(1):
            async with pair.a.manager.recording(CALL, tmp_path / "second.wav"):
                await trio.sleep_forever()
    assert len(read(path)) == 5 * 160
    assert len(read(tmp_path / "second.wav")) == 50 * 160
