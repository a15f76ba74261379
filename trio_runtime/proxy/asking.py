"""Asks the routing function, and contains what goes wrong there."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.proxy import Later, Reply
from trio_runtime.proxy.answers import RouteAnswer, RouteFunction, routing_of
from trio_runtime.proxy.events import ProxyServerEvent, RouteFailed, RouteTimedOut
from trio_runtime.proxy.request import ProxyRequest

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from sansio_sip.message import Request
    from sansio_sip.proxy import Routing, RoutingNeeded
    from trio_runtime.proxy.config import ProxyServerConfig
    from trio_runtime.proxy.phones import Phones

__all__ = ["RouteAsker", "RoutingStatistics"]

logger = logging.getLogger("trio_runtime")
_WITHOUT_TRANSACTION = ("ACK", "CANCEL")


@attrs.frozen
class RoutingStatistics:
    """What the routing function did.

    Attributes:
        asked: How often it was asked.
        failed: How often it raised, or gave no route.
        late: How often it took too long.
        refused: Requests refused because too many waited for it.
        running: Its async calls that run now.
    """

    asked: int
    failed: int
    late: int
    refused: int
    running: int


class RouteAsker:
    """Between the proxy, which must never wait, and `route`, which may.

    Args:
        route: The application's function.
        config: Its limits.
        publish: Takes events.
        start_soon: Starts a task that lives as long as the server.
        tell: Gives the proxy the targets of a request by its number.
        phones: Where the users of our registrar are, or ``None``.
    """

    def __init__(
        self,
        route: RouteFunction,
        config: ProxyServerConfig,
        *,
        publish: Callable[[ProxyServerEvent], None],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        tell: Callable[[int, Routing], None],
        phones: Callable[[], Phones | None],
    ) -> None:
        self._route = route
        self._config = config
        self._publish = publish
        self._start_soon = start_soon
        self._tell = tell
        self._phones = phones
        self._asked = self._failed = self._late = self._refused = self._running = 0

    def router(self, request: Request, source: Endpoint) -> Routing | Later:
        """Answer the proxy: later, but where nothing is kept that could wait."""
        if request.method not in _WITHOUT_TRANSACTION:
            return Later()
        answer = self._ask(ProxyRequest(request, source, self._phones()))
        if inspect.iscoroutine(answer):
            answer.close()
        return Reply(500) if isinstance(answer, Awaitable) else answer

    def needed(self, event: RoutingNeeded) -> None:
        """Ask for the targets of a request; a plain function answers at once."""
        request = ProxyRequest(event.request, event.source, self._phones())
        if self._running >= self._config.max_routing:
            self._refused += 1
            self._tell(event.context, Reply(503))
            return
        answer = self._ask(request)
        if isinstance(answer, Awaitable):
            self._running += 1
            self._start_soon(partial(self._wait, event.context, request, answer))
        else:
            self._tell(event.context, answer)

    def _ask(self, request: ProxyRequest) -> Routing | Awaitable[RouteAnswer]:
        self._asked += 1
        try:
            answer = self._route(request)
            if isinstance(answer, Awaitable):
                return answer
            return routing_of(answer)
        except Exception as error:
            return self._has_failed(request, error)

    async def _wait(self, context: int, request: ProxyRequest, answer: Awaitable[RouteAnswer]) -> None:
        routing: Routing = Reply(408 if request.method == "INVITE" else 500)
        try:
            with trio.move_on_after(self._config.route_timeout) as patience:
                routing = routing_of(await answer)
            if patience.cancelled_caught:
                self._late += 1
                logger.warning("no route for %r in %g s", request, self._config.route_timeout)
                self._publish(RouteTimedOut(request, self._config.route_timeout))
        except Exception as error:
            routing = self._has_failed(request, error)
        finally:
            self._running -= 1
        self._tell(context, routing)

    def _has_failed(self, request: ProxyRequest, error: Exception) -> Reply:
        self._failed += 1
        logger.error("the route of %r failed", request, exc_info=error)
        self._publish(RouteFailed(request, error))
        return Reply(500)

    def statistics(self) -> RoutingStatistics:
        """Return a snapshot."""
        return RoutingStatistics(self._asked, self._failed, self._late, self._refused, self._running)
