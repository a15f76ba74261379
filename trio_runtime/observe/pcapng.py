"""Building pcapng files: one section, one interface of raw IP packets, times in nanoseconds."""

from __future__ import annotations

import struct

from trio_runtime.base.version import VERSION
from trio_runtime.observe.frames import LINK_RAW

__all__ = ["file_header", "packet_block"]

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_WHOLE_SECTION = -1
_NO_LIMIT = 0
_OPT_END, _OPT_APPLICATION, _OPT_RESOLUTION = 0, 4, 9
_NANOSECONDS = b"\x09"


def file_header() -> bytes:
    """Return what a file begins with: the section and the description of its one interface."""
    section = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _WHOLE_SECTION)
    section += _option(_OPT_APPLICATION, f"sansio-voip {VERSION}".encode()) + _option(_OPT_END)
    interface = struct.pack("<HHI", LINK_RAW, 0, _NO_LIMIT)
    interface += _option(_OPT_RESOLUTION, _NANOSECONDS) + _option(_OPT_END)
    return _block(_SECTION, section) + _block(_INTERFACE, interface)


def packet_block(time: float, packet: bytes) -> bytes:
    """Return the block of one packet.

    Args:
        time: Seconds since 1970.
        packet: An IPv4 or IPv6 packet.
    """
    nanoseconds = max(0, round(time * 1e9)) & 0xFFFFFFFFFFFFFFFF
    fields = (0, nanoseconds >> 32, nanoseconds & 0xFFFFFFFF, len(packet), len(packet))
    return _block(_PACKET, struct.pack("<5I", *fields) + _padded(packet))


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _option(code: int, value: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
