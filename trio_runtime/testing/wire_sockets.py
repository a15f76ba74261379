"""The sockets of the simulated network: what all have in common, and the one for signalling."""

from __future__ import annotations

import os
from collections import deque
from errno import EMSGSIZE
from typing import Protocol

import trio

from trio_runtime.base.ports import DatagramStatistics
from trio_runtime.base.types import Address

__all__ = ["Carrier", "WireDatagramSocket", "WireSocket"]

_MAX_PAYLOAD = 65_507


class Carrier(Protocol):
    """What a socket needs of the network."""

    def send(self, socket: WireSocket, data: bytes, destination: Address) -> None:
        """Take one datagram over."""
        ...

    def release(self, socket: WireSocket) -> None:
        """Forget a socket."""
        ...


class WireSocket:
    """What sockets for signalling and for media have in common.

    Attributes:
        host: The host it belongs to, which its datagrams come from.
        local_address: The address it was bound to, with the real port.
        closed: True after `close`.
        waiting: Datagrams that have come: octets, source, and time.
    """

    is_media = False

    def __init__(
        self, carrier: Carrier, host: str, local_address: Address, *, max_waiting: int = 4_096
    ) -> None:
        self._carrier = carrier
        self.host = host
        self.local_address = local_address
        self.closed = False
        self._max_waiting = max_waiting
        self.waiting: deque[tuple[bytes, Address, float]] = deque()
        self._received = self._sent = self._dropped = self._errors = 0

    @property
    def source(self) -> Address:
        """The address that the far end sees."""
        return self.host, self.local_address[1]

    def __repr__(self) -> str:
        """Return the kind and the address."""
        return f"<{type(self).__name__} {self.host}:{self.local_address[1]}>"

    def deliver(self, data: bytes, source: Address) -> None:
        """Put an arriving datagram into the queue; like a kernel's, a full one drops the newest."""
        if len(self.waiting) < self._max_waiting:
            self.waiting.append((data, source, trio.current_time()))
        else:
            self._dropped += 1

    def report(self, destination: Address, cause: str) -> None:
        """Take note that a datagram could not be delivered."""
        self._errors += 1

    def send(self, data: bytes, destination: Address) -> bool:
        """Send one datagram; False means that it was dropped and counted."""
        if self.closed or len(data) > _MAX_PAYLOAD:
            self._dropped += 1
            if not self.closed:
                self.report(destination, os.strerror(EMSGSIZE))
            return False
        self._sent += 1
        self._carrier.send(self, bytes(data), destination)
        return True

    def close(self) -> None:
        """Release the port; closing twice does nothing."""
        if not self.closed:
            self.closed = True
            self.waiting.clear()
            self._carrier.release(self)


class WireDatagramSocket(WireSocket):
    """A simulated socket for signalling."""

    def __init__(self, carrier: Carrier, host: str, local_address: Address, receive_buffer: int) -> None:
        """Use `WireNetwork.open_datagram` instead."""
        super().__init__(carrier, host, local_address)
        self._receive_buffer = receive_buffer
        self._failed: deque[tuple[Address, str]] = deque(maxlen=256)
        self._readers = trio.lowlevel.ParkingLot()

    async def wait_readable(self) -> None:
        """Wait until `receive` or `next_error` has something; may also return for nothing."""
        await trio.lowlevel.checkpoint_if_cancelled()
        if not self.closed and not self.waiting and not self._failed:
            await self._readers.park()
        else:
            await trio.lowlevel.cancel_shielded_checkpoint()
        if self.closed:
            raise trio.ClosedResourceError("the socket is closed")

    def receive(self) -> tuple[bytes, Address] | None:
        """Return one datagram and its source, or None when there is none now."""
        if not self.waiting:
            return None
        self._received += 1
        data, source, _ = self.waiting.popleft()
        return data, source

    def receive_timed(self) -> tuple[bytes, Address, float | None] | None:
        """Return one datagram with its source and the seconds that it waited, or None."""
        came = self.waiting[0][2] if self.waiting else 0.0
        datagram = self.receive()
        return None if datagram is None else (*datagram, trio.current_time() - came)

    def next_error(self) -> tuple[Address, str] | None:
        """Pop one failed destination and its cause, or None."""
        return self._failed.popleft() if self._failed else None

    def deliver(self, data: bytes, source: Address) -> None:
        """Put an arriving datagram into the queue and wake the reader."""
        super().deliver(data, source)
        if self._readers:
            self._readers.unpark_all()

    def report(self, destination: Address, cause: str) -> None:
        """Keep an error for `next_error` and wake the reader."""
        super().report(destination, cause)
        self._failed.append((destination, cause))
        self._readers.unpark_all()

    def close(self) -> None:
        """Release the port; a task in `wait_readable` gets `trio.ClosedResourceError`."""
        super().close()
        self._readers.unpark_all()

    def statistics(self) -> DatagramStatistics:
        """Return the counters."""
        return DatagramStatistics(
            self._received, self._sent, self._dropped, self._errors, self._receive_buffer
        )
