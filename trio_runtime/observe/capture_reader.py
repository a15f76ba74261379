"""Reading capture files: pcapng and the classic pcap, in either order of octets."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from trio_runtime.observe.errors import CaptureFileError
from trio_runtime.observe.pcap_reader import Frame, is_pcap, read_pcap

__all__ = ["MAX_FILE_OCTETS", "load_capture", "read_frames"]

MAX_FILE_OCTETS = 1 << 30
"""A larger file is refused: it is read as a whole."""

_SECTION, _INTERFACE, _SIMPLE, _PACKET, _OLD_PACKET = 0x0A0D0D0A, 1, 3, 6, 2
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_OPT_RESOLUTION, _OPT_OFFSET = 9, 14
_MAX_INTERFACES = 65_536


def load_capture(path: str | Path) -> list[Frame]:
    """Return the frames of a file; one whose end is cut off gives what is whole of it.

    Raises:
        CaptureFileError: It cannot be opened, is too large, is no capture, or is damaged.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_OCTETS + 1)
    except OSError as error:
        raise CaptureFileError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > MAX_FILE_OCTETS:
        raise CaptureFileError(f"cannot read {path}: it has more than {MAX_FILE_OCTETS} octets")
    try:
        return list(read_frames(data))
    except CaptureFileError as error:
        raise CaptureFileError(f"cannot read {path}: {error}") from error


def read_frames(data: bytes) -> Iterator[Frame]:
    """Iterate over the frames of a file's content, in its order.

    A file whose last block or packet is cut off is one that is still being written: it ends there.

    Raises:
        CaptureFileError: It is no capture, or it is damaged; nothing else is raised, whatever the octets are.
    """
    if is_pcap(data):
        return read_pcap(data)
    if len(data) >= 12 and struct.unpack_from("<I", data)[0] == _SECTION and data[8:12] in _ORDERS:
        return _read_blocks(data)
    raise CaptureFileError("it is no capture file (pcapng or pcap)")


class _Interface(NamedTuple):
    link: int
    units: float
    """Units of time a second."""
    offset: int
    """Seconds that are added to each time."""


def _read_blocks(data: bytes) -> Iterator[Frame]:
    position, order = 0, "<"
    interfaces: list[_Interface] = []
    while position + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, position)[0]
        if kind == _SECTION:
            order, interfaces = _order(data, position), []
        length = struct.unpack_from(order + "I", data, position + 4)[0]
        if length < 12 or length % 4:
            raise CaptureFileError(f"the block at octet {position} has the impossible length {length}")
        if position + length > len(data):
            return
        body = data[position + 8 : position + length - 4]
        try:
            if kind == _INTERFACE and len(interfaces) < _MAX_INTERFACES:
                interfaces.append(_interface(order, body))
            elif (frame := _packet(kind, order, body, interfaces)) is not None:
                yield frame
        except (struct.error, IndexError, OverflowError):
            raise CaptureFileError(f"the block at octet {position} is damaged") from None
        position += length


def _order(data: bytes, position: int) -> str:
    order = _ORDERS.get(data[position + 8 : position + 12])
    if order is None:
        raise CaptureFileError(f"the section at octet {position} has no order of octets")
    return order


def _interface(order: str, body: bytes) -> _Interface:
    link = struct.unpack_from(order + "H", body)[0]
    units, offset, position = 1e6, 0, 8
    while position + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, position)
        value = body[position + 4 : position + 4 + length]
        if code == 0:
            break
        if code == _OPT_RESOLUTION:
            units = float(2 ** (value[0] & 0x7F)) if value[0] & 0x80 else 10.0 ** value[0]
        elif code == _OPT_OFFSET:
            offset = struct.unpack(order + "q", value)[0]
        position += 4 + length + -length % 4
    return _Interface(link, units, offset)


def _packet(kind: int, order: str, body: bytes, interfaces: list[_Interface]) -> Frame | None:
    if kind == _SIMPLE:  # it has no time, and is of the first interface
        length = min(struct.unpack_from(order + "I", body)[0], len(body) - 4)
        return Frame(0.0, interfaces[0].link, body[4 : 4 + length])
    if kind == _PACKET:
        number, high, low, length = struct.unpack_from(order + "4I", body)
    elif kind == _OLD_PACKET:
        number, high, low, length = struct.unpack_from(order + "H2x3I", body)
    else:
        return None  # names, statistics and what others invent
    if 20 + length > len(body):
        raise IndexError
    interface = interfaces[number]
    return Frame(
        (high << 32 | low) / interface.units + interface.offset, interface.link, body[20 : 20 + length]
    )
