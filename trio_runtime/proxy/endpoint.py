"""A proxy with all its transports, and the routing function that it asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sansio_sip.ids import Ids
from sansio_sip.proxy import FlowTokens, Proxy, RoutingNeeded
from sansio_sip.register import BindingsChanged, ChangeHeld, RegisterRefused
from sansio_sip.resolve import DnsQuestion
from trio_runtime.dialog import Bound, Carrier, RegistrarSide, bind_all
from trio_runtime.proxy.asking import RouteAsker
from trio_runtime.proxy.phones import Phones
from trio_runtime.proxy.settings import proxy_backends, proxy_config
from trio_runtime.registrar import open_registrar_part

if TYPE_CHECKING:
    from sansio_sip.proxy import ProxyEvent, Routing
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.events import EventBus
    from trio_runtime.observe.trace import Trace
    from trio_runtime.proxy.answers import RouteFunction
    from trio_runtime.proxy.config import ProxyServerConfig
    from trio_runtime.proxy.events import ProxyServerEvent
    from trio_runtime.registrar import RegistrarPart

__all__ = ["ProxyEndpoint", "open_proxy_endpoint"]

# The first the pump has asked already, the others are the registrar's, which tells in its own words.
_OTHERS = (DnsQuestion, BindingsChanged, ChangeHeld, RegisterRefused)


class ProxyEndpoint:
    """An open proxy; `open_proxy_endpoint` makes it.

    Args:
        environment: Clock, network and randomness.
        config: The server's configuration.
        bound: The listeners.
        route: The application's function.
        bus: Takes events.
        start_soon: Starts a task that lives as long as the server.
        trace: Where messages are recorded, or ``None``.
        registrar: Ours, or ``None``.

    Attributes:
        proxy: The machine.
        carrier: Its transports.
        asker: What asks the routing function.
        registrar: See above.
    """

    def __init__(
        self,
        environment: Environment,
        config: ProxyServerConfig,
        bound: Bound,
        route: RouteFunction,
        *,
        bus: EventBus[ProxyServerEvent],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        trace: Trace | None,
        registrar: RegistrarPart | None,
    ) -> None:
        self._now = environment.clock.now
        self._bus = bus
        self.registrar = registrar
        self._handlers: dict[type[object], Callable[[Any], None]] = {}
        if registrar is not None:
            side = RegistrarSide(environment, lambda: self.proxy, lambda: self.carrier.pump.flush())
            self._handlers.update(registrar.connect(side, bus, start_soon))
        ids = Ids(environment.random_bytes)
        transports = frozenset(name.upper() for name in config.flow_transports)
        self.asker = RouteAsker(
            route,
            config,
            publish=bus.publish,
            start_soon=start_soon,
            tell=self._tell,
            phones=lambda: self._phones,
        )
        self.proxy = Proxy(
            proxy_config(config, bound.addresses, registrar),
            self.asker.router,
            now=self._now(),
            ids=ids,
            flows=FlowTokens(ids, transports=transports, max_flows=config.max_flows),
            backends=proxy_backends(registrar),
        )
        self._phones = None if registrar is None else Phones(self.proxy, registrar)
        self.carrier: Carrier[ProxyEvent] = Carrier(
            self.proxy, environment, config, bound, ids=ids, on_event=self._take, trace=trace
        )

    def _take(self, event: ProxyEvent) -> None:
        if isinstance(event, RoutingNeeded):
            self.asker.needed(event)
        elif (handler := self._handlers.get(type(event))) is not None:
            handler(event)
        elif not isinstance(event, _OTHERS):
            self._bus.publish(event)

    def _tell(self, context: int, routing: Routing) -> None:
        self.proxy.route(context, routing, self._now())
        self.carrier.pump.flush()

    def refuse_new_requests(self) -> None:
        """Take nothing new from now on."""
        self.proxy.refuse_new_requests(self._now())

    def start(self, services: ServiceScope) -> None:
        """Start the tasks that carry, and the one that writes what is registered."""
        self.carrier.start(services)
        if self.registrar is not None:
            self.registrar.start(services)

    async def finish(self, grace: float) -> int:
        """End everything, wait at most ``grace`` seconds; return how many requests have no answer then."""
        await self.carrier.finish(self._now(), grace)
        if self.registrar is not None:
            await self.registrar.finish(grace)
        return self.proxy.statistics().pending


async def open_proxy_endpoint(
    environment: Environment,
    config: ProxyServerConfig,
    route: RouteFunction,
    *,
    bus: EventBus[ProxyServerEvent],
    start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    trace: Trace | None,
) -> ProxyEndpoint:
    """Load what is registered, open the listeners and make the proxy.

    Raises:
        PortInUseError: Another program holds a port.
        NetworkError: An address is none of this machine's.
        ConfigurationError: A value cannot be used.
        StoreFailedError: The store of the registrar cannot be read.
    """
    wanted = config.registrar
    registrar = None if wanted is None else await open_registrar_part(environment, wanted)
    bound = await bind_all(environment, config)
    try:
        return ProxyEndpoint(
            environment,
            config,
            bound,
            route,
            bus=bus,
            start_soon=start_soon,
            trace=trace,
            registrar=registrar,
        )
    except BaseException:
        bound.close()
        raise
