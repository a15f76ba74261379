"""Playing into a call: files of any rate, octets, arrays and tones as a source that ends."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import partial
from os import PathLike
from typing import TypeAlias

import numpy as np
import trio

from sansio_rtp.errors import AudioFormatError, LocalProtocolError
from trio_runtime.base.errors import AudioFileError, MediaError
from trio_runtime.base.threads import run_blocking
from trio_runtime.media.feeds import AudioFeed, RepeatingFeed, SampleFeed, WavFeed
from trio_runtime.media.types import AudioFrame

__all__ = ["IN_PLACE_BYTES", "MAX_FILE_BYTES", "AudioFeed", "Playable", "Player", "open_player"]

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Largest file that is played: an hour of 16-bit mono at 8 kHz."""
IN_PLACE_BYTES = 256 * 1024
"""Largest file that is read in place; reading a larger one would hold the calls up and goes to a thread."""


Playable: TypeAlias = str | PathLike[str] | bytes | AudioFrame | AudioFeed
"""What can be played: the path of a WAV file, its content, samples at the rate of the call, or a feed."""


class Player:
    """A source that plays a feed once; `await finished()` waits for its last frame.

    Attributes:
        live: False: while the stream may not send, as on hold, it waits.
        on_finished: Called once when everything was played; not when it is stopped or cut off.
    """

    live = False

    def __init__(self, feed: AudioFeed, *, ended: Callable[[], Exception]) -> None:
        """Prepare to play; `ended` makes the exception for a call that ends before the feed does."""
        self._feed = feed
        self._make_error = ended
        self._finished = trio.Event()
        self._cut_off = False
        self.on_finished: Callable[[], None] | None = None

    async def finished(self) -> None:
        """Wait until everything was played, or `stop` was called.

        Raises:
            CallEnded: The call ended first (or what `ended` makes).
        """
        await self._finished.wait()
        if self._cut_off:
            raise self._make_error()

    def renewed(self) -> Player:
        """Return a player that goes on where this one is."""
        return Player(self._feed, ended=self._make_error)

    def stop(self) -> None:
        """End it here; who waits for it goes on."""
        self._finished.set()

    def read(self, n_samples: int) -> AudioFrame | None:
        """Return the next samples, None at the end (called by the stream)."""
        if self._finished.is_set():
            return None
        frame = self._feed.read(n_samples)
        if frame.size < n_samples:
            self._finished.set()
            if self.on_finished is not None:
                self.on_finished()
        return frame if frame.size else None

    def close(self) -> None:
        """Take note that the call is over (called by the stream)."""
        if not self._finished.is_set():
            self._cut_off = True
            self._finished.set()


async def open_player(
    source: Playable, *, ended: Callable[[], Exception], rate: int = 8_000, repeat: bool = False
) -> Player:
    """Return a player that can sound at once; all that can be wrong with the source shows here.

    Args:
        source: Path or content of a WAV file, int16 samples at `rate`, or a feed.
        ended: Makes the exception for a call that ends before the source does.
        rate: Samples a second of the call, in Hz; files are brought to it.
        repeat: Whether it begins anew at its end, without a gap; a feed cannot.

    Raises:
        AudioFileError: The file cannot be read, is too large, or has a format that cannot be played.
        MediaError: The samples are not int16 of one dimension.
    """
    if isinstance(source, np.ndarray):
        if source.dtype != np.int16 or source.ndim != 1:
            raise MediaError(f"audio is int16 of shape (n_samples,), not {source.dtype} {source.shape}")
        begin: Callable[[], AudioFeed] = partial(SampleFeed, source.copy())
    elif isinstance(source, bytes):
        begin = partial(_decode, source, "the audio", rate)
    elif isinstance(source, str | PathLike):
        path = os.fspath(source)
        begin = partial(_decode, await _read_file(path), path, rate)
    else:
        return Player(source, ended=ended)
    return Player(RepeatingFeed(begin) if repeat else begin(), ended=ended)


def _decode(content: bytes, name: str, rate: int) -> AudioFeed:
    try:
        return WavFeed(content, rate)
    except (AudioFormatError, LocalProtocolError) as error:
        raise AudioFileError(f"cannot play {name}: {error}") from error


async def _read_file(path: str) -> bytes:
    try:
        size = _size_of(path)
        if size <= IN_PLACE_BYTES:
            await trio.lowlevel.checkpoint()
            return _read(path)
        return await run_blocking(partial(_read, path))
    except OSError as error:
        raise AudioFileError(f"cannot play {path}: {error.strerror or error}") from error


def _size_of(path: str) -> int:
    status = os.stat(path)
    # Opening a pipe would wait for its writer.
    if not stat.S_ISREG(status.st_mode):
        raise AudioFileError(f"cannot play {path}: not a regular file")
    if status.st_size > MAX_FILE_BYTES:
        raise AudioFileError(f"cannot play {path}: larger than {MAX_FILE_BYTES // 2**20} MiB")
    return status.st_size


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(MAX_FILE_BYTES)
