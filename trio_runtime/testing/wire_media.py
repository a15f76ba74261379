"""The media sockets of the simulated network, polled like the kernel's."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import trio

from trio_runtime.base.ports import MediaArrival, MediaSocket
from trio_runtime.base.types import Address
from trio_runtime.testing.wire_sockets import WireSocket

__all__ = ["WireMediaIO", "WireMediaSocket"]


class WireMediaSocket(WireSocket):
    """A simulated socket for media, polled like the kernel's."""

    is_media = True
    _peer: Address | None = None
    home: WireMediaIO | None = None

    def on_arrival(self) -> None:
        """Wake who waits for the set that the socket is in."""
        if self.home is not None and self.home.arrivals:
            self.home.arrivals.unpark_all()

    @property
    def arrived_at(self) -> float:
        """When the oldest datagram came that waits."""
        return self.waiting[0][2]

    @property
    def peer(self) -> Address | None:
        """The address that it is connected to, or None."""
        return self._peer

    def connect(self, peer: Address | None) -> bool:
        """Take datagrams from one address only; None takes all again."""
        self._peer = peer
        if peer is not None:
            self.waiting = deque(item for item in self.waiting if item[1] == peer)
        return True

    def deliver(self, data: bytes, source: Address) -> None:
        """Put an arriving datagram into the queue; a connected socket drops those of strangers."""
        if self._peer is None or source == self._peer:
            super().deliver(data, source)
            self.on_arrival()
        else:
            self._dropped += 1

    def read(self, row: memoryview) -> MediaArrival:
        """Write the oldest datagram into `row`."""
        data, source, _ = self.waiting.popleft()
        length = min(len(data), len(row))
        row[:length] = data[:length]
        self._received += 1
        return self, length, source if self._peer is None else None

    def transmit(self, data: memoryview) -> bool:
        """Send one datagram to `peer`; False means that it was dropped."""
        return self._peer is not None and self.send(bytes(data), self._peer)


class WireMediaIO:
    """The media sockets of one media clock on the simulated network."""

    timed = True

    def __init__(self, bind: Callable[[str, int], WireMediaSocket]) -> None:
        """Take the host's way to bind a media socket."""
        self._bind = bind
        self._sockets: list[WireMediaSocket] = []
        self._closed = False
        self.arrivals = trio.lowlevel.ParkingLot()

    def open(self, host: str, port: int) -> WireMediaSocket:
        """Bind a socket; raises `OSError` when the port is taken."""
        socket = self._bind(host, port)
        self._sockets = [other for other in self._sockets if not other.closed]
        self._add(socket)
        return socket

    def adopt(self, socket: MediaSocket) -> None:
        """Take a socket over from another set."""
        if isinstance(socket, WireMediaSocket) and not socket.closed:
            if socket.home is not None:
                socket.home.release(socket)
            self._add(socket)

    def release(self, socket: WireMediaSocket) -> None:
        """Let go of a socket."""
        self._sockets.remove(socket)

    async def wait_readable(self) -> None:
        """Wait until a socket has something."""
        if any(socket.waiting for socket in self._sockets):
            await trio.lowlevel.checkpoint()
        else:
            await self.arrivals.park()
        if self._closed:
            raise trio.ClosedResourceError("the media sockets are closed")

    def _add(self, socket: WireMediaSocket) -> None:
        socket.home = self
        self._sockets.append(socket)
        self.arrivals.unpark_all()

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        """Take one datagram of each readable socket, without waiting."""
        readable = [socket for socket in self._sockets if socket.waiting]
        return [socket.read(row) for socket, row in zip(readable, rows, strict=False)]

    def receive_late(self, rows: Sequence[memoryview]) -> tuple[list[MediaArrival], list[float]]:
        """Do as `receive`, and return as well how long ago each datagram came, in seconds."""
        now = trio.current_time()
        readable = [socket for socket in self._sockets if socket.waiting][: len(rows)]
        ages = [now - socket.arrived_at for socket in readable]
        return [socket.read(row) for socket, row in zip(readable, rows, strict=False)], ages

    def close(self) -> None:
        """Close every socket that is still open."""
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()
        self._closed = True
        self.arrivals.unpark_all()
