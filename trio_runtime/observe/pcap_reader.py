"""The classic capture format of libpcap: a header, then packet after packet."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from trio_runtime.observe.errors import CaptureFileError

__all__ = ["Frame", "is_pcap", "read_pcap"]

_MAX_FRAME = 1 << 20
_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e6),
    b"\xa1\xb2\xc3\xd4": (">", 1e6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e9),
    b"\xa1\xb2\x3c\x4d": (">", 1e9),
}


class Frame(NamedTuple):
    """One captured frame.

    Attributes:
        time: Seconds since 1970; 0 where the file does not say.
        link: Link type, by which its headers are read.
        data: What was captured of it.
    """

    time: float
    link: int
    data: bytes


def is_pcap(data: bytes) -> bool:
    """Tell whether a file's content begins like this format."""
    return data[:4] in _MAGIC


def read_pcap(data: bytes) -> Iterator[Frame]:
    """Iterate over the frames; the cut-off rest of a file that is still being written is left out.

    Raises:
        CaptureFileError: It is damaged.
    """
    order, units = _MAGIC[data[:4]]
    if len(data) < 24:
        return
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF  # above it stands the length of a checksum
    position = 24
    while position + 16 <= len(data):
        seconds, rest, length, _ = struct.unpack_from(order + "4I", data, position)
        if length > _MAX_FRAME:
            raise CaptureFileError(f"the packet at octet {position} has the impossible length {length}")
        start, position = position + 16, position + 16 + length
        if position > len(data):
            return
        yield Frame(seconds + rest / units, link, data[start:position])
