"""What stands between a private network and the rest, and changes or stops what passes."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

from trio_runtime.base.types import Address

__all__ = ["Gate", "TransportName"]

TransportName: TypeAlias = Literal["udp", "tcp"]


class Gate(Protocol):
    """A NAT or a firewall; both learn from what goes out what may come in."""

    @property
    def public_host(self) -> str | None:
        """The address that stands for everybody inside, None where each keeps its own."""
        ...

    def outgoing(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> Address | None:
        """Let something out and return the source that the far end sees, None when it may not pass."""
        ...

    def incoming(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> Address | None:
        """Let something in and return for whom inside it is, None when it may not pass."""
        ...
