"""A proxy with all its transports, and the routing function that it asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from sansio_sip.ids import Ids
from sansio_sip.proxy import FlowTokens, Proxy, RoutingNeeded
from sansio_sip.resolve import DnsQuestion
from trio_runtime.dialog import Bound, Carrier, bind_all
from trio_runtime.proxy.asking import RouteAsker
from trio_runtime.proxy.settings import proxy_config

if TYPE_CHECKING:
    from sansio_sip.proxy import ProxyEvent, Routing
    from trio_runtime.base.environment import Environment
    from trio_runtime.observe.trace import Trace
    from trio_runtime.proxy.answers import RouteFunction
    from trio_runtime.proxy.config import ProxyServerConfig
    from trio_runtime.proxy.events import ProxyServerEvent

__all__ = ["ProxyEndpoint", "open_proxy_endpoint"]


class ProxyEndpoint:
    """An open proxy; `open_proxy_endpoint` makes it.

    Args:
        environment: Clock, network and randomness.
        config: The server's configuration.
        bound: The listeners.
        route: The application's function.
        publish: Takes events.
        start_soon: Starts a task that lives as long as the server.
        trace: Where messages are recorded, or ``None``.

    Attributes:
        proxy: The machine.
        carrier: Its transports.
        asker: What asks the routing function.
    """

    def __init__(
        self,
        environment: Environment,
        config: ProxyServerConfig,
        bound: Bound,
        route: RouteFunction,
        *,
        publish: Callable[[ProxyServerEvent], None],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        trace: Trace | None,
    ) -> None:
        self._now = environment.clock.now
        self._publish = publish
        ids = Ids(environment.random_bytes)
        transports = frozenset(name.upper() for name in config.flow_transports)
        self.asker = RouteAsker(route, config, publish=publish, start_soon=start_soon, tell=self._tell)
        self.proxy = Proxy(
            proxy_config(config, bound.addresses),
            self.asker.router,
            now=self._now(),
            ids=ids,
            flows=FlowTokens(ids, transports=transports, max_flows=config.max_flows),
        )
        self.carrier: Carrier[ProxyEvent] = Carrier(
            self.proxy, environment, config, bound, ids=ids, on_event=self._take, trace=trace
        )

    def _take(self, event: ProxyEvent) -> None:
        if isinstance(event, RoutingNeeded):
            self.asker.needed(event)
        elif not isinstance(event, DnsQuestion):  # which the pump has asked already
            self._publish(event)

    def _tell(self, context: int, routing: Routing) -> None:
        self.proxy.route(context, routing, self._now())
        self.carrier.pump.flush()

    def refuse_new_requests(self) -> None:
        """Take nothing new from now on."""
        self.proxy.refuse_new_requests(self._now())

    async def finish(self, grace: float) -> int:
        """End everything, wait at most ``grace`` seconds; return how many requests have no answer then."""
        await self.carrier.finish(self._now(), grace)
        return self.proxy.statistics().pending


async def open_proxy_endpoint(
    environment: Environment,
    config: ProxyServerConfig,
    route: RouteFunction,
    *,
    publish: Callable[[ProxyServerEvent], None],
    start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    trace: Trace | None,
) -> ProxyEndpoint:
    """Open the listeners and make the proxy.

    Raises:
        PortInUseError: Another program holds a port.
        NetworkError: An address is none of this machine's.
    """
    bound = await bind_all(environment, config)
    try:
        return ProxyEndpoint(
            environment, config, bound, route, publish=publish, start_soon=start_soon, trace=trace
        )
    except BaseException:
        bound.close()
        raise
