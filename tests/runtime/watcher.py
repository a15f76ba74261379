"""A phone that watches and publishes: the agent's machine on any network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import trio

from sansio_sip.agent import AgentEvent
from sansio_sip.headers import EventType
from sansio_sip.subscribe import (
    NotifyReceived,
    PresenceDocument,
    PresenceStatus,
    PublishOrder,
    SubscribeOrder,
    SubscriptionEnded,
    parse_pidf,
    presence_state,
)
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.environment import Environment
from trio_runtime.base.service import ServiceScope
from trio_runtime.dialog.endpoint import SipEndpoint, open_endpoint
from trio_runtime.observe.trace import Trace

__all__ = ["WatchingPhone", "watching_phone"]


@attrs.define
class WatchingPhone:
    """A running one.

    Attributes:
        endpoint: Its sockets and its agent.
        user: Its name.
        domain: Of its address of record.
        proxy: Where its requests go.
        events: What it was told.
    """

    endpoint: SipEndpoint
    user: str
    domain: str
    proxy: str
    events: list[AgentEvent]

    @property
    def address(self) -> str:
        return f"<sip:{self.user}@{self.domain}>"

    @property
    def route(self) -> tuple[tuple[str, str], ...]:
        return (("Route", f"<sip:{self.proxy};lr>"),)

    def subscribe(self, target: str, package: str = "presence", expires: int = 3_600) -> str:
        order = SubscribeOrder(
            uri=f"sip:{target}@{self.domain}",
            from_=self.address,
            event=EventType(package),
            expires=expires,
            fields=self.route,
        )
        name = self.endpoint.agent.subscribe(order, trio.current_time())
        self.endpoint.pump.flush()
        return name

    def drop(self, name: str) -> None:
        self.endpoint.agent.drop(name, trio.current_time())
        self.endpoint.pump.flush()

    def publish(self, status: PresenceStatus, note: str = "", target: str = "") -> str:
        uri = f"sip:{target or self.user}@{self.domain}"
        state = presence_state(PresenceDocument.of(uri, status, id="desk", note=note))
        order = PublishOrder(uri=uri, from_=self.address, package="presence", fields=self.route)
        name = self.endpoint.agent.publish(order, state, trio.current_time())
        self.endpoint.pump.flush()
        return name

    def bodies(self, name: str) -> list[bytes]:
        """The bodies of the NOTIFYs of a subscription so far."""
        return [
            each.body
            for each in self.events
            if isinstance(each, NotifyReceived) and each.subscription == name
        ]

    def seen(self, name: str) -> list[str]:
        """The statuses that were seen by a subscription to presence."""
        return [parse_pidf(body).status.value for body in self.bodies(name) if body]

    def refused(self, name: str) -> int:
        """The status that ended a subscription."""
        (ended,) = [e for e in self.events if isinstance(e, SubscriptionEnded) and e.subscription == name]
        assert ended.response is not None
        return ended.response.status_code


@asynccontextmanager
async def watching_phone(
    environment: Environment, user: str, host: str, *, domain: str, proxy: str, password: str | None = None
) -> AsyncIterator[WatchingPhone]:
    """Run one while the block lasts."""
    config = CoordinatorConfig(
        uri=f"sip:{user}@{domain}",
        bind_host=host,
        password=password,
    )
    events: list[AgentEvent] = []
    endpoint = await open_endpoint(environment, config, on_event=events.append, trace=Trace(100))

    async def leave() -> None:
        await endpoint.drain(trio.current_time(), 4.0)

    try:
        async with ServiceScope(leave) as services:
            endpoint.start(services)
            yield WatchingPhone(endpoint, user, domain, proxy, events)
    finally:
        endpoint.close()
