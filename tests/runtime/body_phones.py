"""Phones whose session descriptions are plain octets, and a back-to-back user agent between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import attrs
import trio

from sansio_sip.agent import Agent, AgentBackends, AgentConfig, AgentEvent
from sansio_sip.invite import (
    AnswerReceived,
    CallAnswered,
    CallConfirmed,
    CallEnded,
    IncomingCall,
    OfferReceived,
    SessionBody,
)
from sansio_sip.message import Message, parse_message
from trio_runtime import B2bua, B2buaConfig
from trio_runtime.api.options import CoordinatorOptions
from trio_runtime.b2bua import CallRoute
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.service import ServiceScope
from trio_runtime.dialog.endpoint import SipEndpoint, open_endpoint
from trio_runtime.testing import Simulation, Wire

SERVER = "10.0.0.9"
BOB = f"sip:bob@{SERVER}"
ONE, TWO = "sip:bob@10.0.0.11", "sip:bob@10.0.0.12"
PASSING = B2buaConfig(media="pass", transfers="pass")
EventT = TypeVar("EventT")


def sdp(name: str, version: int = 1, *more: str) -> SessionBody:
    """What a phone says: audio, video that nobody here understands, and lines of an ICE agent."""
    lines = (
        "v=0", f"o={name} 77 {version} IN IP4 10.9.9.9", "s= a  space", "c=IN IP4 10.9.9.9", "t=0 0",
        "a=group:BUNDLE 0 1", "m=audio 4000 UDP/TLS/RTP/SAVPF 111 0", "a=mid:0", "a=ice-ufrag:F7gI",
        "a=setup:actpass", "m=video 4000 UDP/TLS/RTP/SAVPF 96", "a=rtpmap:96 VP8/90000", *more, "",
    )  # fmt: skip
    return SessionBody("\r\n".join(lines).encode())


@attrs.define(eq=False)
class BodyPhone:
    """A user agent with the verbs of `Agent`; what it hears is kept until it is asked for."""

    host: str
    end: SipEndpoint | None = None
    heard: list[AgentEvent] = attrs.field(factory=list)
    call: str = ""
    news: trio.lowlevel.ParkingLot = attrs.field(factory=trio.lowlevel.ParkingLot)

    def hear(self, event: AgentEvent) -> None:
        self.heard.append(event)
        self.news.unpark_all()

    def do(self, verb: str, *values: Any, **named: Any) -> Any:
        """Run a verb about the call of this phone."""
        return self.run(lambda agent, now: getattr(agent, verb)(self.call, *values, now, **named))

    def run(self, verb: Callable[[Agent, float], Any]) -> Any:
        assert self.end is not None
        try:
            return verb(self.end.agent, trio.current_time())
        finally:
            self.end.pump.flush()

    def invite(self, body: SessionBody | None, uri: str = BOB, **named: Any) -> None:
        self.call = self.run(lambda agent, now: agent.invite_passing(uri, body, now, **named))

    async def hears(self, kind: type[EventT], within: float = 60.0) -> EventT:
        """Wait for the next event of a kind, and forget those before it."""
        with trio.fail_after(within):
            while True:
                for index, event in enumerate(self.heard):
                    if isinstance(event, kind):
                        del self.heard[: index + 1]
                        return event
                await self.news.park()

    def heard_any(self, *kinds: type[object]) -> bool:
        return any(isinstance(event, kinds) for event in self.heard)

    async def rings(self) -> SessionBody | None:
        """Wait for a call, and return its offer."""
        event = await self.hears(IncomingCall)
        self.call = event.session
        self.run(lambda agent, now: agent.pass_bodies(self.call, now))
        request = event.request
        return SessionBody(request.body, request.get("content-type") or "") if request.body else None

    async def offered(self) -> OfferReceived:
        return await self.hears(OfferReceived)

    async def answered_with(self) -> bytes:
        return (await self.hears(AnswerReceived)).body.content

    async def ends(self) -> CallEnded:
        return await self.hears(CallEnded)


@asynccontextmanager
async def body_phone(
    wire: Wire, user: str, host: str, adapt: Callable[[AgentConfig], AgentConfig]
) -> AsyncIterator[BodyPhone]:
    """Open a phone on a host of a wire."""
    environment = wire.environment(host)
    phone = BodyPhone(host)
    config = CoordinatorConfig(uri=f"sip:{user}@{host}", bind_host=host)
    backends, heard = AgentBackends(), phone.hear
    end = await open_endpoint(environment, config, on_event=heard, trace=None, adapt=adapt, backends=backends)
    phone.end = end
    try:
        async with ServiceScope(trio.lowlevel.checkpoint) as services:
            end.start(services)
            yield phone
    finally:
        end.close()


@attrs.define
class Street:
    """Alice at 10.0.0.1, the server at 10.0.0.9, bob at 10.0.0.11."""

    alice: BodyPhone
    bob: BodyPhone
    server: B2bua
    wire: Wire

    async def talk(self, offer: SessionBody, answer: SessionBody) -> None:
        """Let alice call bob, who answers."""
        self.alice.invite(offer)
        assert await self.bob.rings() == offer
        self.bob.do("answer", answer)
        assert await self.alice.answered_with() == answer.content
        await self.alice.hears(CallAnswered)
        await self.bob.hears(CallConfirmed)
        await trio.sleep(0.5)  # the ACK of alice is on its way to the server

    def messages(self, start: str, host: str) -> list[Message]:
        """The requests of a method, or the responses of a status, that were sent to a host."""
        found = [entry.data for entry in self.wire.trace if entry.receiver[0] == host]
        return [parse_message(data) for data in found if data.startswith(start.encode())]

    def media_ports(self) -> int:
        """How many ports the server holds besides that of SIP."""
        return len([port for host, port in self.wire.open_sockets if host == SERVER]) - 1


def plain(config: AgentConfig) -> AgentConfig:
    return config


@asynccontextmanager
async def street(
    sim: Simulation,
    *,
    policy: B2buaConfig = PASSING,
    wire: Wire | None = None,
    route: CallRoute = lambda _: ONE,
    alice: Callable[[AgentConfig], AgentConfig] = plain,
    bob: Callable[[AgentConfig], AgentConfig] = plain,
    server: CoordinatorOptions | None = None,
    settle: float = 120.0,
) -> AsyncIterator[Street]:
    """Open all of them; afterwards nothing may be left, and no port of media was ever opened."""
    wire = wire or sim.wire(latency=0.01)
    async with (
        wire,
        sim.b2bua(wire, SERVER, route, policy=policy, **(server or {})) as middle,
        body_phone(wire, "alice", "10.0.0.1", alice) as caller,
        body_phone(wire, "bob", "10.0.0.11", bob) as callee,
    ):
        yield Street(caller, callee, middle, wire)
        await sim.settle(settle)
    sim.assert_quiet()
