"""Letting clients in: the address, the handshake and the token."""

from __future__ import annotations

import errno
import hmac
from typing import TYPE_CHECKING

import attrs
import trio
import trio_websocket

from trio_runtime.base.errors import NetworkError, PortInUseError

if TYPE_CHECKING:
    from trio_runtime.control.config import ApiConfig
    from trio_runtime.control.counts import ApiCounts

__all__ = ["Welcome", "is_token", "listen", "shake_hands"]


@attrs.frozen
class Welcome:
    """A client that is let in, for now.

    Attributes:
        socket: The WebSocket.
        signed_in: Whether the token came with the handshake.
    """

    socket: trio_websocket.WebSocketConnection
    signed_in: bool


async def listen(host: str, port: int) -> list[trio.SocketListener]:
    """Return the listeners.

    Raises:
        PortInUseError: Another program holds the port.
        NetworkError: The address is none of this machine's.
    """
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        kind = PortInUseError if error.errno == errno.EADDRINUSE else NetworkError
        raise kind(f"cannot listen for the API on {host}:{port}: {error.strerror or error}") from error


def is_token(given: str, token: str) -> bool:
    """Return whether a token is the right one, in a time that tells nothing about it."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())


async def shake_hands(
    nursery: trio.Nursery, stream: trio.abc.Stream, config: ApiConfig, counts: ApiCounts, *, full: bool
) -> Welcome | None:
    """Do the handshake of the server, and return None for who is not let in.

    Args:
        nursery: Where the task runs that reads.
        stream: The connection.
        config: Token, limits and patience.
        counts: Where refusals are counted.
        full: Whether there is no room.
    """
    with trio.move_on_after(config.login_timeout):
        request = await trio_websocket.wrap_server_stream(
            nursery, stream, max_message_size=config.max_message
        )
        given = [value for name, value in request.headers if name.lower() == b"authorization"]
        if full:
            await request.reject(503, body=b"too many connections")
        elif not all(_is_bearer(value, config.token) for value in given):
            counts.unauthorized += 1
            await request.reject(401, extra_headers=[(b"WWW-Authenticate", b"Bearer")], body=b"wrong token")
            return None
        else:
            return Welcome(await request.accept(), bool(given))
    counts.refused += 1
    return None


def _is_bearer(value: bytes, token: str) -> bool:
    scheme, _, given = value.decode("latin-1").partition(" ")
    return scheme.lower() == "bearer" and is_token(given.strip(), token)
