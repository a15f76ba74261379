"""When the kernel received a datagram, where it tells."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterable
from typing import Final

__all__ = ["ANCILLARY_OCTETS", "arrival_of", "enable_timestamps"]

_TIMESTAMPS: Final = 35 if sys.platform == "linux" else None
"""SO_TIMESTAMPNS, for which Python has no name."""
_timespec: Final = struct.Struct("@ll")
ANCILLARY_OCTETS: Final = socket.CMSG_SPACE(_timespec.size) if hasattr(socket, "CMSG_SPACE") else 0
"""Room that a time stamp needs beside a datagram."""


def enable_timestamps(sock: socket.socket) -> bool:
    """Ask the kernel to note when each datagram comes; return whether it does."""
    if _TIMESTAMPS is None:
        return False
    sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
    return True


def arrival_of(ancillary: Iterable[tuple[int, int, bytes]]) -> float | None:
    """Return when a datagram came, in seconds since 1970, from what the kernel says beside it."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _TIMESTAMPS and len(data) >= _timespec.size:
            seconds: int
            nanoseconds: int
            seconds, nanoseconds = _timespec.unpack_from(data)
            return seconds + nanoseconds / 1e9
    return None
