"""Capturing what passes the sockets: remembered on the way, written by a thread of its own."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.base.threads import run_blocking
from trio_runtime.observe.capture_file import CaptureFile, Item
from trio_runtime.observe.decryption import MediaKeys
from trio_runtime.observe.trace import Trace, TraceEntry

if TYPE_CHECKING:
    from sansio_rtp.srtp import SrtpConfig
    from trio_runtime.base.capture_config import CaptureConfig
    from trio_runtime.base.types import Address

__all__ = ["Capture", "CaptureStatistics", "tapped"]

logger = logging.getLogger("trio_runtime")
_GATHER_S = 0.1  # what comes within it is written in one go


@attrs.frozen(kw_only=True)
class CaptureStatistics:
    """What became of the datagrams.

    Attributes:
        written: Datagrams in the file.
        waiting: Datagrams that are to be written.
        dropped: Datagrams that are missing in the file, because the disk was too slow or failed.
        unwritable: Messages that are longer than any datagram.
        undecrypted: Packets of SRTP that stand in the file as they were.
    """

    written: int
    waiting: int
    dropped: int
    unwritable: int
    undecrypted: int


class Capture:
    """A file that is written while a coordinator runs.

    Whoever sends or receives only adds to a queue. One that is full loses what comes, and counts it; a disk
    that fails ends the capture and not the calls.
    """

    def __init__(self, config: CaptureConfig, *, epoch: float) -> None:
        """Open the file.

        Args:
            config: Which file, and what is written.
            epoch: Seconds since 1970 that belong to time 0.

        Raises:
            CaptureFileError: The file cannot be written.
        """
        self.config = config
        self._file = CaptureFile(config.path, epoch=epoch, decrypt=config.decrypt, mask=config.redact)
        self._queue: deque[Item] = deque()
        self._dropped = 0
        self._ended = False
        self._wake = trio.Event()

    def take_message(self, entry: TraceEntry) -> None:
        """Take a message of SIP; one that was not sent is left out."""
        if not entry.lost:
            self._put(entry, self.config.max_waiting)

    def take_media(
        self, time: float, source: Address, destination: Address, data: bytes, *, port: int, sent: bool
    ) -> None:
        """Take a datagram of media.

        Args:
            time: Seconds on the clock.
            source: Who sent it.
            destination: Where it went.
            data: The datagram as it was on the wire.
            port: Our RTP port.
            sent: Whether we sent it.
        """
        self._put((TraceEntry(time, source, destination, data), port, sent), self.config.max_waiting)

    def take_keys(self, port: int, send: SrtpConfig | None, receive: SrtpConfig | None) -> None:
        """Take what protects the media of one of our RTP ports from now on."""
        if self.config.decrypt:
            # Without its keys nothing of a call could be opened, so they do not compete with datagrams.
            self._put(MediaKeys(port, send, receive), 2 * self.config.max_waiting)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            await trio.sleep(_GATHER_S)
            self._wake = trio.Event()
            # What was begun is written to its end: a block that is cut off would end the file.
            await run_blocking(self._write)

    def close(self) -> None:
        """Write what is left and close the file; closing twice does nothing."""
        self._write()
        self._ended = True
        self._file.close()

    def statistics(self) -> CaptureStatistics:
        """Return the counters."""
        return CaptureStatistics(
            written=self._file.written,
            waiting=len(self._queue),
            dropped=self._dropped,
            unwritable=self._file.unwritable,
            undecrypted=self._file.undecrypted,
        )

    def _put(self, item: Item, max_waiting: int) -> None:
        if self._ended or len(self._queue) >= max_waiting:
            self._dropped += 1
            return
        self._queue.append(item)
        self._wake.set()

    def _write(self) -> None:
        """Write what waits; the queue may grow meanwhile, as one end of it is all that is touched here."""
        batch = [self._queue.popleft() for _ in range(len(self._queue))]
        if self._ended:
            self._dropped += len(batch)
            return
        try:
            self._file.write(batch)
        except OSError as error:
            self._ended = True
            self._dropped += len(batch)
            logger.warning("the capture ends, its file cannot be written: %s", error.strerror or error)


def tapped(trace: Trace | None, capture: Capture | None) -> Trace | None:
    """Return a trace whose messages a capture takes as well; one that keeps nothing where there is none."""
    if capture is None:
        return trace
    found = Trace(0) if trace is None else trace
    found.taps.append(capture.take_message)
    return found
