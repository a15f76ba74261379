"""Media sockets that show all that passes them to a capture; everything else is what lies below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket

if TYPE_CHECKING:
    from trio_runtime.base.clock import Clock
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.media.protection import Contexts
    from trio_runtime.observe.capture import Capture

__all__ = ["CapturedIO", "MediaTap", "captured_io", "told_keys"]


class MediaTap(Protocol):
    """Takes each datagram; see `Capture.take_media`."""

    def __call__(
        self, time: float, source: Address, destination: Address, data: bytes, *, port: int, sent: bool
    ) -> None:
        """Take one datagram, at once."""
        ...


class _CapturedSocket:
    home: dict[MediaSocket, _CapturedSocket]

    def __init__(self, socket: MediaSocket, host: str, clock: Clock, tap: MediaTap) -> None:
        self.inner = socket
        self._port = socket.local_address[1]
        self._address = (host, self._port)
        self._clock = clock
        self._tap = tap

    @property
    def local_address(self) -> Address:
        return self.inner.local_address

    @property
    def peer(self) -> Address | None:
        return self.inner.peer

    def connect(self, peer: Address | None) -> bool:
        return self.inner.connect(peer)

    def send(self, data: bytes, destination: Address) -> bool:
        sent = self.inner.send(data, destination)
        if sent:
            self._show(self._clock.now(), self._address, destination, data, sent=True)
        return sent

    def transmit(self, data: memoryview) -> bool:
        sent = self.inner.transmit(data)
        if sent and (peer := self.inner.peer) is not None:
            self._show(self._clock.now(), self._address, peer, bytes(data), sent=True)
        return sent

    def close(self) -> None:
        self.inner.close()
        self.home.pop(self.inner, None)

    def heard(self, time: float, source: Address | None, data: bytes) -> None:
        """Show a datagram that came; without a source it is of the peer that the socket is connected to."""
        source = source or self.inner.peer
        if source is not None:
            self._show(time, source, self._address, data, sent=False)

    def _show(self, time: float, source: Address, destination: Address, data: bytes, *, sent: bool) -> None:
        self._tap(time, source, destination, data, port=self._port & ~1, sent=sent)


class CapturedIO:
    """A set of media sockets over another one.

    Args:
        io: The sockets themselves.
        host: The address of ours that a capture shows; the sockets may be bound to all.
        clock: The time.
        tap: Takes what passes.
    """

    def __init__(self, io: MediaIO, host: str, clock: Clock, tap: MediaTap) -> None:
        self._io = io
        self._clock = clock
        self._wrap: Callable[[MediaSocket], _CapturedSocket] = lambda socket: _CapturedSocket(
            socket, host, clock, tap
        )
        self._sockets: dict[MediaSocket, _CapturedSocket] = {}

    @property
    def timed(self) -> bool:
        """As of the set below."""
        return self._io.timed

    def open(self, host: str, port: int) -> MediaSocket:
        """Bind a socket; raises `OSError` when the port is taken."""
        return self._keep(self._io.open(host, port))

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        """Take a datagram of each readable socket, and show it."""
        now = self._clock.now()
        return [
            self._show(arrival, row, now) for arrival, row in zip(self._io.receive(rows), rows, strict=False)
        ]

    def receive_late(self, rows: Sequence[memoryview]) -> tuple[list[MediaArrival], list[float]]:
        """Do the same, and show each at the time at which it came."""
        now = self._clock.now()
        arrivals, ages = self._io.receive_late(rows)
        shown = [
            self._show(arrival, row, now - age)
            for arrival, row, age in zip(arrivals, rows, ages, strict=False)
        ]
        return shown, ages

    async def wait_readable(self) -> None:
        """Wait until a socket has something."""
        await self._io.wait_readable()

    def adopt(self, socket: MediaSocket) -> None:
        """Take a socket over from another set of this kind."""
        inner = socket.inner if isinstance(socket, _CapturedSocket) else socket
        self._io.adopt(inner)
        if isinstance(socket, _CapturedSocket):
            socket.home.pop(inner, None)
            self._sockets[inner], socket.home = socket, self._sockets
        else:
            self._keep(inner)

    def close(self) -> None:
        """Close every socket that is still open."""
        self._sockets.clear()
        self._io.close()

    def _keep(self, socket: MediaSocket) -> _CapturedSocket:
        captured = self._sockets[socket] = self._wrap(socket)
        captured.home = self._sockets
        return captured

    def _show(self, arrival: MediaArrival, row: memoryview, time: float) -> MediaArrival:
        socket, octets, source = arrival
        captured = self._sockets[socket]
        captured.heard(time, source, bytes(row[:octets]))
        return captured, octets, source


def captured_io(environment: Environment, host: str, dscp: int, capture: Capture | None) -> MediaIO:
    """Return a new set of media sockets, which a capture sees if there is one.

    Args:
        environment: Clock and network.
        host: The address of ours that the capture shows.
        dscp: How packets are marked, as `Network.open_media` has it.
        capture: Takes what passes, or None.
    """
    io = environment.network.open_media(dscp)
    return io if capture is None else CapturedIO(io, host, environment.clock, capture.take_media)


def told_keys(port: int, capture: Capture | None) -> Callable[[Contexts], None] | None:
    """Return what tells a capture the keys of a port, which belongs to a new call now; None without one."""
    if capture is None:
        return None
    capture.take_keys(port, None, None)
    return lambda contexts: capture.take_keys(port, contexts.send, contexts.receive)
