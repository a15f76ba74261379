"""A simulated network that carries SIP and RTP between whole phones in one process, in virtual time."""

from __future__ import annotations

import heapq
import os
import random
from collections.abc import Callable, Mapping
from errno import ECONNREFUSED
from types import TracebackType

import trio

from sansio_sip.resolve import Record, RecordType
from trio_runtime.base.clock import TrioClock
from trio_runtime.base.environment import Environment
from trio_runtime.base.types import Address
from trio_runtime.observe.ladder import render_ladder
from trio_runtime.observe.trace import Trace, TraceEntry
from trio_runtime.testing.link import Link, LinkConditions
from trio_runtime.testing.schedule import seed_scheduler
from trio_runtime.testing.wire_network import PortTable, WireNetwork
from trio_runtime.testing.wire_sockets import WireSocket
from trio_runtime.testing.wire_streams import WireStreams

__all__ = ["Wire"]

# Wall time at the clock's zero: fixed, so that NTP timestamps repeat as well.
_EPOCH = 1_700_000_000.0


class Wire:
    """The network between simulated hosts: `async with wire:` carries datagrams until the block is left.

    Everything that happens follows from the seed: losses, delays, the random octets of every host, and the
    order in which Trio runs tasks that are ready at the same moment.

    Attributes:
        trace: The datagrams of signalling sockets with their fate, for ladder diagrams.
        datagrams: All datagrams, signalling and media, as they were sent.
        names: Host names that can be resolved; add to it freely.
        records: SRV and NAPTR records by type and name; add to it freely.
        streams: Listeners and connections.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        latency: float | tuple[float, float] = 0.010,
        loss: float = 0.0,
        duplicate: float = 0.0,
        reorder: float = 0.0,
        media_loss: float | None = None,
        loss_for: Callable[[TraceEntry], bool] | None = None,
        icmp: bool = False,
        max_datagrams: int = 200_000,
    ) -> None:
        """Describe the links, which are all alike.

        Args:
            seed: Everything random follows from it.
            latency: Seconds of delay, or the least and the greatest.
            loss: Probability that a datagram is lost.
            duplicate: Probability that a datagram arrives twice.
            reorder: Probability that a datagram is overtaken by later ones.
            media_loss: Probability of loss between media sockets; None is the same as `loss`.
            loss_for: Called once with each datagram; True loses it, whatever the probabilities say.
            icmp: Whether a closed port reports an error to the sender.
            max_datagrams: How many datagrams `datagrams` and `trace` keep.
        """
        low_high = latency if isinstance(latency, tuple) else (latency, latency)
        conditions = LinkConditions(latency=low_high, loss=loss, duplicate=duplicate, reorder=reorder)
        media = loss if media_loss is None else media_loss
        media_conditions = LinkConditions(latency=low_high, loss=media, duplicate=duplicate, reorder=reorder)
        self._conditions = {False: conditions, True: media_conditions}
        self._seed = seed
        self._loss_for = loss_for
        self._icmp = icmp
        self._ports = PortTable()
        self._links: dict[tuple[bool, str, str], Link] = {}
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0
        self._hosts: list[str] = []
        self._service = trio.CancelScope()
        self._nap = trio.CancelScope()
        self._stopped = trio.Event()
        self.streams = WireStreams()
        self.trace = Trace(max_datagrams)
        self.datagrams = Trace(max_datagrams)
        self.names: dict[str, list[str]] = {}
        self.records: dict[tuple[RecordType, str], list[Record]] = {}

    def environment(self, host: str = "10.0.0.1") -> Environment:
        """Return the ports of one more program that runs on `host`."""
        self._hosts.append(host)
        source = random.Random(f"{self._seed}/{host}/{self._hosts.count(host)}")
        return Environment(
            clock=TrioClock(),
            network=WireNetwork(self, self._ports, host, self.names, self.records, self.streams),
            random_bytes=source.randbytes,
            epoch=_EPOCH,
        )

    def send(self, socket: WireSocket, data: bytes, destination: Address) -> None:
        """Carry one datagram (called by the sockets)."""
        now = trio.current_time()
        source = socket.source
        arrivals = self._link(socket.is_media, source[0], destination[0]).arrivals(now)
        if self._loss_for and self._loss_for(TraceEntry(now, source, destination, data)):
            arrivals = []
        for log in (self.datagrams,) if socket.is_media else (self.datagrams, self.trace):
            log.record(now, source, destination, data, lost=not arrivals)
        for arrival in arrivals:
            self._at(arrival, lambda: self._deliver(socket, data, destination))

    def release(self, socket: WireSocket) -> None:
        """Forget a socket (called by the sockets)."""
        self._ports.sockets.pop(socket.source, None)

    @property
    def open_sockets(self) -> list[Address]:
        """The addresses that are bound now."""
        return sorted([*self._ports.sockets, *self.streams.listeners])

    @property
    def in_flight(self) -> int:
        """How many datagrams are under way."""
        return len(self._heap)

    def ladder(self, names: Mapping[Address, str] | None = None) -> str:
        """Return the signalling so far as a ladder diagram."""
        return render_ladder(self.trace, names)

    def assert_quiet(self) -> None:
        """Raise `AssertionError` with the ladder when a socket is open or a datagram is under way."""
        left = [f"open socket {host}:{port}" for host, port in self.open_sockets]
        if self.in_flight:
            left.append(f"{self.in_flight} datagrams in flight")
        if left:
            raise AssertionError("the wire is not quiet: " + ", ".join(left) + "\n" + self.ladder())

    async def __aenter__(self) -> Wire:
        """Begin to carry."""
        seed_scheduler(str(self._seed))
        # A system task and not a nursery: what the block raises must leave it bare, not in a group.
        trio.lowlevel.spawn_system_task(self._carry)
        await trio.lowlevel.checkpoint()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop; what is under way stays undelivered."""
        self._service.cancel()
        with trio.CancelScope(shield=True):
            await self._stopped.wait()

    async def _carry(self) -> None:
        with self._service:
            while True:
                while self._heap and self._heap[0][0] <= trio.current_time():
                    heapq.heappop(self._heap)[2]()
                self._nap = trio.CancelScope(deadline=self._heap[0][0] if self._heap else float("inf"))
                with self._nap:
                    await trio.sleep_forever()
        self._stopped.set()

    def _at(self, time: float, action: Callable[[], None]) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (time, self._serial, action))
        self._nap.deadline = min(self._nap.deadline, time)

    def _deliver(self, sender: WireSocket, data: bytes, destination: Address) -> None:
        receiver = self._ports.sockets.get(destination)
        if receiver is not None:
            receiver.deliver(data, sender.source)
        elif self._icmp and not sender.closed:
            delay = self._conditions[False].latency[0]
            cause = os.strerror(ECONNREFUSED)
            self._at(trio.current_time() + delay, lambda: sender.report(destination, cause))

    def _link(self, is_media: bool, sender: str, receiver: str) -> Link:
        key = (is_media, sender, receiver)
        if key not in self._links:
            seed = f"{self._seed}/{'rtp' if is_media else 'sip'}/{sender}/{receiver}"
            self._links[key] = Link(self._conditions[is_media], seed)
        return self._links[key]
