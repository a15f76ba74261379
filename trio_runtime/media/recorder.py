"""Recording a call into a WAV file that is valid after every write."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from os import PathLike
from typing import Literal, TypeAlias, get_args

import numpy as np
import trio

from sansio_rtp.audio import WavWriter, mix, to_stereo
from sansio_rtp.errors import AudioFormatError
from trio_runtime.base.errors import AudioFileError
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.stream import MediaStream
from trio_runtime.media.types import AudioFrame

__all__ = ["Channels", "Recorder", "recording"]

Channels: TypeAlias = Literal["both", "split", "received", "sent"]
"""What is recorded: both sides mixed, the peer left and us right, or one side."""

_WRITE_EVERY_TICKS = 500 // TICK_MS

logger = logging.getLogger("trio_runtime")


class Recorder:
    """A sink that writes what it hears to a file, half a second at a time.

    A write is 8 or 16 kB into the page cache and takes some 20 µs, less than handing it to a thread: so it is
    done in place. A file system that stalls (a dead network mount) would stall the media clock, so record to
    a local disk. A write that fails ends the recording, not the call.

    Attributes:
        path: The file.
        error: Why the recording broke off, None while it is well.
    """

    def __init__(self, path: str | PathLike[str], channels: Channels = "both", rate: int = 8_000) -> None:
        """Open the file, replacing an old one, and write its header.

        Raises:
            AudioFileError: The file cannot be written, or there is no such choice of channels.
        """
        self.path = os.fspath(path)
        self.error: AudioFileError | None = None
        if channels not in get_args(Channels):
            raise AudioFileError(f"cannot record {channels!r}: choose one of {', '.join(get_args(Channels))}")
        self._channels = channels
        self._received: list[AudioFrame] = []
        self._sent: list[AudioFrame] = []
        self._closed = False
        try:
            self._file = open(self.path, "wb")  # noqa: SIM115 - closed by `close`
        except OSError as error:
            raise AudioFileError(f"cannot record to {self.path}: {error.strerror or error}") from error
        try:
            self._writer = WavWriter(self._file, rate, 2 if channels == "split" else 1)
        except OSError as error:
            self._file.close()
            raise AudioFileError(f"cannot record to {self.path}: {error.strerror or error}") from error

    @property
    def duration_s(self) -> float:
        """Seconds of audio in the file by now."""
        return self._writer.duration_s

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Keep a frame of each side, and write when half a second has gathered."""
        if self._closed:
            return
        self._received.append(received)
        self._sent.append(sent)
        if len(self._received) >= _WRITE_EVERY_TICKS:
            self._write()

    def close(self) -> None:
        """Write what is left and close the file; closing twice does nothing."""
        if self._closed:
            return
        self._write()
        if not self._closed:
            self._closed = True
            self._file.close()  # holds nothing back: each write was flushed

    def _write(self) -> None:
        if not self._received:
            return
        received, sent = np.concatenate(self._received), np.concatenate(self._sent)
        self._received.clear()
        self._sent.clear()
        try:
            self._writer.write(self._chosen(received, sent))
        except OSError as error:
            self._break_off(error.strerror or str(error))
        except AudioFormatError as error:
            self._break_off(str(error))

    def _chosen(self, received: AudioFrame, sent: AudioFrame) -> AudioFrame:
        if self._channels == "both":
            return mix((received, sent))
        if self._channels == "split":
            return to_stereo(received, sent)
        return received if self._channels == "received" else sent

    def _break_off(self, reason: str) -> None:
        self._closed = True
        self.error = AudioFileError(f"the recording to {self.path} broke off: {reason}")
        logger.warning("%s", self.error)
        with contextlib.suppress(OSError):  # it tries to write once more what could not be written
            self._file.close()


@asynccontextmanager
async def recording(
    stream: MediaStream, path: str | PathLike[str], channels: Channels = "both"
) -> AsyncGenerator[Recorder]:
    """Record a stream while the block lasts; its end, also the call's, leaves a whole file.

    Args:
        stream: The media of a call.
        path: The file to write.
        channels: What is recorded.

    Raises:
        AudioFileError: The file cannot be written; or a write failed later, and the block itself ended well.
        MediaError: The media of the call is closed.
    """
    await trio.lowlevel.checkpoint()
    recorder = Recorder(path, channels, stream.rate)
    try:
        stream.add_sink(recorder)
        yield recorder
    finally:
        stream.remove_sink(recorder)
        recorder.close()
    if recorder.error is not None:
        raise recorder.error
