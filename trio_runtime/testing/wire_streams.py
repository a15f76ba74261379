"""Connections of the simulated network: in order, without loss and without delay."""

from __future__ import annotations

import os
from collections import deque
from errno import ECONNREFUSED
from typing import TypeAlias

import trio
import trio.testing

from trio_runtime.base.stream_ports import Connection
from trio_runtime.base.types import Address

__all__ = ["WireStreamListener", "WireStreams"]

MemoryStream: TypeAlias = (
    "trio.StapledStream[trio.testing.MemorySendStream, trio.testing.MemoryReceiveStream]"
)

_MAX_BACKLOG = 1_024
_FIRST_EPHEMERAL = 49_152


class WireStreamListener:
    """A simulated listening socket."""

    def __init__(self, streams: WireStreams, address: Address) -> None:
        """Use `WireStreams.listen` instead."""
        self.local_address = address
        self._streams = streams
        self._waiting: deque[MemoryStream] = deque()
        self.incoming, self._accepted = trio.open_memory_channel[Connection](_MAX_BACKLOG)

    async def accept(self) -> Connection:
        """Wait for the next connection; see `StreamListener.accept`."""
        try:
            connection = await self._accepted.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError("the listener is closed") from None
        self._waiting.popleft()
        return connection

    def offer(self, connection: Connection, stream: MemoryStream) -> None:
        """Let a connection wait to be taken."""
        self.incoming.send_nowait(connection)
        self._waiting.append(stream)

    def close(self) -> None:
        """Release the port; connections that nobody has taken are reset."""
        self._streams.listeners.pop(self.local_address, None)
        self.incoming.close()
        for stream in self._waiting:
            stream.send_stream.close()
            stream.receive_stream.close()
        self._waiting.clear()
        self._accepted.close()


class WireStreams:
    """The listeners and connections between all hosts of a wire.

    Attributes:
        listeners: The open listeners by address.
        opened: Connections that were opened so far.
        held: Hosts that get nothing for now: what is sent to them waits, and so does who sends it.
    """

    def __init__(self) -> None:
        self.listeners: dict[Address, WireStreamListener] = {}
        self.opened = 0
        self.held: set[str] = set()
        self._released = trio.lowlevel.ParkingLot()
        self._streams: dict[MemoryStream, None] = {}

    def listen(self, address: Address) -> WireStreamListener:
        """Open a listener."""
        listener = self.listeners[address] = WireStreamListener(self, address)
        return listener

    def free_port(self, host: str) -> int:
        """Return a port of a host on which nobody listens."""
        port = _FIRST_EPHEMERAL
        while (host, port) in self.listeners:
            port += 1
        return port

    async def connect(self, host: str, destination: Address) -> Connection:
        """Connect from a host; raises `OSError` when nobody listens."""
        await trio.lowlevel.checkpoint()
        listener = self.listeners.get(destination)
        if listener is None:
            raise OSError(ECONNREFUSED, os.strerror(ECONNREFUSED))
        self.opened += 1
        ours, theirs = trio.testing.memory_stream_pair()
        self._gate(ours, destination[0])
        self._gate(theirs, host)
        source = (host, 32_768 + self.opened)
        listener.offer(Connection(theirs, destination, source), theirs)
        return Connection(ours, source, destination)

    def _gate(self, stream: MemoryStream, receiver: str) -> None:
        """Make what a stream sends wait while its receiver is held."""
        pump = stream.send_stream.send_all_hook

        async def send() -> None:
            while receiver in self.held:
                await self._released.park()
            if pump is not None:
                await pump()

        stream.send_stream.send_all_hook = send
        self._streams[stream] = None

    def release(self) -> None:
        """Let every host have what waits for it."""
        self.held.clear()
        self._released.unpark_all()

    async def cut(self) -> None:
        """End every connection that is open."""
        for stream in list(self._streams):
            await trio.aclose_forcefully(stream)
        self._streams.clear()
