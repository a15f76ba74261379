"""WebSocket over any stream (RFC 7118): both sides of the handshake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio
import trio_websocket

from sansio_sip.framing import SUBPROTOCOL
from trio_runtime.base.connection_errors import ConnectionFailedError
from trio_runtime.transport.channels import WebSocketChannel

if TYPE_CHECKING:
    from trio_runtime.base.flow_config import FlowConfig

__all__ = ["accept_websocket", "open_websocket"]

_MAX_MESSAGE = 128 * 1024  # more than any message that the limits allow; the framer says so of the others
_ERRORS = (
    OSError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio_websocket.ConnectionClosed,
    trio_websocket.HandshakeError,
)


async def open_websocket(
    nursery: trio.Nursery, stream: trio.abc.Stream, host: str, path: str
) -> WebSocketChannel:
    """Do the client's handshake.

    Args:
        nursery: Where the task runs that reads.
        stream: The connected stream.
        host: Name for the Host header.
        path: What is asked for there.

    Raises:
        ConnectionFailedError: The server refuses, or does not speak SIP.
    """
    try:
        connection = await trio_websocket.wrap_client_stream(
            nursery,
            stream,  # type: ignore[arg-type]  # any stream will do
            host,
            path,
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


async def accept_websocket(
    nursery: trio.Nursery, stream: trio.abc.Stream, config: FlowConfig
) -> WebSocketChannel:
    """Do the server's handshake; a client that does not offer SIP is refused (§4.1).

    Args:
        nursery: Where the task runs that reads.
        stream: The connected stream.
        config: Which path there is, and which origins may use it (RFC 6455 §10.2).

    Raises:
        ConnectionFailedError: The client does not speak SIP, may not connect, or speaks no WebSocket at all.
    """
    try:
        request = await trio_websocket.wrap_server_stream(nursery, stream, max_message_size=_MAX_MESSAGE)
        refusal = _refusal(request, config)
        if refusal is not None:
            status, words = refusal
            await request.reject(status, body=words.encode("ascii"))
            raise ConnectionFailedError(f"the WebSocket client is refused: {words}")
        return WebSocketChannel(await request.accept(subprotocol=SUBPROTOCOL))
    except _ERRORS as failure:
        raise ConnectionFailedError(f"no WebSocket handshake: {_words(failure)}") from failure


def _refusal(request: trio_websocket.WebSocketRequest, config: FlowConfig) -> tuple[int, str] | None:
    """Return the HTTP status and the words of a refusal, None for whoever is welcome."""
    if config.websocket_path not in (None, request.path.partition("?")[0]):
        return 404, "no such path"
    # Only browsers send an Origin, and they let no page forge it: a page of another site could use what the
    # browser may reach. Whoever sends none is no browser and could write anything there.
    origins = [
        value.decode("latin-1").lower() for name, value in request.headers if name.lower() == b"origin"
    ]
    if config.websocket_origins and not {each.lower() for each in config.websocket_origins}.issuperset(
        origins
    ):
        return 403, "origin not allowed"
    if SUBPROTOCOL not in request.proposed_subprotocols:
        return 400, "subprotocol sip expected"
    return None


def _words(failure: BaseException) -> str:
    return str(failure) or type(failure).__name__
