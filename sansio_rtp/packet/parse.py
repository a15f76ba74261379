"""Bytes to an RTP packet (RFC 3550 §5.1, A.1)."""

from __future__ import annotations

import struct

from ..errors import PacketError
from .packet import RtpPacket

_HEADER = struct.Struct("!BBHII")
_unpack = _HEADER.unpack_from
_HEADER_OCTETS = 12


def parse_rtp(data: bytes) -> RtpPacket:
    """Read one datagram as an RTP packet.

    Args:
        data: The datagram, nothing more and nothing less.

    Returns:
        The packet; extension data stays raw and padding is taken off the payload.

    Raises:
        PacketError: The bytes are no RTP packet. Nothing else is ever raised, whatever the bytes are.
    """
    if len(data) < _HEADER_OCTETS:
        raise PacketError("RTP header needs 12 octets", len(data), error_class="truncated")
    first, second, sequence, timestamp, ssrc = _unpack(data)
    if first == 0x80:  # no padding, extension or CSRC: nearly every packet of a phone
        return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, data[12:], second > 0x7F)
    if first >> 6 != 2:
        raise PacketError(f"RTP version is {first >> 6}, not 2", 0, error_class="version")
    csrcs, position = _read_csrcs(data, first & 0x0F)
    extension, position = _read_extension(data, position) if first & 0x10 else (None, position)
    padding = _read_padding(data, position) if first & 0x20 else 0
    payload = data[position : len(data) - padding]
    return RtpPacket(
        second & 0x7F, sequence, timestamp, ssrc, payload, second > 0x7F, csrcs, extension, padding
    )


def _read_csrcs(data: bytes, count: int) -> tuple[tuple[int, ...], int]:
    end = _HEADER_OCTETS + 4 * count
    if end > len(data):
        raise PacketError(f"{count} CSRC announced, not all there", len(data), error_class="truncated")
    return struct.unpack_from(f"!{count}I", data, _HEADER_OCTETS), end


def _read_extension(data: bytes, position: int) -> tuple[tuple[int, bytes], int]:
    start = position + 4
    if start > len(data):
        raise PacketError("header extension is cut", len(data), error_class="truncated")
    profile, words = struct.unpack_from("!HH", data, position)
    end = start + 4 * words
    if end > len(data):
        raise PacketError(f"extension of {words} words is cut", len(data), error_class="truncated")
    return (profile, data[start:end]), end


def _read_padding(data: bytes, position: int) -> int:
    padding = data[-1]
    if not 0 < padding <= len(data) - position:
        raise PacketError(
            f"padding count {padding} does not fit the packet", len(data) - 1, error_class="padding"
        )
    return padding
