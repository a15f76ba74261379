"""A simulated socket that takes connections."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.stream_ports import Connection

if TYPE_CHECKING:
    from trio_runtime.base.types import Address

__all__ = ["WireStreamListener"]

_MAX_BACKLOG = 1_024


class WireStreamListener:
    """A simulated listening socket.

    Attributes:
        local_address: The bound address.
        incoming: Where connections are put that nobody has taken yet.
    """

    def __init__(self, address: Address, table: MutableMapping[int, WireStreamListener]) -> None:
        """Use `WireStreams.listen` instead; the listener leaves `table` when it is closed."""
        self.local_address = address
        self._table = table
        self.incoming, self._accepted = trio.open_memory_channel[Connection](_MAX_BACKLOG)

    async def accept(self) -> Connection:
        """Wait for the next connection; see `StreamListener.accept`."""
        try:
            return await self._accepted.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError("the listener is closed") from None

    def close(self) -> None:
        """Release the port."""
        self._table.pop(self.local_address[1], None)
        self.incoming.close()
        self._accepted.close()
