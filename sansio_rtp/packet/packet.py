"""One RTP packet, and how it becomes bytes (RFC 3550 §5.1)."""

from __future__ import annotations

import struct

import attrs

from ..errors import LocalProtocolError

_HEADER = struct.Struct("!BBHII")
MAX_CSRCS = 15


@attrs.define
class RtpPacket:
    """An RTP packet with every field of its header (RFC 3550 §5.1).

    Attributes:
        payload_type: 0 to 127.
        sequence: Sequence number, 16 bits.
        timestamp: RTP timestamp in units of the payload's clock, 32 bits.
        ssrc: Synchronisation source, 32 bits.
        payload: The payload without padding.
        marker: For audio: first packet of a talk spurt (RFC 3551 §4.1).
        csrcs: Contributing sources, at most 15.
        extension: Profile (16 bits) and data of the header extension, or None. The data is kept raw, padded
            to whole words; `parse_elements` reads it.
        padding: Octets of padding at the end, 0 to 255, the count octet included.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None
    padding: int = 0

    def to_bytes(self) -> bytes:
        """Return the datagram.

        Raises:
            LocalProtocolError: A field is outside its range, or the extension is not whole 32-bit words.
        """
        try:
            header = self._fixed_header()
        except struct.error as error:
            raise LocalProtocolError(f"RTP header field out of range: {error}") from None
        return b"".join(
            (header, self._csrc_list(), self._extension_block(), self.payload, self._padding_block())
        )

    def _fixed_header(self) -> bytes:
        if not 0 <= self.payload_type <= 127:
            raise LocalProtocolError(f"payload_type {self.payload_type} is not in 0..127")
        first = 0x80 | (self.padding > 0) << 5 | (self.extension is not None) << 4 | len(self.csrcs)
        second = self.marker << 7 | self.payload_type
        return _HEADER.pack(first & 0xFF, second, self.sequence, self.timestamp, self.ssrc)

    def _csrc_list(self) -> bytes:
        if len(self.csrcs) > MAX_CSRCS:
            raise LocalProtocolError(f"{len(self.csrcs)} csrcs, at most {MAX_CSRCS} fit")
        try:
            return struct.pack(f"!{len(self.csrcs)}I", *self.csrcs)
        except struct.error as error:
            raise LocalProtocolError(f"csrcs out of range: {error}") from None

    def _extension_block(self) -> bytes:
        if self.extension is None:
            return b""
        profile, data = self.extension
        if len(data) % 4 or len(data) > 0xFFFF * 4 or not 0 <= profile <= 0xFFFF:
            raise LocalProtocolError("extension must have a 16-bit profile and whole 32-bit words of data")
        return struct.pack("!HH", profile, len(data) // 4) + data

    def _padding_block(self) -> bytes:
        if not 0 <= self.padding <= 255:
            raise LocalProtocolError(f"padding {self.padding} is not in 0..255")
        return bytes(self.padding - 1) + bytes((self.padding,)) if self.padding else b""
