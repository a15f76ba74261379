"""What all parts of a call centre share: its decisions, its clock, its lines, and who waits in it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol

import trio

from trio_runtime.base.errors import VoipError
from trio_runtime.events import queue_types as facts
from trio_runtime.queue.core.decisions import AgentChanged, Dismiss, Offer, Reason, Withdraw
from trio_runtime.queue.core.dispatcher import Dispatcher

if TYPE_CHECKING:
    from trio_runtime.events.queue_types import QueueEvent
    from trio_runtime.queue.core.agents import QueueAgent
    from trio_runtime.queue.core.store import QueueStore
    from trio_runtime.queue.operations import CentreOperations, StartCall
    from trio_runtime.session import Call

__all__ = ["CentreHouse", "Guest", "Locate"]

logger = logging.getLogger("trio_runtime")

Locate = Callable[["QueueAgent"], Iterable[str]]
"""Tells the URIs at which an agent is now, as a registrar knows them."""


class Guest(Protocol):
    """Somebody who waits or talks, and does what is decided; nothing of it waits."""

    def offered(self, offer: Offer) -> None:
        """Ring an agent."""

    def withdrawn(self, withdraw: Withdraw) -> None:
        """Ring an agent no more."""

    def dismissed(self, reason: Reason) -> None:
        """Wait no more."""

    def hang_up(self) -> None:
        """End everything: the centre is closed."""


class CentreHouse:
    """Runs the dispatcher: after each input its decisions are carried out, and its deadline is kept.

    Args:
        operations: The coordinator's side.
        start_call: Makes calls.
        start_soon: Starts a task that lives as long as the centre.
        locate: Tells where agents are; None takes the addresses that each has.
        store: Where the state is kept.

    Attributes:
        operations: The same.
        start_call: The same.
        start_soon: The same.
        dispatcher: The decisions.
        visitors: Who waits or talks, by name.
        lines: The calls of agents who stay on the line, by the agent.
        agents: What is known of the agents, by name.
    """

    def __init__(
        self,
        operations: CentreOperations,
        start_call: StartCall,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        locate: Locate | None,
        store: QueueStore | None,
    ) -> None:
        self.operations = operations
        self.start_call = start_call
        self.start_soon = start_soon
        self.now = operations.now
        self.dispatcher = Dispatcher(now=self.now(), store=store)
        self.visitors: dict[str, Guest] = {}
        self.lines: dict[str, Call] = {}
        self.agents: dict[str, QueueAgent] = {}
        self._locate = locate
        self._alarm = trio.CancelScope()

    def addresses(self, agent: str) -> Iterable[str]:
        """Return where an agent is called.

        Raises:
            VoipError: The application could not tell.
        """
        profile = self.agents[agent]
        if self._locate is None:
            return profile.addresses
        try:
            return tuple(self._locate(profile))
        except Exception as error:
            # It is foreign code: the caller goes to the next agent.
            logger.exception("agent %s could not be located", agent)
            raise VoipError(f"the agent could not be located: {error}") from error

    def publish(self, event: QueueEvent) -> None:
        """Publish an event."""
        self.operations.publish_event(event)

    def settle(self) -> None:
        """Carry out what was decided; never waits."""
        while (decision := self.dispatcher.next_decision()) is not None:
            match decision:
                case Offer(caller=caller):
                    self.visitors[caller].offered(decision)
                case Withdraw(caller=caller):
                    self.visitors[caller].withdrawn(decision)
                case Dismiss(caller, _, reason):
                    self.visitors[caller].dismissed(reason)
                case AgentChanged(agent, old, new, reason):
                    self.publish(facts.AgentStateChanged(agent, old.value, new.value, reason))
        self._alarm.deadline = self._deadline()

    async def keep_time(self) -> None:
        """Let what is due happen, until cancelled."""
        while True:
            with trio.CancelScope(deadline=self._deadline()) as self._alarm:
                await trio.sleep_forever()
            self.dispatcher.handle_timeout(self.now())
            self.settle()

    def _deadline(self) -> float:
        deadline = self.dispatcher.deadline
        return float("inf") if deadline is None else deadline
