"""The kernel's media sockets: one question tells which of thousands are readable."""

from __future__ import annotations

import ctypes
import os
import select
import selectors
import socket
from collections.abc import Callable, Sequence

from trio_runtime.base.ports import MediaArrival
from trio_runtime.base.types import Address

__all__ = ["KernelMediaIO", "KernelMediaSocket"]

_BAD_DATA = (OSError, OverflowError, TypeError, ValueError)
_DOUBTS = 1_024
"""Datagrams after `connect` whose sender is still looked at: a stranger's may have waited since before."""
_DISSOLVE = b"\0\0" + bytes(14)  # struct sockaddr with AF_UNSPEC: dissolves the association (connect(2))


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
        self._sendto, self._send = sock.sendto, sock.send
        self._forget = forget
        self._doubts = 0
        host, port = sock.getsockname()[:2]
        self.local_address: Address = (host, port)
        self.peer: Address | None = None

    def __repr__(self) -> str:
        """Return the kind and the addresses."""
        peer = "" if self.peer is None else f" to {self.peer[0]}:{self.peer[1]}"
        return f"<media UDP {self.local_address[0]}:{self.local_address[1]}{peer}>"

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
        self._doubts = _DOUBTS
        return True

    def read(self, row: memoryview) -> MediaArrival | None:
        """Write one datagram into `row`; None if there is none now."""
        try:
            if self.peer is not None and not self._doubts:
                return MediaArrival(self, self._recv_into(row), None)
            length, address = self._recvfrom_into(row)
        except OSError:
            return None
        source: Address | None = address[:2]
        if self.peer is not None:
            self._doubts -= 1
            source = None if source == self.peer else source
        return MediaArrival(self, length, source)

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

    def close(self) -> None:
        """Release the port; closing twice does nothing."""
        if self._socket.fileno() >= 0:
            self._forget(self._socket)
            self._socket.close()


def _dissolve(sock: socket.socket, local_address: Address) -> None:
    """Undo `connect`, for which Python has no call of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(sock.fileno(), _DISSOLVE, len(_DISSOLVE)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if sock.getsockname()[:2] != local_address:  # the kernel takes back a port that it had chosen itself
        sock.bind(local_address)


class KernelMediaIO:
    """All media sockets of one media clock."""

    def __init__(self, *, use_epoll: bool = hasattr(select, "epoll")) -> None:
        """Use epoll where there is one, else the best selector of the platform."""
        self._sockets: dict[int, KernelMediaSocket] = {}
        self._epoll = select.epoll() if use_epoll else None
        self._selector = None if use_epoll else selectors.DefaultSelector()

    def open(self, host: str, port: int) -> KernelMediaSocket:
        """Bind a socket; raises `OSError` when the port is taken."""
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        media_socket = KernelMediaSocket(sock, self._remove)
        self._sockets[sock.fileno()] = media_socket
        if self._epoll is not None:
            self._epoll.register(sock.fileno(), select.EPOLLIN)
        elif self._selector is not None:
            self._selector.register(sock, selectors.EVENT_READ, media_socket)
        return media_socket

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        """Take one datagram of each readable socket, without waiting."""
        arrivals: list[MediaArrival] = []
        for media_socket in self._readable(len(rows)):
            arrival = media_socket.read(rows[len(arrivals)])
            if arrival is not None:
                arrivals.append(arrival)
        return arrivals

    def _readable(self, most: int) -> list[KernelMediaSocket]:
        sockets = self._sockets
        if not sockets:  # an empty selector would sleep on some platforms
            return []
        if self._epoll is not None:
            return [sockets[descriptor] for descriptor, _ in self._epoll.poll(0, most)]
        return [key.data for key, _ in self._selector.select(0)][:most] if self._selector else []

    def close(self) -> None:
        """Close every socket that is still open."""
        for media_socket in list(self._sockets.values()):
            media_socket.close()
        if self._epoll is not None:
            self._epoll.close()
        if self._selector is not None:
            self._selector.close()

    def _remove(self, sock: socket.socket) -> None:
        del self._sockets[sock.fileno()]
        if self._epoll is not None:
            self._epoll.unregister(sock.fileno())
        elif self._selector is not None:
            self._selector.unregister(sock)
