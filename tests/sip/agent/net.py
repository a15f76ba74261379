"""Any number of agents on one wire in virtual time, each told apart by its host."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

import attrs

from sansio_sip.agent import Agent, AgentBackends, AgentConfig, AgentEvent
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Message, Request, Response, parse_message
from tests.sip.harness import ALICE, Fate, Peer, make_agent, tables

SERVER = Endpoint("UDP", "192.0.2.10", 5060)
EventT = TypeVar("EventT")


def config_of(user: str, endpoint: Endpoint, **settings: Any) -> AgentConfig:
    """The harness's configuration with more of one's own."""
    return attrs.evolve(make_agent(user, endpoint)._core.config, **settings)


def agent_of(
    user: str = "alice",
    endpoint: Endpoint = ALICE,
    *,
    seed: int = 1,
    backends: AgentBackends | None = None,
    **settings: Any,
) -> Agent:
    """An agent with settings of its own."""
    ids = Ids(Random(f"{user} {seed}").randbytes)
    return Agent(
        config_of(user, endpoint, **settings), now=0.0, ids=ids, backends=backends or AgentBackends()
    )


def peer_of(**settings: Any) -> Peer:
    """Somebody who speaks line by line with an agent that has such settings."""
    return Peer(agent_of(**settings))


def left_over(agent: Agent) -> dict[str, int]:
    """All that an agent still holds."""
    services = agent._services
    held = {**tables(agent), "waiting": len(services.handover), "usages": len(agent._usages)}
    held["letters"] = len(services.pager._letters._queues)
    if services.publications is not None:
        held["published"] = len(services.publications.compositor)
    return {name: size for name, size in held.items() if size}


class Station:
    """One agent on the wire with all that it told."""

    def __init__(self, agent: Agent, endpoint: Endpoint) -> None:
        self.agent = agent
        self.endpoint = endpoint
        self.events: list[AgentEvent] = []
        self.on_event: Callable[[AgentEvent], None] = lambda event: None

    def heard(self, kind: type[EventT]) -> list[EventT]:
        """The events of a kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]


class Net:
    """The wire; `log` has each message with its time."""

    def __init__(self, *stations: Station, fate: Fate = lambda number, data: (0.01,)) -> None:
        self.now = 0.0
        self.stations = {station.endpoint.host: station for station in stations}
        self.log: list[tuple[float, str, Message]] = []
        self._fate = fate
        self._count = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, time: float, action: Callable[[], object]) -> None:
        """Do something at a time."""
        heapq.heappush(self._queue, (time, next(self._count), lambda: [action()].clear()))

    def _flush(self, station: Station) -> bool:
        busy = False
        while (transmit := station.agent.next_transmit()) is not None:
            busy = True
            delays = self._fate(len(self.log), transmit.data)
            self.log.append((self.now, station.endpoint.host, parse_message(transmit.data)))
            target = self.stations.get(transmit.destination.host)
            for delay in delays if target is not None else ():
                self.at(self.now + delay, self._delivery(target, transmit.data, station.endpoint))
        while (event := station.agent.next_event()) is not None:
            busy = True
            station.events.append(event)
            station.on_event(event)
        return busy

    def _delivery(self, station: Station | None, data: bytes, source: Endpoint) -> Callable[[], None]:
        assert station is not None
        return lambda: station.agent.receive_datagram(data, source, self.now)

    def run(self, until: float) -> None:
        """Let time pass."""
        for _ in range(50_000):
            while any(self._flush(station) for station in self.stations.values()):
                pass
            times = [d for s in self.stations.values() if (d := s.agent.deadline) is not None]
            times += [self._queue[0][0]] if self._queue else []
            if not times or min(times) > until:
                self.now = until
                return
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
            for station in self.stations.values():
                deadline = station.agent.deadline
                if deadline is not None and deadline <= self.now:
                    station.agent.handle_timeout(self.now)
        raise AssertionError("time does not pass")

    def lines(self) -> list[str]:
        """Who sent what: host's last number with method or status."""
        return [
            f"{host.rpartition('.')[2]} "
            + (message.method if isinstance(message, Request) else str(_status(message)))
            for _, host, message in self.log
        ]

    def close(self) -> None:
        """Close every agent and find nothing left (SIM-2)."""
        for station in self.stations.values():
            station.agent.close(self.now)
        self.run(self.now + 200.0)
        for station in self.stations.values():
            assert left_over(station.agent) == {}, station.endpoint.host
            assert station.agent.deadline is None
            assert station.agent.closed


def _status(message: Message) -> int:
    assert isinstance(message, Response)
    return message.status_code
