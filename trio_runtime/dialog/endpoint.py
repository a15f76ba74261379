"""One SIP endpoint: its listeners, the agent behind them, and the tasks that pump it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import trio

from sansio_sip.agent import Agent, AgentBackends
from sansio_sip.ids import Ids
from trio_runtime.base.ports import DatagramStatistics
from trio_runtime.dialog.binding import Bound, bind_all
from trio_runtime.dialog.config import agent_config
from trio_runtime.dialog.connections import Connections
from trio_runtime.dialog.datagram_keep_alive import DatagramKeepAlive, keep_alive_of
from trio_runtime.dialog.datagrams import Datagrams
from trio_runtime.dialog.local_hosts import LocalHosts
from trio_runtime.dialog.pump import Pump
from trio_runtime.dialog.types import DialogStatistics
from trio_runtime.transport.flow_statistics import FlowStatistics
from trio_runtime.transport.handshakes import Handshakes

if TYPE_CHECKING:
    from sansio_sip.agent import AgentEvent
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.listening import Listener
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import Trace

__all__ = ["SipEndpoint", "open_endpoint"]

_CONNECTED = frozenset({"TCP", "TLS", "WS", "WSS"})


class SipEndpoint:
    """An open endpoint; `open_endpoint` makes it.

    Attributes:
        agent: The SIP agent.
        pump: What carries between agent and transports.
        datagrams: UDP, where there is a socket for it.
        connections: All other transports, where there are some.
        keep_alive: Keeps the way to the outbound proxy open over UDP, where that is asked for.
        listening: Transports, addresses and ports that peers reach it at; never a wildcard.
    """

    def __init__(
        self,
        agent: Agent,
        pump: Pump,
        datagrams: Datagrams | None,
        connections: Connections | None,
        keep_alive: DatagramKeepAlive | None,
        listening: list[Listener],
    ) -> None:
        self.agent = agent
        self.pump = pump
        self.datagrams = datagrams
        self.connections = connections
        self.keep_alive = keep_alive
        self.listening = listening

    @property
    def addresses(self) -> list[Address]:
        """The addresses that peers reach it at, each once."""
        return list(dict.fromkeys((each.host, each.port) for each in self.listening))

    def start(self, services: ServiceScope) -> None:
        """Start the tasks that read, keep time, take connections and resolve names."""
        if self.datagrams is not None:
            for bound in self.datagrams.sockets:
                services.start_soon(partial(self.datagrams.read, bound), name="SIP socket")
        if self.connections is not None:
            services.start_soon(self.connections.streams.run, name="SIP connections")
        if self.keep_alive is not None:
            services.start_soon(self.keep_alive.run, name="SIP keep-alive")
        services.start_soon(self.pump.run_timers, name="SIP timers")
        services.start_soon(self.pump.lookups.run, name="name resolution")

    async def drain(self, now: float, grace: float) -> int:
        """Hang up everything, wait at most ``grace`` seconds for it; return how many calls are left."""
        self.agent.close(now)
        self.pump.flush()
        with trio.move_on_after(grace):
            await self.pump.closed.wait()
            if self.connections is not None:
                await self.connections.streams.flushed()
        return self.agent.statistics().calls

    def statistics(self) -> DialogStatistics:
        """Return what everything counts."""
        datagrams, connections = self.datagrams, self.connections
        return DialogStatistics(
            self.agent.statistics(),
            self.pump.statistics,
            DatagramStatistics() if datagrams is None else datagrams.statistics(),
            FlowStatistics() if connections is None else connections.streams.statistics(),
            None if self.keep_alive is None else self.keep_alive.statistics(),
        )

    def close(self) -> None:
        """Release the sockets."""
        self.pump.close()
        if self.datagrams is not None:
            self.datagrams.close()
        if self.connections is not None:
            self.connections.streams.close()


async def open_endpoint(
    environment: Environment,
    config: CoordinatorConfig,
    *,
    on_event: Callable[[AgentEvent], None],
    trace: Trace | None,
) -> SipEndpoint:
    """Open the listeners and make the agent.

    Args:
        environment: Clock, network and randomness.
        config: The coordinator's configuration.
        on_event: Takes each of the agent's events, synchronously.
        trace: Where messages are recorded, or ``None``.

    Raises:
        PortInUseError: Another program holds a port.
        NetworkError: An address is none of this machine's.
        ConfigurationError: A value cannot be used.
    """
    bound = await bind_all(environment, config)
    try:
        settings = agent_config(config, bound.addresses)
        backends = AgentBackends()
        if any(address.any_interface for address in bound.addresses):
            backends = AgentBackends(local_host=LocalHosts(environment))
        now, ids = environment.clock.now(), Ids(environment.random_bytes)
        agent = Agent(settings, now=now, ids=ids, backends=backends)
    except BaseException:
        bound.close()
        raise
    pump = Pump(agent, environment=environment, on_event=on_event, trace=trace)
    datagrams = Datagrams(pump, bound.sockets) if bound.sockets else None
    keep_alive = None
    if datagrams is not None:
        pump.senders["UDP"] = datagrams.send
        interval = config.flows.datagram_keep_alive
        keep_alive = keep_alive_of(config.outbound_proxy, interval, pump, datagrams, environment, ids)
    connections = _connections(pump, environment, config, bound)
    return SipEndpoint(agent, pump, datagrams, connections, keep_alive, bound.listening)


def _connections(
    pump: Pump, environment: Environment, config: CoordinatorConfig, bound: Bound
) -> Connections | None:
    local = {each.transport: (each.host, each.port) for each in reversed(bound.addresses)}
    used = _CONNECTED.intersection(local)
    if not used:
        return None
    serves_tls = any(transport in ("TLS", "WSS") for transport, _ in bound.listeners)
    handshakes = Handshakes(config.tls, config.flows, serves_tls=serves_tls)
    connections = Connections(pump, environment, config.flows, handshakes, local)
    for transport, listener in bound.listeners:
        connections.streams.listen(transport, listener)
    for transport in used:
        pump.senders[transport] = connections.send
    return connections
