"""Phones and proxies on a wire in virtual time: every run of a seed is the same."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, Protocol

from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.proxy import Authorizer, Flows, Proxy, ProxyConfig, ProxyEvent, Router
from sansio_sip.resolve import DnsQuestion
from tests.sip.names import Zone

Fate = Callable[[int, bytes], Sequence[float]]
"""For the number of a packet and its octets: the delays of its copies; none means lost."""


def lossy(seed: int, *, loss: float, duplicate: float, reorder: float) -> Fate:
    """A wire that loses, doubles and delays, the same way for the same seed."""
    random = Random(seed)

    def fate(_number: int, _data: bytes) -> Sequence[float]:
        copies = 0 if random.random() < loss else 2 if random.random() < duplicate else 1
        return [0.01 + (random.random() * 0.8 if random.random() < reorder else 0.0) for _ in range(copies)]

    return fate


_NOT_ANSWERED = ("slow.example.net", "silent.example.net")


class Pumped(Protocol):
    """What the wire needs of a node."""

    def next_transmit(self) -> Transmit | None: ...
    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None: ...
    def handle_timeout(self, now: float) -> None: ...
    def flow_failed(self, destination: Endpoint, cause: str, now: float) -> None: ...
    def drain_events(self) -> bool: ...
    def leftovers(self) -> dict[str, int]: ...
    @property
    def deadline(self) -> float | None: ...


class Sent(NamedTuple):
    """One packet on the wire."""

    time: float
    source: str
    destination: Endpoint
    data: bytes
    copies: int

    @property
    def message(self) -> Request | Response:
        return parse_message(self.data)

    def __str__(self) -> str:
        line = self.data.partition(b"\r\n")[0].decode()
        lost = "" if self.copies else "  LOST"
        return f"{self.time:9.3f} {self.source:>6} → {self.destination.host:<12} {line}{lost}"


class Wire:
    """Carries packets between nodes; a node is found by transport, host and port."""

    def __init__(self, fate: Fate = lambda number, data: (0.01,)) -> None:
        self.now = 0.0
        self.log: list[Sent] = []
        self.closed: set[tuple[str, int]] = set()
        """Addresses that refuse: their senders are told."""
        self._fate = fate
        self._nodes: dict[str, Pumped] = {}
        self._addresses: dict[tuple[str, str, int], str] = {}
        self._own: dict[tuple[str, str], Endpoint] = {}
        self._count = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []

    def add(self, name: str, node: Pumped, *endpoints: Endpoint) -> None:
        """Put a node on the wire at its endpoints."""
        self._nodes[name] = node
        for endpoint in endpoints:
            self._addresses[endpoint.transport, endpoint.host, endpoint.port] = name
            self._own[name, endpoint.transport] = endpoint

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Do something at a time."""
        heapq.heappush(self._queue, (time, next(self._count), action))

    def pump(self) -> None:
        """Send and hand out everything, until nobody has more to say."""
        while any(self._flush(name, node) for name, node in self._nodes.items()):
            pass

    def _flush(self, name: str, node: Pumped) -> bool:
        busy = False
        while (transmit := node.next_transmit()) is not None:
            busy = True
            self._send(name, node, transmit)
        return node.drain_events() or busy

    def _send(self, name: str, node: Pumped, transmit: Transmit) -> None:
        delays = self._fate(len(self.log), transmit.data)
        destination = transmit.destination
        self.log.append(Sent(self.now, name, destination, transmit.data, len(delays)))
        if (destination.host, destination.port) in self.closed:
            self.at(self.now, lambda: node.flow_failed(destination, "refused", self.now))
            return
        receiver = self._addresses.get((destination.transport, destination.host, destination.port))
        if receiver is None:
            return
        source = self._own[name, destination.transport]
        for delay in delays:
            self.at(self.now + delay, self._delivery(self._nodes[receiver], transmit.data, source))

    def _delivery(self, node: Pumped, data: bytes, source: Endpoint) -> Callable[[], None]:
        return lambda: node.receive_datagram(data, source, self.now)

    def run(self, until: float = 10_000.0) -> None:
        """Let time pass until ``until``, or until nothing is left to happen."""
        self.pump()
        for _ in range(50_000):
            times = [d for node in self._nodes.values() if (d := node.deadline) is not None]
            if self._queue:
                times.append(self._queue[0][0])
            if not times or min(times) > until:
                self.now = until if times else self.now
                return
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
                self.pump()
            for node in self._nodes.values():
                deadline = node.deadline
                if deadline is not None and deadline <= self.now:
                    node.handle_timeout(self.now)
                self.pump()
        raise AssertionError(f"time does not pass\n{self.ladder()}")

    def ladder(self) -> str:
        """Every packet, one a line."""
        return "\n".join(map(str, self.log[-300:]))

    def lines(self, source: str = "", receiver: str = "") -> list[str]:
        """Start of each packet: method or status code, of one sender or to one host where given."""
        return [
            entry.data.split(b" ")[1 if entry.data.startswith(b"SIP/") else 0].decode()
            for entry in self.log
            if source in ("", entry.source) and receiver in ("", entry.destination.host)
        ]

    def requests(self, method: str, source: str = "") -> list[Request]:
        """The requests of a method that a node sent."""
        found: list[Request] = []
        for entry in self.log:
            if entry.data.startswith(method.encode() + b" ") and source in ("", entry.source):
                message = entry.message
                assert isinstance(message, Request)
                found.append(message)
        return found

    def assert_quiet(self) -> None:
        """Nothing is left anywhere: no table entry, no timer (SIM-2)."""
        for name, node in self._nodes.items():
            left = {what: size for what, size in node.leftovers().items() if size}
            assert not left, f"{name} has {left}\n{self.ladder()}"
            assert node.deadline is None, f"{name} waits\n{self.ladder()}"


class ProxyNode:
    """A proxy on the wire with all that it told; names are looked up in ``hosts``."""

    def __init__(
        self,
        wire: Wire,
        name: str,
        config: ProxyConfig,
        router: Router,
        *,
        hosts: dict[str, Endpoint] | None = None,
        authorize: Authorizer | None = None,
        flows: Flows | None = None,
        seed: int = 1,
    ) -> None:
        ids = Ids(Random(f"{name} {seed}").randbytes)
        self.proxy = Proxy(config, router, now=0.0, ids=ids, authorize=authorize, flows=flows)
        self.events: list[ProxyEvent] = []
        self.on_event: Callable[[ProxyEvent], None] = lambda event: None
        self._wire = wire
        self.zone = Zone({name: [endpoint.host] for name, endpoint in (hosts or {}).items()})
        endpoints = [Endpoint(transport, *address) for transport, address in config.sent_by.items()]
        wire.add(name, self, *endpoints)

    def next_transmit(self) -> Transmit | None:
        return self.proxy.next_transmit()

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        self.proxy.receive_datagram(data, source, now)

    def handle_timeout(self, now: float) -> None:
        self.proxy.handle_timeout(now)

    def flow_failed(self, destination: Endpoint, cause: str, now: float) -> None:
        self.proxy.flow_failed(destination, cause, now)

    @property
    def deadline(self) -> float | None:
        return self.proxy.deadline

    def drain_events(self) -> bool:
        busy = False
        while (event := self.proxy.next_event()) is not None:
            busy = True
            self.events.append(event)
            self.on_event(event)
            if isinstance(event, DnsQuestion) and not event.name.endswith(_NOT_ANSWERED):
                self.zone.answer(self.proxy, event, self._wire.now)
        return busy

    def leftovers(self) -> dict[str, int]:
        statistics = self.proxy.statistics()
        return {"contexts": statistics.contexts, "transactions": statistics.transactions}
