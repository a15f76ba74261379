"""The doors to connections: what the kernel and the simulated network both offer."""

from __future__ import annotations

from typing import Protocol

import attrs
import trio

from trio_runtime.base.types import Address

__all__ = ["Connection", "StreamListener"]


@attrs.frozen
class Connection:
    """A byte stream to a peer, before any handshake above TCP.

    Attributes:
        stream: The octets in both directions.
        local: Our address.
        peer: The peer's address.
    """

    stream: trio.abc.Stream
    local: Address
    peer: Address


class StreamListener(Protocol):
    """A bound TCP socket that takes connections."""

    @property
    def local_address(self) -> Address:
        """The bound address, with the real port."""
        ...

    async def accept(self) -> Connection:
        """Wait for the next connection.

        Raises:
            OSError: This one could not be taken, as without a free file descriptor; the next may be.
            trio.ClosedResourceError: The listener was closed.
        """
        ...

    def close(self) -> None:
        """Release the port."""
        ...
