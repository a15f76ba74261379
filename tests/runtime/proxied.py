"""Phones around a proxy on a simulated network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import attrs

from sansio_sip.message import Request, parse_message
from trio_runtime import (
    Accept,
    Call,
    CallDecision,
    CallHandler,
    IncomingCall,
    ProxyServer,
    SessionCoordinator,
)
from trio_runtime.api.options import CoordinatorOptions, ProxyOptions
from trio_runtime.proxy import RouteFunction
from trio_runtime.testing import Simulation, Wire

PROXY = "10.0.0.9"
BOB = "sip:bob@example.com"
ONE, TWO, THREE = (f"sip:bob@10.0.0.1{number}" for number in (1, 2, 3))


class Callee(CallHandler):
    """Notes who calls, and decides as it is told."""

    def __init__(self, decide: Callable[[IncomingCall], CallDecision]) -> None:
        self.calls: list[IncomingCall] = []
        self._decide = decide

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        self.calls.append(call)
        return self._decide(call)


def answers(_: IncomingCall) -> CallDecision:
    return Accept()


@attrs.define
class Village:
    """Alice at 10.0.0.1, whose outbound proxy is ours at 10.0.0.9, and bobs at 10.0.0.11, 12, …"""

    wire: Wire
    alice: SessionCoordinator
    proxy: ProxyServer
    bobs: list[Callee]

    def heard(self, host: str, sender: str = PROXY) -> list[str]:
        """What a host heard of the proxy: methods and statuses, in order."""
        found = []
        for entry in self.wire.trace:
            if (entry.sender[0], entry.receiver[0]) == (sender, host) and not entry.lost:
                message = parse_message(entry.data)
                is_request = isinstance(message, Request)
                found.append(message.method if is_request else str(message.status_code))  # type: ignore[union-attr]
        return found

    def requests(self, host: str, method: str = "INVITE") -> list[Request]:
        """The requests that a host got from the proxy."""
        found = []
        for entry in self.wire.trace:
            if (entry.sender[0], entry.receiver[0]) == (PROXY, host):
                message = parse_message(entry.data)
                if isinstance(message, Request) and message.method == method:
                    found.append(message)
        return found

    def call(self, uri: str = BOB, **options: object) -> Call:
        return self.alice.start_call(uri, **options)  # type: ignore[arg-type]


@asynccontextmanager
async def village(
    sim: Simulation,
    route: RouteFunction,
    *bobs: Callable[[IncomingCall], CallDecision],
    wire: Wire | None = None,
    proxy: ProxyOptions | None = None,
    alice: CoordinatorOptions | None = None,
    bob: CoordinatorOptions | None = None,
    settle: float = 200.0,
) -> AsyncIterator[Village]:
    """Open all of them; afterwards nothing may be left."""
    wire = wire or sim.wire(latency=0.01)
    near: CoordinatorOptions = {"no_media": True, "outbound_proxy": f"sip:{PROXY};lr"}
    far: CoordinatorOptions = {"no_media": True}
    own: ProxyOptions = {"domains": ("example.com",)}
    near.update(alice or {})
    far.update(bob or {})
    own.update(proxy or {})
    callees = [Callee(decide) for decide in bobs]
    async with (
        wire,
        sim.proxy(wire, PROXY, route, **own) as server,
        AsyncExitStack() as stack,
    ):
        for number, callee in enumerate(callees, 11):
            neighbour = sim.phone(wire, "bob", f"10.0.0.{number}", handler=callee, **far)
            await stack.enter_async_context(neighbour)  # type: ignore[arg-type]
        async with sim.phone(wire, "alice", "10.0.0.1", **near) as phone:
            yield Village(wire, phone, server, callees)
            await sim.settle(settle)
    sim.assert_quiet()
