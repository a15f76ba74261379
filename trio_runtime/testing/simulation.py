"""Whole phones on a simulated network in virtual time, and the proof that nothing is left of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol, Unpack

import attrs
import trio

from trio_runtime.api import open_b2bua, open_coordinator, open_proxy
from trio_runtime.testing.wire import Wire

if TYPE_CHECKING:
    from trio_runtime.api.options import CoordinatorOptions, ProxyOptions
    from trio_runtime.b2bua import B2bua, B2buaConfig, CallRoute, MessageRoute
    from trio_runtime.base.types import Address
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.handlers import CallHandler
    from trio_runtime.proxy import ProxyServer, RouteFunction
    from trio_runtime.testing.conditions import WireConditions
    from trio_runtime.testing.realm import Realm

__all__ = ["Simulation"]


class _Node(Protocol):
    """A phone or a server."""

    @property
    def bound_addresses(self) -> list[Address]: ...

    def leftovers(self) -> list[str]: ...


@attrs.define
class _Named:
    name: str
    node: _Node


class Simulation:
    """Makes wires and phones, remembers them, and checks at the end that all is quiet.

    Run it under `trio.testing.MockClock`, as the fixture ``autojump_clock`` gives it.
    """

    def __init__(self) -> None:
        self.wires: list[Wire] = []
        self._nodes: list[_Named] = []

    def wire(self, seed: int = 0, **conditions: Unpack[WireConditions]) -> Wire:
        """Return a new network; see `Wire`."""
        wire = Wire(seed, **conditions)
        self.wires.append(wire)
        return wire

    def phone(
        self,
        wire: Wire | Realm,
        name: str,
        host: str,
        *,
        handler: CallHandler | None = None,
        **options: Unpack[CoordinatorOptions],
    ) -> SessionCoordinator:
        """Return a coordinator on ``host`` of a network, also a private one; open it with ``async with``."""
        options.setdefault("bind_host", host)
        coordinator = open_coordinator(
            f"sip:{name}@{host}", handler=handler, environment=wire.environment(host), **options
        )
        self._nodes.append(_Named(name, coordinator))
        return coordinator

    def proxy(
        self,
        wire: Wire | Realm,
        host: str,
        route: RouteFunction | None = None,
        *,
        name: str = "proxy",
        **options: Unpack[ProxyOptions],
    ) -> ProxyServer:
        """Return a proxy on ``host`` of a network; open it with ``async with``."""
        options.setdefault("bind_host", host)
        proxy = open_proxy(route, environment=wire.environment(host), **options)
        self._nodes.append(_Named(name, proxy))
        return proxy

    def b2bua(
        self,
        wire: Wire | Realm,
        host: str,
        route: CallRoute,
        *,
        policy: B2buaConfig | None = None,
        route_message: MessageRoute | None = None,
        name: str = "b2bua",
        **options: Unpack[CoordinatorOptions],
    ) -> B2bua:
        """Return a back-to-back user agent on ``host`` of a network; open it with ``async with``."""
        options.setdefault("bind_host", host)
        environment = wire.environment(host)
        server = open_b2bua(
            route, policy=policy, route_message=route_message, environment=environment, **options
        )
        self._nodes.append(_Named(name, server))
        return server

    @asynccontextmanager
    async def pair(
        self, seed: int = 0, *, phones: CoordinatorOptions | None = None, **conditions: Unpack[WireConditions]
    ) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
        """Open alice on 10.0.0.1 and bob on 10.0.0.2 with a wire between them.

        Args:
            seed: Everything random follows from it.
            phones: Options of both coordinators.
            conditions: See `Wire`.
        """
        wire, options = self.wire(seed, **conditions), phones or {}
        async with (
            wire,
            self.phone(wire, "alice", "10.0.0.1", **options) as alice,
            self.phone(wire, "bob", "10.0.0.2", **options) as bob,
        ):
            yield alice, bob

    def names(self) -> dict[Address, str]:
        """Return the phones' names by their addresses."""
        return {address: each.name for each in self._nodes for address in each.node.bound_addresses}

    def ladder(self) -> str:
        """Return the signalling of all wires as ladder diagrams."""
        return "\n\n".join(wire.ladder(self.names()) for wire in self.wires)

    async def settle(self, seconds: float = 70.0) -> None:
        """Let virtual time pass until the longest SIP timers are over."""
        await trio.sleep(seconds)

    def leftovers(self) -> list[str]:
        """Return what is still held of calls, transactions, timers and sockets, in words (SIM-2)."""
        left = [f"{each.name}: {what}" for each in self._nodes for what in each.node.leftovers()]
        for wire in self.wires:
            left += [f"open socket {host}:{port}" for host, port in wire.open_sockets]
        return left

    def summary(self) -> str:
        """Return the seeds, what became of the datagrams, and what is left: what a failed test reports."""
        lines = []
        for wire in self.wires:
            counts = attrs.asdict(wire.statistics())
            lines.append(
                f"seed {wire.seed}: " + ", ".join(f"{count} {what}" for what, count in counts.items())
            )
        return "\n".join([*lines, "left: " + ("; ".join(self.leftovers()) or "nothing")])

    def assert_quiet(self) -> None:
        """Check that no call, transaction, timer or socket is left (SIM-2).

        Raises:
            AssertionError: Something is left; the text says what and shows seeds and ladder.
        """
        left = self.leftovers()
        if left:
            raise AssertionError(
                "not quiet: " + "; ".join(left) + "\n" + self.summary() + "\n" + self.ladder()
            )
