"""What a flow reads from and writes to: a byte stream or a WebSocket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import trio
import trio_websocket

from sansio_sip.framing import StreamFramer, WebSocketFramer, to_websocket

__all__ = ["CHANNEL_ERRORS", "ByteChannel", "Channel", "Framer", "WebSocketChannel", "close_at_once"]

Framer: TypeAlias = StreamFramer | WebSocketFramer

CHANNEL_ERRORS = (
    OSError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio_websocket.ConnectionClosed,
)
"""What `Channel.receive` and `Channel.send` raise when the connection is gone."""

_CLOSING_S = 1.0  # a peer that does not even read our farewell is left without it


async def close_at_once(stream: trio.abc.Stream) -> None:
    """Close a stream without a farewell; one that is gone already is no error."""
    try:
        await trio.aclose_forcefully(stream)
    except CHANNEL_ERRORS:
        pass


class Channel(Protocol):
    """A connection after all handshakes."""

    @property
    def framer(self) -> Framer:
        """What cuts out the messages."""
        ...

    async def receive(self) -> bool:
        """Wait for octets and give them to the framer; False at the end of the connection."""
        ...

    async def send(self, packets: Sequence[bytes]) -> None:
        """Send packets; when it returns, the system has taken them."""
        ...

    async def aclose(self) -> None:
        """Close; never blocks for long."""
        ...


class ByteChannel:
    """TCP or TLS.

    Args:
        stream: The connected stream.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.framer = StreamFramer()
        self._stream = stream

    async def receive(self) -> bool:
        """Wait for octets; see `Channel.receive`."""
        data = await self._stream.receive_some()
        self.framer.receive_data(bytes(data))
        return bool(data)

    async def send(self, packets: Sequence[bytes]) -> None:
        """Send packets in one piece."""
        await self._stream.send_all(packets[0] if len(packets) == 1 else b"".join(packets))

    async def aclose(self) -> None:
        """Close the stream."""
        try:
            with trio.move_on_after(_CLOSING_S, shield=True):
                await self._stream.aclose()
        except CHANNEL_ERRORS:
            pass  # it is gone already


class WebSocketChannel:
    """A WebSocket whose subprotocol is SIP.

    Args:
        connection: The connection, whose reader task runs in the nursery that it was made in.
    """

    def __init__(self, connection: trio_websocket.WebSocketConnection) -> None:
        self.framer = WebSocketFramer()
        self._connection = connection

    async def receive(self) -> bool:
        """Wait for a message; see `Channel.receive`."""
        self.framer.receive_data(await self._connection.get_message())
        return True

    async def send(self, packets: Sequence[bytes]) -> None:
        """Send each packet in a message of its own (RFC 7118 §5)."""
        for packet in packets:
            await self._connection.send_message(to_websocket(packet))

    async def aclose(self) -> None:
        """Close with a farewell."""
        try:
            with trio.move_on_after(_CLOSING_S, shield=True):
                await self._connection.aclose()
        except CHANNEL_ERRORS:
            pass  # it is gone already
