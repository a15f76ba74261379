"""One SIP endpoint: a bound socket, the agent behind it, and the tasks that pump it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from sansio_sip.agent import Agent
from sansio_sip.ids import Ids
from trio_runtime.base.errors import NetworkError
from trio_runtime.dialog.config import agent_config
from trio_runtime.dialog.pump import Pump

if TYPE_CHECKING:
    from sansio_sip.agent import AgentEvent
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.ports import DatagramSocket
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import Trace

__all__ = ["SipEndpoint", "open_endpoint"]

_WILDCARDS = ("0.0.0.0", "::", "")
_SOMEWHERE = "192.0.2.1"  # RFC 5737: only asks the routing table, nothing is sent there


class SipEndpoint:
    """An open endpoint; `open_endpoint` makes it.

    Attributes:
        agent: The SIP agent.
        pump: What carries between agent and socket.
        socket: The bound socket.
        advertised: Address and port that peers reach it at; never a wildcard.
    """

    def __init__(self, agent: Agent, pump: Pump, socket: DatagramSocket, advertised: Address) -> None:
        self.agent = agent
        self.pump = pump
        self.socket = socket
        self.advertised = advertised

    def start(self, services: ServiceScope) -> None:
        """Start the tasks that read, keep time and resolve names."""
        services.start_soon(self.pump.read, name="SIP socket")
        services.start_soon(self.pump.run_timers, name="SIP timers")
        services.start_soon(self.pump.lookups.run, name="name resolution")

    async def drain(self, now: float, grace: float) -> int:
        """Hang up everything, wait at most ``grace`` seconds for it; return how many calls are left."""
        self.agent.close(now)
        self.pump.flush()
        with trio.move_on_after(grace):
            await self.pump.closed.wait()
        return self.agent.statistics().calls

    def close(self) -> None:
        """Release the socket."""
        self.pump.close()
        self.socket.close()


async def open_endpoint(
    environment: Environment,
    config: CoordinatorConfig,
    *,
    on_event: Callable[[AgentEvent], None],
    trace: Trace | None,
) -> SipEndpoint:
    """Bind the socket and make the agent.

    Args:
        environment: Clock, network and randomness.
        config: The coordinator's configuration.
        on_event: Takes each of the agent's events, synchronously.
        trace: Where messages are recorded, or ``None``.

    Raises:
        PortInUseError: Another program holds the port.
        NetworkError: The address is none of this machine's.
        ConfigurationError: A value cannot be used.
    """
    socket = await environment.network.open_datagram(
        config.bind_host, config.sip_port, receive_buffer=config.receive_buffer
    )
    try:
        host, port = socket.local_address
        advertised = (config.advertised_host or _reachable(environment, host), port)
        settings = agent_config(config, advertised)
        agent = Agent(settings, now=environment.clock.now(), ids=Ids(environment.random_bytes))
    except BaseException:
        socket.close()
        raise
    pump = Pump(agent, socket, local=advertised, environment=environment, on_event=on_event, trace=trace)
    return SipEndpoint(agent, pump, socket, advertised)


def _reachable(environment: Environment, host: str) -> str:
    """Return an address for messages: a wildcard address must never reach one."""
    if host not in _WILDCARDS:
        return host
    try:
        return environment.network.local_host_for(_SOMEWHERE)
    except NetworkError:
        return "127.0.0.1"  # no network but the loopback one
