"""A back-to-back user agent as a ready server: open it with a routing function."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING

import attrs

from trio_runtime.b2bua.records import B2buaEvent, RecordsLost
from trio_runtime.b2bua.requests import MessageRoute, RequestPasser
from trio_runtime.b2bua.switchboard import Counters, Switchboard
from trio_runtime.base.service import ServiceScope
from trio_runtime.coordinator import CoordinatorStatistics, IncomingRequest, SessionCoordinator
from trio_runtime.events import EventBus, ServerView

if TYPE_CHECKING:
    from trio_runtime.b2bua.answers import CallRoute
    from trio_runtime.b2bua.config import B2buaConfig
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.listening import Listener

__all__ = ["B2bua", "B2buaStatistics"]


@attrs.frozen
class B2buaStatistics:
    """What a back-to-back user agent counts.

    Attributes:
        calls: Calls that came in, those left out that took the place of others.
        answered: Calls that were connected.
        refused: Calls that were not.
        talking: Pairs that are connected now.
        transfers: How often a side was exchanged, in calls that are over.
        taken_over: Calls that took the place of others by their INVITE.
        requests_passed: MESSAGEs and INFOs that went on to the other side.
        route_failures: How often the routing function raised, took too long, or gave no route.
        coordinator: Everything else.
    """

    calls: int
    answered: int
    refused: int
    talking: int
    transfers: int
    taken_over: int
    requests_passed: int
    route_failures: int
    coordinator: CoordinatorStatistics


class B2bua(ServerView[B2buaEvent]):
    """Connects each call that comes in with one that it makes, while its ``async with`` block lasts.

    Args:
        environment: Clock, network and randomness; the kernel's or a simulated one.
        coordinator: Of the user agent.
        config: How calls are passed on.
        route: Says where each call goes.
        route_message: Says where a message outside of calls goes; without one it gets 404.
        owns_environment: Whether to close the environment in the end.

    Its events have a `CallRecord` for each call.

    Attributes:
        phone: The user agent: its trace, its registrations, its single calls.
        config: See above.
    """

    def __init__(
        self,
        environment: Environment,
        coordinator: CoordinatorConfig,
        config: B2buaConfig,
        route: CallRoute,
        *,
        route_message: MessageRoute | None = None,
        owns_environment: bool = False,
    ) -> None:
        super().__init__(EventBus(lost=RecordsLost))
        self.config = config
        self._passed = _passed_methods(config, coordinator)
        requests = coordinator.requests
        methods = tuple(dict.fromkeys((*requests.methods, *self._passed)))
        coordinator = attrs.evolve(coordinator, requests=attrs.evolve(requests, methods=methods))
        self.phone = SessionCoordinator(environment, coordinator, owns_environment=owns_environment)
        self._board = Switchboard(self.phone, config, route, self._bus.publish, environment.epoch)
        self._requests = RequestPasser(self.phone, config, self._board.other_side, route_message)
        self._services = ServiceScope(_nothing)
        self._stack = AsyncExitStack()

    def _doing(self) -> str:
        return f", {len(self._board.talks) // 2} talks"

    async def __aenter__(self) -> B2bua:
        """Open the user agent and take calls; raises as `SessionCoordinator` does."""
        await self._stack.enter_async_context(self.phone)  # type: ignore[arg-type]
        await self._stack.enter_async_context(self._services)  # type: ignore[arg-type]
        for method in self._passed:
            self.phone.take_requests(method, self._pass_on)
        self._services.start_soon(self._serve, name="B2BUA")
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[bool | None]:
        """Hang up all calls, wait at most ``drain_grace`` seconds for their peers, release the sockets."""
        return self._leave(kind, value, traceback)

    async def _leave(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            # First whoever handles calls, which hangs them up; then the user agent, which sees to it.
            return await self._stack.__aexit__(kind, value, traceback)
        finally:
            self._bus.close()

    def _pass_on(self, request: IncomingRequest) -> None:
        self._services.start_soon(lambda: self._requests.take(request), name=f"{request.method} passes")

    async def _serve(self) -> None:
        await self.phone.serve(self._board.take)

    @property
    def listening(self) -> list[Listener]:
        """Its listeners with the addresses and ports that peers use; empty before it is open."""
        return self.phone.listening

    async def drain(self, *, deadline: float | None = None) -> int:
        """Take no new calls, and wait until those there are have ended; see `SessionCoordinator.drain`."""
        return await self.phone.drain(deadline=deadline)

    def statistics(self) -> B2buaStatistics:
        """Return a snapshot of everything that is counted."""
        counters: Counters = self._board.counters
        talks = len(set(self._board.talks.values()))
        return B2buaStatistics(
            calls=counters.calls,
            answered=counters.answered,
            refused=counters.refused,
            talking=talks,
            transfers=counters.transfers,
            taken_over=counters.taken_over,
            requests_passed=self._requests.passed,
            route_failures=counters.route_failures,
            coordinator=self.phone.statistics(),
        )

    def leftovers(self) -> list[str]:
        """Return what is still held, in words; empty when all is quiet (SIM-2)."""
        talks = len(self._board.talks)
        return [*self.phone.leftovers(), *([f"{talks} talks"] if talks else [])]


def _passed_methods(config: B2buaConfig, coordinator: CoordinatorConfig) -> tuple[str, ...]:
    taken = coordinator.requests.content_types  # messages that are for us
    return tuple([method for method in config.passed_methods if not (taken and method == "MESSAGE")])


async def _nothing() -> None:
    return
