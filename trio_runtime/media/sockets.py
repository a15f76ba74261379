"""The kernel's media sockets: one question tells which of thousands are readable."""

from __future__ import annotations

import select
import selectors
import socket
from collections.abc import Callable

from trio_runtime.base.ports import MediaSocket
from trio_runtime.base.types import Address

__all__ = ["KernelMediaIO", "KernelMediaSocket"]


class KernelMediaSocket:
    """A bound, non-blocking UDP socket; a lost packet is not worth an exception."""

    __slots__ = ("_forget", "_recvfrom_into", "_sendto", "_socket", "local_address")

    def __init__(self, sock: socket.socket, forget: Callable[[socket.socket], None]) -> None:
        """Take over a bound socket; `forget` is called with it before it is closed."""
        self._socket = sock
        self._recvfrom_into = sock.recvfrom_into
        self._sendto = sock.sendto
        self._forget = forget
        host, port = sock.getsockname()[:2]
        self.local_address: Address = (host, port)

    def __repr__(self) -> str:
        """Return the kind and the bound address."""
        return f"<media UDP {self.local_address[0]}:{self.local_address[1]}>"

    def receive_into(self, buffer: bytearray | memoryview) -> tuple[int, Address] | None:
        """Write one datagram into `buffer` and return its length and source, or None if there is none now."""
        try:
            length, address = self._recvfrom_into(buffer)
        except OSError:
            return None
        return length, address[:2]

    def send(self, data: bytes, destination: Address) -> bool:
        """Send one datagram to an IP address; False means that it was dropped."""
        try:
            self._sendto(data, destination)
        except (OSError, OverflowError, TypeError, ValueError):
            return False
        return True

    def close(self) -> None:
        """Release the port; closing twice does nothing."""
        if self._socket.fileno() >= 0:
            self._forget(self._socket)
            self._socket.close()


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

    def poll(self) -> list[MediaSocket]:
        """Return the sockets that are readable now, without waiting."""
        if not self._sockets:
            # An empty selector would sleep on some platforms.
            return []
        if self._epoll is not None:
            sockets = self._sockets
            return [sockets[descriptor] for descriptor, _ in self._epoll.poll(0, len(sockets))]
        assert self._selector is not None
        return [key.data for key, _ in self._selector.select(0)]

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
