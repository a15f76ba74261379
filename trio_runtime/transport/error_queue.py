"""Linux's error queue of a UDP socket: which destination an ICMP error was about."""

from __future__ import annotations

import os
import socket
import struct
import sys

from trio_runtime.base.types import Address

__all__ = ["enable_error_queue", "read_error_queue"]

# linux/in.h, linux/in6.h, bits/socket.h; Python's socket module does not have them all.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_ERRORS = {(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)}
_MSG_ERRQUEUE = 0x2000
_ORIGIN_LOCAL = 1
_EXTENDED_ERROR = struct.Struct("=IBBBBII")  # errno, origin, type, code, pad, info, data


def enable_error_queue(sock: socket.socket) -> None:
    """Ask the kernel to keep errors with their destination; nothing happens where it cannot."""
    if sys.platform != "linux":
        return
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)


def read_error_queue(sock: socket.socket) -> list[tuple[Address, str]]:
    """Return all destinations that the network reported and why, the oldest first, and forget them.

    What the own kernel refused is left out: the call that sent it has raised already.

    It must be read whenever it may hold something: until it is empty, the socket counts as readable.
    """
    found: list[tuple[Address, str]] = []
    while sys.platform == "linux":
        try:
            _, control, _, address = sock.recvmsg(1, 512, _MSG_ERRQUEUE)
        except OSError:
            break
        for level, kind, data in control:
            # A time stamp may stand beside the error.
            if (level, kind) not in _ERRORS or len(data) < _EXTENDED_ERROR.size or not address:
                continue
            number, origin, *_ = _EXTENDED_ERROR.unpack_from(data)
            if origin != _ORIGIN_LOCAL:
                found.append(((address[0], address[1]), os.strerror(number)))
    return found
