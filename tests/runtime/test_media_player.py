from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
import trio

from sansio_rtp.audio import ToneSource, WavEncoding, WavWriter, find_tone, sine
from trio_runtime.base import AudioFileError, CallEnded, MediaError
from trio_runtime.media import AudioFrame, Playable, Player, open_player
from trio_runtime.media import player as player_module


def wav(samples: AudioFrame, rate: int = 8_000, encoding: WavEncoding = WavEncoding.PCM16) -> bytes:
    target = io.BytesIO()
    writer = WavWriter(target, rate, 1 if samples.ndim == 1 else 2, encoding=encoding)
    writer.write(samples)
    return target.getvalue()


async def opened(source: Playable) -> Player:
    return await open_player(source, ended=lambda: CallEnded("over"))


def play_all(player: Player) -> list[AudioFrame]:
    frames: list[AudioFrame] = []
    while (frame := player.read(160)) is not None:
        frames.append(frame)
    return frames


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("stereo", [False, True])
async def test_file_of_any_rate_is_played_whole(tmp_path: Path, rate: int, stereo: bool) -> None:
    """MED-18, MED-23."""
    samples = ToneSource(sine(1_000.0), rate).read(rate)
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(np.stack((samples, samples), axis=1) if stereo else samples, rate))
    frames = play_all(await opened(path))
    assert {frame.size for frame in frames[:-1]} == {160}
    heard = np.concatenate(frames)
    assert heard.size == 8_000
    measured = find_tone(heard[200:-200], 8_000)
    assert measured.frequency_hz == pytest.approx(1_000, abs=1)
    assert measured.sndr_db > 50


async def test_octets_arrays_and_feeds_are_played() -> None:
    """MED-23."""
    samples = np.arange(500).astype(np.int16)
    for source in (samples, wav(samples), ToneSource(sine(400.0))):
        player = await opened(source)
        frame = player.read(160)
        assert frame is not None
        assert frame.size == 160
        assert not player.live
    assert np.array_equal(np.concatenate(play_all(await opened(wav(samples)))), samples)
    law = np.concatenate(play_all(await opened(wav(samples, encoding=WavEncoding.PCMU))))
    assert np.abs(law - samples).max() < 20


async def test_finished_returns_with_the_last_frame() -> None:
    """MED-23."""
    player = await opened(np.ones(330, np.int16))
    assert [player.read(160) is None for _ in range(2)] == [False, False]
    with trio.move_on_after(0) as scope:
        await player.finished()
    assert scope.cancelled_caught
    last = player.read(160)
    assert last is not None
    assert last.size == 10
    await player.finished()
    player.close()
    await player.finished()


async def test_stopped_player_ends_well_and_a_closed_one_tells_the_end() -> None:
    """MED-23."""
    player = await opened(ToneSource(sine(400.0)))
    player.stop()
    assert player.read(160) is None
    await player.finished()
    player = await opened(ToneSource(sine(400.0)))
    player.close()
    with pytest.raises(CallEnded, match="over"):
        await player.finished()


async def test_large_file_is_read_in_a_thread(tmp_path: Path) -> None:
    """MED-23."""
    samples = np.arange(200_000).astype(np.int16)
    path = tmp_path / "long.wav"
    path.write_bytes(wav(samples))
    assert path.stat().st_size > player_module.IN_PLACE_BYTES
    assert np.array_equal(np.concatenate(play_all(await opened(str(path)))), samples)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a WAV file"),
        (b"ID3\x03 this is an MP3", "not a WAV file"),
        (wav(np.zeros(4, np.int16))[:20], "fmt chunk"),
        (wav(np.zeros(4, np.int16))[:36], "no data chunk"),
        (wav(np.zeros(4, np.int16)).replace(b"\x10\x00data", b"\x18\x00data"), "16"),
    ],
)
async def test_wrong_file_gives_one_clear_line(tmp_path: Path, content: bytes, reason: str) -> None:
    """ERR-1, MED-23."""
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(AudioFileError) as raised:
        await opened(path)
    text = str(raised.value)
    assert text.startswith(f"cannot play {path}: ")
    assert reason in text
    assert "\n" not in text


async def test_missing_file_directory_pipe_and_giant_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ERR-1, MED-23."""
    with pytest.raises(AudioFileError, match="No such file"):
        await opened(tmp_path / "none.wav")
    with pytest.raises(AudioFileError, match="not a regular file"):
        await opened(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(AudioFileError, match="not a regular file"):
            await opened(tmp_path / "pipe")
    path = tmp_path / "giant.wav"
    path.write_bytes(wav(np.zeros(1_000, np.int16)))
    monkeypatch.setattr(player_module, "MAX_FILE_BYTES", 1_000)
    with pytest.raises(AudioFileError, match="larger than"):
        await opened(path)


async def test_rate_without_a_common_divisor_is_refused() -> None:
    """ERR-1, MED-18."""
    with pytest.raises(AudioFileError, match=r"cannot play the audio: .*not supported"):
        await opened(wav(np.zeros(100, np.int16), 191_999))


@pytest.mark.parametrize("samples", [np.zeros(8, np.float32), np.zeros((8, 2), np.int16)])
async def test_other_arrays_are_refused(samples: AudioFrame) -> None:
    """MED-23."""
    with pytest.raises(MediaError, match="int16"):
        await opened(samples)
