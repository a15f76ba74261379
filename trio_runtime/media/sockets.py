"""The kernel's media sockets: one question tells which of thousands are readable."""

from __future__ import annotations

import contextlib
import select
import selectors
import socket
import time
from collections.abc import Sequence
from typing import Final

import trio

from trio_runtime.base.ports import MediaArrival, MediaSocket
from trio_runtime.media.kernel_socket import TIMED, KernelMediaSocket

__all__ = ["KernelMediaIO"]

_POLL_S: Final = 0.002


class KernelMediaIO:
    """All media sockets of one media clock.

    Attributes:
        timed: Whether the system tells when a datagram came.
    """

    timed = TIMED

    def __init__(self, dscp: int = 0, *, use_epoll: bool = hasattr(select, "epoll")) -> None:
        """Mark what is sent with `dscp`; use epoll where there is one, else the platform's best selector."""
        self._dscp = dscp
        self._sockets: dict[int, KernelMediaSocket] = {}
        self._waiting = False
        self._epoll = select.epoll() if use_epoll else None
        self._selector = None if use_epoll else selectors.DefaultSelector()

    def open(self, host: str, port: int) -> KernelMediaSocket:
        """Bind a socket; raises `OSError` when the port is taken."""
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            _mark(sock, self._dscp)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        media_socket = KernelMediaSocket(sock, self._remove)
        self._add(sock, media_socket)
        return media_socket

    def adopt(self, socket: MediaSocket) -> None:
        """Take a socket over from another set; a closed one stays where it is."""
        if isinstance(socket, KernelMediaSocket) and not socket.closed:
            self._add(socket.move(self._remove), socket)

    async def wait_readable(self) -> None:
        """Wait until a socket has something; may also return for nothing.

        Raises:
            trio.ClosedResourceError: The set was closed.
        """
        if self._epoll is None:  # not every selector of a platform can be waited for
            await trio.sleep(_POLL_S)
            return
        self._waiting = True
        try:
            await trio.lowlevel.wait_readable(self._epoll)
        finally:
            self._waiting = False

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        """Take one datagram of each readable socket, without waiting."""
        arrivals: list[MediaArrival] = []
        for media_socket in self._readable(len(rows)):
            try:
                arrivals.append(media_socket.read(rows[len(arrivals)]))
            except OSError:  # it was none after all, or tells of one of ours
                continue
        return arrivals

    def receive_late(self, rows: Sequence[memoryview]) -> tuple[list[MediaArrival], list[float]]:
        """Do as `receive`, and return as well how long ago each datagram came, in seconds."""
        arrivals: list[MediaArrival] = []
        ages: list[float] = []
        now = time.time()  # the clock of the kernel's timestamps; only the difference counts
        for media_socket in self._readable(len(rows)):
            try:
                arrival, at = media_socket.read_late(rows[len(arrivals)])
            except OSError:
                continue
            arrivals.append(arrival)
            ages.append(0.0 if at is None else max(0.0, now - at))
        return arrivals, ages

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
            if self._waiting:
                trio.lowlevel.notify_closing(self._epoll)
            self._epoll.close()
        if self._selector is not None:
            self._selector.close()

    def _add(self, sock: socket.socket, media_socket: KernelMediaSocket) -> None:
        self._sockets[sock.fileno()] = media_socket
        if self._epoll is not None:
            self._epoll.register(sock.fileno(), select.EPOLLIN)
        elif self._selector is not None:
            self._selector.register(sock, selectors.EVENT_READ, media_socket)

    def _remove(self, sock: socket.socket) -> None:
        del self._sockets[sock.fileno()]
        if self._epoll is not None:
            self._epoll.unregister(sock.fileno())
        elif self._selector is not None:
            self._selector.unregister(sock)


def _mark(sock: socket.socket, dscp: int) -> None:
    """Mark what a socket sends; a system that refuses sends it without a mark."""
    with contextlib.suppress(OSError):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)
