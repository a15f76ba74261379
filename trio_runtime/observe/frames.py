"""Finding the UDP datagram or TCP segment in a captured frame, whatever the link was."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable
from typing import NamedTuple

from trio_runtime.base.types import Address

__all__ = ["LINK_RAW", "Segment", "read_frame"]

LINK_RAW = 101
"""Link type of a packet that begins with its IP header (LINKTYPE_RAW)."""

_ETHERTYPES = {0x0800: 4, 0x86DD: 6}
_VLAN_TAGS = frozenset((0x8100, 0x88A8, 0x9100))
_MAX_HEADERS = 8
_SKIPPED_HEADERS = frozenset((0, 43, 60))  # hop-by-hop, routing, destination options (RFC 8200 §4)
_TCP, _UDP = 6, 17


class Segment(NamedTuple):
    """What one packet carries.

    Attributes:
        source: Address and port of the sender.
        destination: The same of the receiver.
        data: The payload.
        sequence: Sequence number of the first octet of a TCP segment, None of a datagram.
        begins: Whether it is the first segment of a TCP connection.
    """

    source: Address
    destination: Address
    data: bytes
    sequence: int | None = None
    begins: bool = False


def read_frame(link: int, frame: bytes) -> Segment | None:
    """Return what a frame carries; None for what is neither UDP nor TCP, is a fragment, or is cut.

    Args:
        link: Link type: Ethernet, raw IP, Linux "cooked" (both versions) or BSD loopback.
        frame: The frame as it was captured.
    """
    find = _LINKS.get(link)
    if find is None:
        return None
    try:
        start = find(frame)
        return None if start is None else _read_ip(frame, start)
    except (struct.error, IndexError):
        return None  # the capture ends before the header does


def _after_ethernet(frame: bytes) -> int | None:
    position = 12
    for _ in range(_MAX_HEADERS):
        (kind,) = struct.unpack_from("!H", frame, position)
        if kind not in _VLAN_TAGS:
            return position + 2 if kind in _ETHERTYPES else None
        position += 4
    return None


def _after_cooked(type_position: int, length: int) -> Callable[[bytes], int | None]:
    def find(frame: bytes) -> int | None:
        (kind,) = struct.unpack_from("!H", frame, type_position)
        return length if kind in _ETHERTYPES else None

    return find


_LINKS: dict[int, Callable[[bytes], int | None]] = {
    0: lambda frame: 4,  # BSD loopback: the family, in whatever order of octets; the version below decides
    1: _after_ethernet,
    12: lambda frame: 0,
    14: lambda frame: 0,
    LINK_RAW: lambda frame: 0,
    108: lambda frame: 4,
    113: _after_cooked(14, 16),
    228: lambda frame: 0,
    229: lambda frame: 0,
    276: _after_cooked(0, 20),
}


def _read_ip(frame: bytes, start: int) -> Segment | None:
    version = frame[start] >> 4
    if version == 4:
        return _read_v4(frame, start)
    return _read_v6(frame, start) if version == 6 else None


def _read_v4(frame: bytes, start: int) -> Segment | None:
    total, _, fragment, _, protocol = struct.unpack_from("!HHHBB", frame, start + 2)
    header = (frame[start] & 0x0F) * 4
    # A total of 0 is what a network card with segmentation offload leaves.
    end = start + total if total else len(frame)
    if header < 20 or fragment & 0x3FFF or end > len(frame):
        return None
    hosts = (_v4(frame, start + 12), _v4(frame, start + 16))
    return _read_transport(protocol, frame[start + header : end], hosts)


def _read_v6(frame: bytes, start: int) -> Segment | None:
    length, protocol = struct.unpack_from("!HB", frame, start + 4)
    end, position = start + 40 + length, start + 40
    if end > len(frame):
        return None
    for _ in range(_MAX_HEADERS):
        if protocol not in _SKIPPED_HEADERS:
            break
        protocol, words = frame[position], frame[position + 1]
        position += 8 * (words + 1)
    hosts = (_v6(frame, start + 8), _v6(frame, start + 24))
    return _read_transport(protocol, frame[position:end], hosts)


def _v4(frame: bytes, position: int) -> str:
    return ".".join(map(str, frame[position : position + 4]))


def _v6(frame: bytes, position: int) -> str:
    return str(ipaddress.IPv6Address(frame[position : position + 16]))


def _read_transport(protocol: int, packet: bytes, hosts: tuple[str, str]) -> Segment | None:
    if protocol not in (_TCP, _UDP):
        return None
    source_port, destination_port = struct.unpack_from("!HH", packet)
    source, destination = (hosts[0], source_port), (hosts[1], destination_port)
    if protocol == _UDP:
        (length,) = struct.unpack_from("!H", packet, 4)
        if not 8 <= length <= len(packet):
            return None
        return Segment(source, destination, packet[8:length])
    sequence, offset, flags = struct.unpack_from("!I4xBB", packet, 4)
    header = (offset >> 4) * 4
    if not 20 <= header <= len(packet):
        return None
    begins = bool(flags & 0x02)
    return Segment(source, destination, packet[header:], (sequence + begins) & 0xFFFFFFFF, begins)
