"""A simulated socket that takes connections."""

from __future__ import annotations

from collections import deque
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Protocol

import trio

from trio_runtime.base.stream_ports import Connection

if TYPE_CHECKING:
    from trio_runtime.base.types import Address

__all__ = ["WireStreamListener"]

_MAX_BACKLOG = 1_024


class _Resettable(Protocol):
    """The far end of a connection."""

    def close(self) -> None:
        """Reset it."""


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
        self._waiting: deque[_Resettable] = deque()
        self.incoming, self._accepted = trio.open_memory_channel[Connection](_MAX_BACKLOG)

    async def accept(self) -> Connection:
        """Wait for the next connection; see `StreamListener.accept`."""
        try:
            connection = await self._accepted.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError("the listener is closed") from None
        self._waiting.popleft()
        return connection

    def offer(self, connection: Connection, stream: _Resettable) -> None:
        """Let a connection wait to be taken; raises `trio.WouldBlock` when too many do."""
        self.incoming.send_nowait(connection)
        self._waiting.append(stream)

    def close(self) -> None:
        """Release the port; connections that nobody has taken are reset."""
        self._table.pop(self.local_address[1], None)
        self.incoming.close()
        for stream in self._waiting:
            stream.close()
        self._waiting.clear()
        self._accepted.close()
