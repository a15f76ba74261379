"""One SIP endpoint: its listeners, the agent behind them, and the tasks that pump it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.agent import Agent, AgentBackends
from sansio_sip.ids import Ids
from trio_runtime.base.ports import DatagramStatistics
from trio_runtime.dialog.binding import Bound, bind_all
from trio_runtime.dialog.config import agent_config
from trio_runtime.dialog.connections import Connections
from trio_runtime.dialog.datagram_keep_alive import DatagramKeepAlive, proxy_to_keep
from trio_runtime.dialog.datagrams import Datagrams
from trio_runtime.dialog.local_hosts import LocalHosts
from trio_runtime.dialog.pump import Pump
from trio_runtime.dialog.types import DialogStatistics
from trio_runtime.transport.flow_statistics import FlowStatistics
from trio_runtime.transport.handshakes import Handshakes

if TYPE_CHECKING:
    from sansio_sip.agent import AgentConfig, AgentEvent
    from sansio_sip.machine import Endpoint
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.listening import Listener
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import Trace

__all__ = ["SipEndpoint", "open_endpoint"]

_NO_BACKENDS = AgentBackends()
_CONNECTED = frozenset({"TCP", "TLS", "WS", "WSS"})


class SipEndpoint:
    """An open endpoint; `open_endpoint` makes it.

    Attributes:
        agent: The SIP agent.
        pump: What carries between agent and transports.
        datagrams: UDP, where there is a socket for it.
        connections: All other transports, where there are some.
        keep_alive: Keeps ways open over UDP, where there is a socket for it.
        settings: The agent's configuration.
        listening: Transports, addresses and ports that peers reach it at; never a wildcard.
        mapped: Our address outside of a NAT, where a STUN server has told.
        local_hosts: Knows our addresses towards others.
    """

    mapped: Address | None = None
    local_hosts: LocalHosts

    def __init__(
        self,
        agent: Agent,
        pump: Pump,
        datagrams: Datagrams | None,
        connections: Connections | None,
        keep_alive: DatagramKeepAlive | None,
        listening: list[Listener],
        settings: AgentConfig,
    ) -> None:
        self.agent = agent
        self.pump = pump
        self.datagrams = datagrams
        self.connections = connections
        self.keep_alive = keep_alive
        self.listening = listening
        self.settings = settings

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

    def keep_open(self, owner: str, flow: Endpoint, interval: float) -> None:
        """Send keep-alives by a flow, at least every ``interval`` seconds, until its owner lets it close."""
        if flow.reliable:
            if self.connections is not None:
                self.connections.streams.keep_open(flow, interval)
        elif self.keep_alive is not None:
            self.keep_alive.keep(owner, flow, interval)

    def let_close(self, owner: str) -> None:
        """Send no more keep-alives for somebody over UDP; those of connections end with them."""
        if self.keep_alive is not None:
            self.keep_alive.let_go(owner)

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
    adapt: Callable[[AgentConfig], AgentConfig] = lambda settings: settings,
    backends: AgentBackends = _NO_BACKENDS,
) -> SipEndpoint:
    """Open the listeners and make the agent.

    Args:
        environment: Clock, network and randomness.
        config: The coordinator's configuration.
        on_event: Takes each of the agent's events, synchronously.
        trace: Where messages are recorded, or ``None``.
        adapt: Adds what only some agents do, as a registrar.
        backends: What the agent asks besides.

    Raises:
        PortInUseError: Another program holds a port.
        NetworkError: An address is none of this machine's.
        ConfigurationError: A value cannot be used.
    """
    bound = await bind_all(environment, config)
    try:
        settings = adapt(agent_config(config, bound.addresses))
        hosts = LocalHosts(environment, [":" in each.host for each in bound.addresses if each.any_interface])
        if hosts.families:
            backends = attrs.evolve(backends, local_host=hosts)
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
        proxy = proxy_to_keep(config.outbound_proxy, config.flows.datagram_keep_alive)
        keep_alive = DatagramKeepAlive(pump, datagrams, environment, proxy=proxy, ids=ids)
    connections = _connections(pump, environment, config, bound)
    endpoint = SipEndpoint(agent, pump, datagrams, connections, keep_alive, bound.listening, settings)
    endpoint.mapped, endpoint.local_hosts = bound.mapped, hosts
    return endpoint


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
