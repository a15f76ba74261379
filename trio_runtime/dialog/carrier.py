"""All transports of one SIP endpoint and the tasks that pump its machine, whatever that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Generic

import trio

from trio_runtime.base.ports import DatagramStatistics
from trio_runtime.dialog.connections import Connections
from trio_runtime.dialog.datagram_keep_alive import DatagramKeepAlive
from trio_runtime.dialog.datagrams import Datagrams
from trio_runtime.dialog.machine import EventT_co
from trio_runtime.dialog.pump import Pump
from trio_runtime.transport.flow_statistics import FlowStatistics
from trio_runtime.transport.handshakes import Handshakes

if TYPE_CHECKING:
    from sansio_sip.ids import Ids
    from sansio_sip.machine import Endpoint
    from trio_runtime.base.endpoint_config import EndpointConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.dialog.binding import Bound
    from trio_runtime.dialog.datagram_keep_alive import ProxyToKeep
    from trio_runtime.dialog.machine import SipMachine
    from trio_runtime.observe.trace import Trace

__all__ = ["Carrier"]

_CONNECTED = frozenset({"TCP", "TLS", "WS", "WSS"})


class Carrier(Generic[EventT_co]):
    """Carries between a machine and the network.

    Args:
        machine: An agent, or a proxy.
        environment: Clock, network and randomness.
        config: Of listeners and connections.
        bound: What is open; it is released by `close` from now on.
        ids: Makes the transactions of keep-alives.
        on_event: Takes each of the machine's events, synchronously.
        trace: Where messages are recorded, or ``None``.
        kept_proxy: A proxy whose way is kept open over UDP, or ``None``.

    Attributes:
        pump: What carries between machine and transports.
        datagrams: UDP, where there is a socket for it.
        connections: All other transports, where there are some.
        keep_alive: Keeps ways open over UDP, where there is a socket for it.
        listening: Transports, addresses and ports that peers reach it at; never a wildcard.
        mapped: Our address outside of a NAT, where a STUN server has told.
    """

    def __init__(
        self,
        machine: SipMachine[EventT_co],
        environment: Environment,
        config: EndpointConfig,
        bound: Bound,
        *,
        ids: Ids,
        on_event: Callable[[EventT_co], None],
        trace: Trace | None,
        kept_proxy: ProxyToKeep | None = None,
    ) -> None:
        pump = self.pump = Pump(machine, environment=environment, on_event=on_event, trace=trace)
        self.datagrams = Datagrams(pump, bound.sockets) if bound.sockets else None
        self.keep_alive: DatagramKeepAlive | None = None
        if self.datagrams is not None:
            pump.senders["UDP"] = self.datagrams.send
            self.keep_alive = DatagramKeepAlive(pump, self.datagrams, environment, proxy=kept_proxy, ids=ids)
        self.connections = _connections(pump, environment, config, bound)
        self.listening, self.mapped = bound.listening, bound.mapped

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

    async def finish(self, now: float, grace: float) -> None:
        """Close the machine and wait at most ``grace`` seconds until nothing is owed to any peer."""
        self.pump.machine.close(now)
        self.pump.flush()
        with trio.move_on_after(grace):
            await self.pump.closed.wait()
            if self.connections is not None:
                await self.connections.streams.flushed()

    def socket_statistics(self) -> DatagramStatistics:
        """Return what the sockets for datagrams count."""
        return DatagramStatistics() if self.datagrams is None else self.datagrams.statistics()

    def flow_statistics(self) -> FlowStatistics:
        """Return what the connections count."""
        return FlowStatistics() if self.connections is None else self.connections.streams.statistics()

    def close(self) -> None:
        """Release the sockets."""
        self.pump.close()
        if self.datagrams is not None:
            self.datagrams.close()
        if self.connections is not None:
            self.connections.streams.close()


def _connections(
    pump: Pump[object], environment: Environment, config: EndpointConfig, bound: Bound
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
