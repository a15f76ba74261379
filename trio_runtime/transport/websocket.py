"""WebSocket over any stream (RFC 7118): both sides of the handshake."""

from __future__ import annotations

import trio
import trio_websocket

from sansio_sip.framing import SUBPROTOCOL
from trio_runtime.base.connection_errors import ConnectionFailedError
from trio_runtime.transport.channels import WebSocketChannel

__all__ = ["accept_websocket", "open_websocket"]

_MAX_MESSAGE = 128 * 1024  # more than any message that the limits allow; the framer says so of the others
_ERRORS = (
    OSError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio_websocket.ConnectionClosed,
    trio_websocket.HandshakeError,
)


async def open_websocket(nursery: trio.Nursery, stream: trio.abc.Stream, host: str) -> WebSocketChannel:
    """Do the client's handshake.

    Args:
        nursery: Where the task runs that reads.
        stream: The connected stream.
        host: Name for the Host header.

    Raises:
        ConnectionFailedError: The server refuses, or does not speak SIP.
    """
    try:
        connection = await trio_websocket.wrap_client_stream(
            nursery,
            stream,  # type: ignore[arg-type]  # any stream will do
            host,
            "/",
            subprotocols=(SUBPROTOCOL,),
            max_message_size=_MAX_MESSAGE,
        )
    except _ERRORS as failure:
        raise ConnectionFailedError(f"no WebSocket handshake: {_words(failure)}") from failure
    if connection.closed is not None:
        raise ConnectionFailedError("no WebSocket handshake: the server refused it")
    if connection.subprotocol != SUBPROTOCOL:
        raise ConnectionFailedError("the WebSocket server does not speak SIP")
    return WebSocketChannel(connection)


async def accept_websocket(nursery: trio.Nursery, stream: trio.abc.Stream) -> WebSocketChannel:
    """Do the server's handshake; a client that does not offer SIP is refused (§4.1).

    Raises:
        ConnectionFailedError: The client does not speak SIP, or no WebSocket at all.
    """
    try:
        request = await trio_websocket.wrap_server_stream(nursery, stream, max_message_size=_MAX_MESSAGE)
        if SUBPROTOCOL not in request.proposed_subprotocols:
            await request.reject(400, body=b"subprotocol sip expected")
            raise ConnectionFailedError("the WebSocket client does not speak SIP")
        return WebSocketChannel(await request.accept(subprotocol=SUBPROTOCOL))
    except _ERRORS as failure:
        raise ConnectionFailedError(f"no WebSocket handshake: {_words(failure)}") from failure


def _words(failure: BaseException) -> str:
    return str(failure) or type(failure).__name__
