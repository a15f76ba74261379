"""The media sockets of the simulated network, polled like the kernel's."""

from __future__ import annotations

from collections.abc import Callable

from trio_runtime.base.ports import MediaSocket
from trio_runtime.base.types import Address
from trio_runtime.testing.wire_sockets import WireSocket

__all__ = ["WireMediaIO", "WireMediaSocket"]


class WireMediaSocket(WireSocket):
    """A simulated socket for media, polled like the kernel's."""

    is_media = True

    @property
    def readable(self) -> bool:
        """True when a datagram waits."""
        return bool(self._waiting)

    def receive_into(self, buffer: bytearray | memoryview) -> tuple[int, Address] | None:
        """Write one datagram into `buffer` and return its length and source, or None if there is none now."""
        if not self._waiting:
            return None
        data, source = self._waiting.popleft()
        length = min(len(data), len(buffer))
        buffer[:length] = data[:length]
        self._received += 1
        return length, source


class WireMediaIO:
    """The media sockets of one media clock on the simulated network."""

    def __init__(self, bind: Callable[[str, int], WireMediaSocket]) -> None:
        """Take the host's way to bind a media socket."""
        self._bind = bind
        self._sockets: list[WireMediaSocket] = []

    def open(self, host: str, port: int) -> WireMediaSocket:
        """Bind a socket; raises `OSError` when the port is taken."""
        socket = self._bind(host, port)
        self._sockets = [other for other in self._sockets if not other.closed]
        self._sockets.append(socket)
        return socket

    def poll(self) -> list[MediaSocket]:
        """Return the sockets that are readable now, without waiting."""
        return [socket for socket in self._sockets if socket.readable]

    def close(self) -> None:
        """Close every socket that is still open."""
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()
