"""One user agent with all its transports: its listeners, the agent behind them, and what pumps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from sansio_sip.agent import Agent, AgentBackends
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from trio_runtime.base.errors import CallStateError
from trio_runtime.dialog.binding import Bound, bind_all
from trio_runtime.dialog.carrier import Carrier
from trio_runtime.dialog.config import agent_config
from trio_runtime.dialog.datagram_keep_alive import proxy_to_keep
from trio_runtime.dialog.local_hosts import LocalHosts
from trio_runtime.dialog.types import DialogStatistics

if TYPE_CHECKING:
    from sansio_sip.agent import AgentConfig, AgentEvent
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import SessionId
    from trio_runtime.observe.trace import Trace

__all__ = ["SipEndpoint", "open_endpoint"]

_NO_BACKENDS = AgentBackends()


class SipEndpoint(Carrier["AgentEvent"]):
    """An open endpoint; `open_endpoint` makes it. See `Carrier` for what it is besides.

    Attributes:
        agent: The SIP agent.
        settings: The agent's configuration.
        local_hosts: Knows our addresses towards others.
    """

    def __init__(
        self,
        agent: Agent,
        settings: AgentConfig,
        local_hosts: LocalHosts,
        environment: Environment,
        config: CoordinatorConfig,
        bound: Bound,
        *,
        ids: Ids,
        on_event: Callable[[AgentEvent], None],
        trace: Trace | None,
    ) -> None:
        proxy = proxy_to_keep(config.outbound_proxy, config.flows.datagram_keep_alive)
        super().__init__(
            agent, environment, config, bound, ids=ids, on_event=on_event, trace=trace, kept_proxy=proxy
        )
        self.agent = agent
        self.settings = settings
        self.local_hosts = local_hosts

    async def drain(self, now: float, grace: float) -> int:
        """Hang up everything, wait at most ``grace`` seconds for it; return how many calls are left."""
        await self.finish(now, grace)
        return self.agent.statistics().calls

    def replacing_fields(self, session: SessionId) -> tuple[tuple[str, str], ...]:
        """Return what an INVITE says that is to take the place of a call.

        Raises:
            CallStateError: The call has no dialog, or is over.
        """
        try:
            return self.agent.replacing_fields(session)
        except LocalProtocolError as error:
            raise CallStateError(str(error), session_id=session) from error

    def statistics(self) -> DialogStatistics:
        """Return what everything counts."""
        return DialogStatistics(
            self.agent.statistics(),
            self.pump.statistics,
            self.socket_statistics(),
            self.flow_statistics(),
            None if self.keep_alive is None else self.keep_alive.statistics(),
        )


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
        return SipEndpoint(
            agent, settings, hosts, environment, config, bound, ids=ids, on_event=on_event, trace=trace
        )
    except BaseException:
        bound.close()
        raise
