"""A call centre: agents, and the queues whose callers they get."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Unpack

import attrs
import trio

from trio_runtime.base.errors import CallStateError, ConfigurationError
from trio_runtime.base.service import ServiceScope
from trio_runtime.queue.call_queue import CallQueue
from trio_runtime.queue.centre_agents import CentreAgents
from trio_runtime.queue.config import QueueConfig
from trio_runtime.queue.house import CentreHouse, Locate

if TYPE_CHECKING:
    from trio_runtime.queue.core.agents import QueueAgent
    from trio_runtime.queue.core.statistics import QueueStatistics
    from trio_runtime.queue.core.store import QueueStore
    from trio_runtime.queue.operations import CentreOperations, StartCall
    from trio_runtime.queue.options import QueueOptions

__all__ = ["CallCentre"]


class CallCentre(CentreAgents):
    """Agents and queues; it works while its ``async with`` block lasts.

    Leaving the block hangs up all who wait or talk.

    Args:
        operations: The coordinator's side.
        start_call: Makes the calls to agents.
        agents: The agents; more can be added.
        locate: Tells where an agent is to be called, as a registrar knows it; None takes the agent's
            addresses.
        store: Where the state is kept; in memory when None.
    """

    def __init__(
        self,
        operations: CentreOperations,
        start_call: StartCall,
        *,
        agents: Iterable[QueueAgent] = (),
        locate: Locate | None = None,
        store: QueueStore | None = None,
    ) -> None:
        self._services = ServiceScope(self._drain)
        super().__init__(CentreHouse(operations, start_call, self._services.start_soon, locate, store))
        self._queues: dict[str, CallQueue] = {}
        self._is_open = False
        for agent in agents:
            self.add_agent(agent)

    def __repr__(self) -> str:
        return f"<CallCentre {len(self._queues)} queues, {len(self._house.agents)} agents>"

    async def __aenter__(self) -> CallCentre:
        """Open the block."""
        await self._services.__aenter__()
        self._services.start_soon(self._house.keep_time, name="call centre")
        self._is_open = True
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[bool | None]:
        """Hang up all who wait or talk."""
        self.close()
        return self._services.__aexit__(kind, value, traceback)

    def close(self) -> None:
        """Let nobody wait any more, and hang up all who wait or talk. Idempotent."""
        self._is_open = False
        house = self._house
        house.dispatcher.close(house.now())
        house.settle()
        for visitor in tuple(house.visitors.values()):
            visitor.hang_up()

    def open_queue(
        self, name: str, config: QueueConfig | None = None, **options: Unpack[QueueOptions]
    ) -> CallQueue:
        """Return a new queue.

        Args:
            name: Names it in events, and as a target of overflow; no URI.
            config: How it is; the other arguments replace fields of it.
            options: Fields of `QueueConfig`.

        Raises:
            ConfigurationError: A value cannot be used, there is no such field, or a queue of that name.
            LimitExceededError: There are too many.
            CallStateError: The centre is closed.
        """
        if not self._is_open:
            raise CallStateError("the call centre is not open: use `async with`")
        known = {field.name for field in attrs.fields(QueueConfig)}
        for option in options:
            if option not in known:
                raise ConfigurationError("there is no such field", field=option)
        settings = attrs.evolve(config or QueueConfig(), **options)
        self._house.dispatcher.add_queue(name, settings)
        queue = self._queues[name] = CallQueue(name, settings, self._house, self._queues.get)
        return queue

    @property
    def queues(self) -> tuple[CallQueue, ...]:
        """The queues, in the order in which they were opened."""
        return tuple(self._queues.values())

    def statistics(self) -> dict[str, QueueStatistics]:
        """Return what became of the callers of each queue up to now; `agent_statistics` has the agents."""
        return {name: queue.statistics() for name, queue in self._queues.items()}

    async def _drain(self) -> None:
        await trio.lowlevel.checkpoint()
