"""A server of events and publications behind our own endpoint: the agent's machine on any network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import attrs

from sansio_sip.agent import Agent, AgentConfig, AgentEvent, AuthenticationConfig
from sansio_sip.auth import Credentials, DigestServerConfig
from sansio_sip.message import Request, parse_message
from sansio_sip.subscribe import (
    CONFERENCE,
    DIALOG,
    MESSAGE_SUMMARY,
    PRESENCE,
    REG,
    CompositorConfig,
    EventState,
    SubscriptionRequested,
)
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.environment import Environment
from trio_runtime.base.service import ServiceScope
from trio_runtime.dialog.endpoint import SipEndpoint, open_endpoint
from trio_runtime.observe.trace import Trace

__all__ = ["PACKAGES", "PresenceServer", "presence_server"]

PACKAGES = (PRESENCE, DIALOG, MESSAGE_SUMMARY, REG, CONFERENCE)


@attrs.define
class PresenceServer:
    """A running one.

    Attributes:
        endpoint: Its sockets and its agent.
        trace: What it sent and heard.
        now: Its clock.
        told: Its events.
        decide: Called for who wants to subscribe; without it nobody is let in.
    """

    endpoint: SipEndpoint
    trace: Trace
    now: Callable[[], float]
    told: list[AgentEvent]
    decide: Callable[[SubscriptionRequested], None] | None = None

    @property
    def agent(self) -> Agent:
        return self.endpoint.agent

    def do(self, verb: Callable[[Agent, float], object]) -> object:
        """Run a verb of the agent, and send what follows from it."""
        result = verb(self.agent, self.now())
        self.endpoint.pump.flush()
        return result

    def let_in(self, state: EventState) -> None:
        """Let everybody who asks watch, with this state."""
        self.decide = lambda event: self.agent.accept_subscription(event.subscription, state, self.now())

    def event(self, event: AgentEvent) -> None:
        self.told.append(event)
        if isinstance(event, SubscriptionRequested) and self.decide is not None:
            self.decide(event)

    def requests(self, method: str) -> list[Request]:
        """The requests of a method that it heard."""
        start = f"{method} ".encode()
        messages = [parse_message(entry.data) for entry in self.trace if entry.data.startswith(start)]
        return [message for message in messages if isinstance(message, Request)]


@asynccontextmanager
async def presence_server(
    environment: Environment,
    *,
    users: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[PresenceServer]:
    """Serve while the block lasts; leaving it is the death of a server: nobody is told.

    Args:
        environment: Where.
        users: Passwords that are asked for; without them nobody is asked.
        options: Of `CoordinatorConfig`.
        settings: Of `AgentConfig`.
    """
    asked = AuthenticationConfig(
        digest=DigestServerConfig(realm="test"),
        methods=frozenset({"SUBSCRIBE", "PUBLISH", "MESSAGE"}),
        users=tuple([Credentials(name, password) for name, password in (users or {}).items()]),
    )
    wanted: dict[str, Any] = {
        "event_packages": PACKAGES,
        "compositor": CompositorConfig(packages=(PRESENCE,)),
        "notify_published": False,
        "authentication": None if users is None else asked,
        **settings,
    }

    def adapt(config: AgentConfig) -> AgentConfig:
        return attrs.evolve(config, **wanted)

    trace = Trace(1_000)
    config = CoordinatorConfig(uri="sip:server@test", **(options or {}))
    events: list[Callable[[AgentEvent], None]] = []
    endpoint = await open_endpoint(
        environment, config, on_event=lambda event: events[0](event), trace=trace, adapt=adapt
    )
    server = PresenceServer(endpoint, trace, environment.clock.now, [])
    events.append(server.event)

    async def nothing() -> None:
        return

    try:
        async with ServiceScope(nothing) as services:
            endpoint.start(services)
            yield server
    finally:
        endpoint.close()
