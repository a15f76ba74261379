"""A capture file that is being written: everything that costs time, for a thread of its own."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from os import PathLike

from trio_runtime.observe.decryption import Decryption, MediaKeys
from trio_runtime.observe.errors import CaptureFileError
from trio_runtime.observe.in_the_clear import describe_in_the_clear
from trio_runtime.observe.packets import build_packet
from trio_runtime.observe.pcapng import file_header, packet_block
from trio_runtime.observe.redact import redact
from trio_runtime.observe.trace import TraceEntry

__all__ = ["CaptureFile", "Item", "MediaEntry"]

MediaEntry = tuple[TraceEntry, int, bool]
"""A datagram of media, our RTP port, and whether we sent it."""
Item = TraceEntry | MediaEntry | MediaKeys
"""What can be written: SIP, media, or keys for the media that follows."""


class CaptureFile:
    """Writes datagrams in the order in which they are given.

    Attributes:
        written: Datagrams written.
        unwritable: Datagrams that no packet can hold.
    """

    def __init__(self, path: str | PathLike[str], *, epoch: float, decrypt: bool, mask: bool) -> None:
        """Open the file and write its header.

        Args:
            path: The file.
            epoch: Seconds since 1970 that belong to time 0.
            decrypt: Whether to open SRTP.
            mask: Whether to take secrets out of SIP.

        Raises:
            CaptureFileError: It cannot be written.
        """
        self.written = self.unwritable = 0
        self._epoch = epoch
        self._mask = mask
        self._decryption = Decryption() if decrypt else None
        try:
            self._file = open(path, "wb")  # noqa: SIM115 - it is closed by close()
            self._file.write(file_header())
            self._file.flush()
        except OSError as error:
            raise CaptureFileError(f"cannot write {path}: {error.strerror or error}") from error

    @property
    def undecrypted(self) -> int:
        """Packets that could not be opened and were written as they were."""
        return 0 if self._decryption is None else self._decryption.failed

    def write(self, items: Iterable[Item]) -> None:
        """Write what has passed; may be called in any thread, by one at a time.

        Raises:
            OSError: The disk is full or gone.
        """
        blocks = [block for item in items if (block := self._block(item)) is not None]
        self._file.write(b"".join(blocks))
        self._file.flush()  # so that whoever looks into the file meanwhile sees it
        self.written += len(blocks)

    def close(self) -> None:
        """Close the file; what a full disk did not take was reported by `write` already."""
        with suppress(OSError):
            self._file.close()

    def _block(self, item: Item) -> bytes | None:
        if isinstance(item, MediaKeys):
            if self._decryption is not None:
                self._decryption.change(item)
            return None
        entry = self._sip(item) if isinstance(item, TraceEntry) else self._media(*item)
        try:
            packet = build_packet(entry.sender, entry.receiver, entry.data)
        except ValueError:
            self.unwritable += 1
            return None
        return packet_block(self._epoch + entry.time, packet)

    def _sip(self, entry: TraceEntry) -> TraceEntry:
        data = entry.data if self._decryption is None else describe_in_the_clear(entry.data)
        return entry._replace(data=redact(data) if self._mask else data)

    def _media(self, entry: TraceEntry, port: int, sent: bool) -> TraceEntry:
        return entry if self._decryption is None else self._decryption.open(entry, port, sent=sent)
