"""UDP: the sockets, which one a packet leaves by, and what comes in."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.machine import Endpoint
from trio_runtime.base.ports import DatagramStatistics

if TYPE_CHECKING:
    from sansio_sip.machine import Transmit
    from trio_runtime.base.ports import DatagramSocket
    from trio_runtime.base.types import Address
    from trio_runtime.dialog.pump import Pump

__all__ = ["BoundSocket", "Datagrams"]

_STUN_ANSWER = b"\x01"
_MAX_BATCH = 64  # datagrams read before other tasks get their turn


@functools.lru_cache(maxsize=1_024)
def _peer(host: str, port: int, flow: str | None) -> Endpoint:
    """Return the endpoint of a peer; most datagrams come from a few."""
    return Endpoint("UDP", host, port, flow)


@attrs.frozen
class BoundSocket:
    """One of the sockets.

    Attributes:
        socket: The bound socket.
        flow: Its name in endpoints; the first one has none.
        local: The address that stands for us in the trace.
    """

    socket: DatagramSocket
    flow: str | None
    local: Address


class Datagrams:
    """Sends and receives over all UDP sockets of an endpoint.

    Args:
        pump: Holds the machine.
        sockets: At least one; where nothing else decides, a packet leaves by the first of its family.

    Attributes:
        sockets: See above.
        stun_taker: Who wants to see answers to STUN, or ``None``.
    """

    def __init__(self, pump: Pump[object], sockets: Sequence[BoundSocket]) -> None:
        self._pump = pump
        self.sockets = tuple(sockets)
        self.stun_taker: Callable[[bytes], None] | None = None
        self._only = sockets[0] if len(sockets) == 1 else None

    def send(self, transmit: Transmit) -> None:
        """Send a packet; a failure goes to the machine."""
        pump, destination = self._pump, transmit.destination
        bound = self._only or self._choose(destination)
        address = (destination.host, destination.port)
        sent = bound.socket.send(transmit.data, address)
        if pump.trace is not None:
            pump.trace.record(pump.clock.now(), bound.local, address, transmit.data, lost=not sent)
        if not sent:
            pump.statistics.send_failures += 1
            self._take_errors(bound)

    def send_raw(self, data: bytes, destination: Endpoint) -> None:
        """Send what is no SIP message and stands in no trace; a failure is left to whoever waits."""
        bound = self._only or self._choose(destination)
        bound.socket.send(data, (destination.host, destination.port))

    def _choose(self, destination: Endpoint) -> BoundSocket:
        if destination.flow is not None:
            for bound in self.sockets:
                if bound.flow == destination.flow:
                    return bound
        six = ":" in destination.host
        for bound in self.sockets:
            if (":" in bound.socket.local_address[0]) is six:
                return bound
        return self.sockets[0]

    def _take_errors(self, bound: BoundSocket) -> bool:
        """Tell the machine what the network has reported; return whether there was anything."""
        failure = bound.socket.next_error()
        if failure is None:
            return False
        while failure is not None:
            (host, port), cause = failure
            endpoint = Endpoint("UDP", host, port, bound.flow)
            self._pump.machine.flow_failed(endpoint, cause, self._pump.clock.now())
            failure = bound.socket.next_error()
        return True

    async def read(self, bound: BoundSocket) -> None:
        """Feed the machine from a socket for ever: wait once, then read until nothing is left."""
        empty_at = self._pump.clock.now()
        while True:
            await bound.socket.wait_readable()
            self._pump.statistics.wake_ups += 1
            if self._read_batch(bound, empty_at):
                await trio.lowlevel.checkpoint()
            else:
                empty_at = self._pump.clock.now()

    def _read_batch(self, bound: BoundSocket, empty_at: float) -> bool:
        """Read and handle what is there; True when there may be more.

        How long the first has waited tells the machine how far behind we are. Where the system cannot say, it
        is taken to have come when there was last nothing to read.
        """
        pump, receive, flow = self._pump, bound.socket.receive, bound.flow
        machine, trace, now = pump.machine, pump.trace, pump.clock.now()
        first = bound.socket.receive_timed()
        if first is None:
            self._take_errors(bound)
            pump.flush()
            return False
        datagram: tuple[bytes, Address] | None = first[:2]
        waited = first[2]
        pump.waited(now - empty_at if waited is None else waited, now)
        left = _MAX_BATCH
        while datagram is not None:
            data, source = datagram
            if trace is not None:
                trace.record(now, source, bound.local, data)
            if self.stun_taker is not None and data[:1] == _STUN_ANSWER:
                self.stun_taker(data)
            machine.receive_datagram(data, _peer(*source, flow), now)
            pump.drain()  # the timer is set once, after the batch
            left -= 1
            if not left:
                break  # and nothing more is read: it would be lost
            datagram = receive()
        if self._take_errors(bound):
            pump.drain()
        pump.arm()
        return datagram is not None

    def close(self) -> None:
        """Release the sockets."""
        for bound in self.sockets:
            bound.socket.close()

    def statistics(self) -> DatagramStatistics:
        """Return the sum of all sockets."""
        each = [attrs.astuple(bound.socket.statistics()) for bound in self.sockets]
        return DatagramStatistics(*[sum(values) for values in zip(*each, strict=True)])
