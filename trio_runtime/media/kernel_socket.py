"""A media socket of the kernel, connected to its peer as soon as that is certain."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

from trio_runtime.base.ports import MediaArrival
from trio_runtime.base.types import Address

__all__ = ["TIMED", "KernelMediaSocket"]

_BAD_DATA = (OSError, OverflowError, TypeError, ValueError)
_DOUBTS = 1_024
"""Datagrams after `connect` whose sender is still looked at: a stranger's may have waited since before."""
_FEW_DOUBTS = 16
"""The same once none waits: what was on its way through the kernel at that moment."""
_DISSOLVE = b"\0\0" + bytes(14)  # struct sockaddr with AF_UNSPEC: dissolves the association (connect(2))
_TIMESTAMPS: Final = 35 if sys.platform == "linux" else None
"""SO_TIMESTAMPNS, for which Python has no name: the kernel says when a datagram came."""
_RECEIVE_BUFFER: Final = 32_768
"""Octets asked for: on Linux they hold some 30 packets, 0.6 s. After a longer delay nobody wants
to hear what was kept, and reading it would be the next delay."""
TIMED: Final = _TIMESTAMPS is not None
"""Whether the system tells when a datagram came."""
_timespec: Final = struct.Struct("@ll").unpack
_ANCILLARY: Final = socket.CMSG_LEN(struct.calcsize("@ll"))


class KernelMediaSocket:
    """A bound, non-blocking UDP socket; a lost packet is not worth an exception.

    Attributes:
        local_address: The bound address.
        peer: The address that it is connected to, or None.
    """

    __slots__ = (
        "_doubts",
        "_forget",
        "_recv_into",
        "_recvfrom_into",
        "_recvmsg_into",
        "_send",
        "_sendto",
        "_socket",
        "local_address",
        "peer",
    )

    def __init__(self, sock: socket.socket, forget: Callable[[socket.socket], None]) -> None:
        """Take over a bound socket; `forget` is called with it before it is closed."""
        self._socket = sock
        self._recvfrom_into, self._recv_into = sock.recvfrom_into, sock.recv_into
        self._recvmsg_into = sock.recvmsg_into
        self._sendto, self._send = sock.sendto, sock.send
        self._forget = forget
        self._doubts = 0
        host, port = sock.getsockname()[:2]
        self.local_address: Address = (host, port)
        self.peer: Address | None = None
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if _TIMESTAMPS is not None:
            sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)

    def __repr__(self) -> str:
        """Return the kind and the addresses."""
        peer = "" if self.peer is None else f" to {self.peer[0]}:{self.peer[1]}"
        return f"<media UDP {self.local_address[0]}:{self.local_address[1]}{peer}>"

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._socket.fileno() < 0

    def connect(self, peer: Address | None) -> bool:
        """Take datagrams from one address only; None takes all again."""
        if peer == self.peer:
            return True
        self.peer = None
        try:
            if peer is None:
                _dissolve(self._socket, self.local_address)
            else:
                self._socket.connect(peer)
        except _BAD_DATA:
            return False
        self.peer = peer
        self._doubts = _DOUBTS if self._waits() else _FEW_DOUBTS
        return True

    def read(self, row: memoryview) -> MediaArrival:
        """Write one datagram into `row`; raises `OSError` if there is none now."""
        if self.peer is not None and not self._doubts:
            return self, self._recv_into(row), None
        length, address = self._recvfrom_into(row)
        return self, length, self._source(address)

    def read_late(self, row: memoryview) -> tuple[MediaArrival, float | None]:
        """Do as `read`, and return when the datagram came as well: seconds since 1970, None if unknown."""
        length, ancillary, _, address = self._recvmsg_into((row,), _ANCILLARY)
        if not ancillary:
            return (self, length, self._source(address)), None
        seconds, nanoseconds = _timespec(ancillary[0][2])  # nothing else was asked for
        return (self, length, self._source(address)), seconds + nanoseconds / 1e9

    def send(self, data: bytes, destination: Address) -> bool:
        """Send one datagram to an IP address; False means that it was dropped."""
        try:
            try:
                self._sendto(data, destination)
            except ConnectionRefusedError:  # tells of an earlier datagram, and this one did not go out
                self._sendto(data, destination)
        except _BAD_DATA:
            return False
        return True

    def transmit(self, data: memoryview) -> bool:
        """Send one datagram to `peer`; False means that it was dropped."""
        try:
            try:
                self._send(data)
            except ConnectionRefusedError:  # as above: a peer that has closed still gets our goodbye
                self._send(data)
        except OSError:
            return False
        return True

    def move(self, forget: Callable[[socket.socket], None]) -> socket.socket:
        """Leave the set that it is in for another one, whose `forget` counts from now on."""
        self._forget(self._socket)
        self._forget = forget
        return self._socket

    def close(self) -> None:
        """Release the port; closing twice does nothing."""
        if self._socket.fileno() >= 0:
            self._forget(self._socket)
            self._socket.close()

    def _waits(self) -> bool:
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:  # told of a datagram of ours
            return True
        return True

    def _source(self, address: tuple[str, int]) -> Address | None:
        source = address[:2]
        if self.peer is None:
            return source
        self._doubts = max(0, self._doubts - 1)
        if self._doubts > _FEW_DOUBTS and not self._waits():
            self._doubts = _FEW_DOUBTS
        return None if source == self.peer else source


def _dissolve(sock: socket.socket, local_address: Address) -> None:
    """Undo `connect`, for which Python has no call of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(sock.fileno(), _DISSOLVE, len(_DISSOLVE)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if sock.getsockname()[:2] != local_address:  # the kernel takes back a port that it had chosen itself
        sock.bind(local_address)
