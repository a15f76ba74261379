"""The doors to datagrams: what the kernel and the simulated network both offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import attrs

from trio_runtime.base.types import Address

__all__ = [
    "DatagramSocket",
    "DatagramStatistics",
    "MediaArrival",
    "MediaIO",
    "MediaSocket",
]


@attrs.frozen
class DatagramStatistics:
    """What passed one datagram socket.

    Attributes:
        received: Datagrams received.
        sent: Datagrams handed to the network.
        dropped: Datagrams that could not be sent: the buffer was full or there is no way to the address.
        errors: Errors that the network reported, such as a closed port at the far end.
        receive_buffer: Octets that the network really holds for the socket.
    """

    received: int = 0
    sent: int = 0
    dropped: int = 0
    errors: int = 0
    receive_buffer: int = 0


class DatagramSocket(Protocol):
    """A bound UDP socket for signalling; nothing but `wait_readable` waits, and nothing raises `OSError`."""

    @property
    def local_address(self) -> Address:
        """The bound address, with the real port."""
        ...

    async def wait_readable(self) -> None:
        """Wait until `receive` or `next_error` has something; may also return for nothing."""
        ...

    def receive(self) -> tuple[bytes, Address] | None:
        """Return one datagram and its source, or None when there is none now."""
        ...

    def receive_timed(self) -> tuple[bytes, Address, float | None] | None:
        """Do as `receive`, and return as well how many seconds it waited; None where the system cannot tell.

        That costs more; one in many is enough to know how far behind the reader is.
        """
        ...

    def next_error(self) -> tuple[Address, str] | None:
        """Pop one failed destination and its cause; ask after `receive` gave None, and after sending."""
        ...

    def send(self, data: bytes, destination: Address) -> bool:
        """Send one datagram to an IP address (not a name); False means that it was dropped and counted."""
        ...

    def close(self) -> None:
        """Release the port; a task in `wait_readable` gets `trio.ClosedResourceError`."""
        ...

    def statistics(self) -> DatagramStatistics:
        """Return the counters."""
        ...


class MediaSocket(Protocol):
    """A bound UDP socket for media, polled by the media clock; a lost packet is not worth an exception."""

    @property
    def local_address(self) -> Address:
        """The bound address, with the real port."""
        ...

    @property
    def peer(self) -> Address | None:
        """The address that it is connected to, or None."""
        ...

    def connect(self, peer: Address | None) -> bool:
        """Take datagrams from one address only, which makes both ways cheaper; None takes all again.

        Returns:
            Whether it could be done; if not, it is connected to nobody.
        """
        ...

    def send(self, data: bytes, destination: Address) -> bool:
        """Send one datagram to an IP address; False means that it was dropped."""
        ...

    def transmit(self, data: memoryview) -> bool:
        """Send one datagram to `peer`; False means that it was dropped, as when there is none."""
        ...

    def close(self) -> None:
        """Release the port."""
        ...


MediaArrival: TypeAlias = "tuple[MediaSocket, int, Address | None]"
"""A datagram that was written into a row of a buffer: the socket where it came in, its octets (what was
longer than the row is cut off), and its source, None from the peer of a connected socket."""


class MediaIO(Protocol):
    """A set of media sockets that is asked as a whole which of them are readable."""

    def open(self, host: str, port: int) -> MediaSocket:
        """Bind a socket; raises `OSError` when the port is taken."""
        ...

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        """Take a datagram of each readable socket, without waiting: the first into the first row, and so on.

        Most sockets have just one datagram, and one that is asked in vain costs as much as one that gives
        something: so whoever wants the rest asks again, until there is nothing.
        """
        ...

    def receive_late(self, rows: Sequence[memoryview]) -> tuple[list[MediaArrival], list[float]]:
        """Do as `receive`, and return as well how long ago each datagram came, in seconds: 0 where unknown.

        That costs more, and is for whoever comes later than he wanted.
        """
        ...

    @property
    def timed(self) -> bool:
        """Whether `receive_late` knows when a datagram came."""
        ...

    async def wait_readable(self) -> None:
        """Wait until a socket has something; may also return for nothing.

        Raises:
            trio.ClosedResourceError: The set was closed.
        """
        ...

    def adopt(self, socket: MediaSocket) -> None:
        """Take a socket over from another set of the same network; what waits in it is kept."""
        ...

    def close(self) -> None:
        """Close every socket that is still open."""
        ...
