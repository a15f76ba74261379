"""A firewall: answers come in to what went out, until both have been silent for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.types import Address
from trio_runtime.base.validation import between
from trio_runtime.testing.gates import TransportName

__all__ = ["Firewall", "FirewallConfig"]

_Flow: TypeAlias = "tuple[TransportName, Address, Address]"


def _as_ports(ports: Iterable[int]) -> frozenset[int]:
    return frozenset(ports)


@attrs.frozen(kw_only=True)
class FirewallConfig:
    """What a firewall remembers, and for how long.

    Attributes:
        idle_timeout: Seconds without a datagram in either direction after which answers stay out.
        stream_idle_timeout: The same for connections.
        open_ports: Ports inside that everybody may reach.
        max_flows: Flows that are remembered; the oldest is forgotten for one more.
    """

    idle_timeout: float = attrs.field(default=30.0, validator=between(0.001, unit=" s"))
    stream_idle_timeout: float = attrs.field(default=7_440.0, validator=between(0.001, unit=" s"))
    open_ports: frozenset[int] = attrs.field(default=frozenset(), converter=_as_ports)
    max_flows: int = attrs.field(default=10_000, validator=between(1))

    def __attrs_post_init__(self) -> None:
        """Check the ports."""
        for port in self.open_ports:
            if not 0 < port < 65_536:
                raise ConfigurationError(f"{port!r} is no port", field="open_ports")


class Firewall:
    """A firewall at work; it changes no address.

    Attributes:
        refused: What was not let in.
        forgotten: Flows that were forgotten before their time, because there were too many.
    """

    def __init__(self, config: FirewallConfig) -> None:
        """Begin with nothing remembered."""
        self._config = config
        self._flows: dict[_Flow, float] = {}
        self.refused = 0
        self.forgotten = 0

    def __len__(self) -> int:
        """Return how many flows are remembered, those included that nobody has asked for since they ended."""
        return len(self._flows)

    @property
    def public_host(self) -> None:
        """Hosts behind a firewall keep their addresses."""
        return

    def outgoing(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> Address | None:
        """Let everything out and remember it."""
        self._remember((transport, source, destination), now)
        return source

    def incoming(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> Address | None:
        """Let in what answers something, and what is for an open port."""
        flow = (transport, destination, source)
        last = self._flows.get(flow)
        if last is not None and now - last <= self._idle(transport):
            self._flows[flow] = now
            return destination
        if destination[1] in self._config.open_ports:
            self._remember(flow, now)
            return destination
        self._flows.pop(flow, None)
        self.refused += 1
        return None

    def _idle(self, transport: TransportName) -> float:
        config = self._config
        return config.idle_timeout if transport == "udp" else config.stream_idle_timeout

    def _remember(self, flow: _Flow, now: float) -> None:
        self._flows.pop(flow, None)  # the youngest stand last
        if len(self._flows) >= self._config.max_flows:
            del self._flows[next(iter(self._flows))]
            self.forgotten += 1
        self._flows[flow] = now
