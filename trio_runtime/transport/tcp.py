"""TCP of the kernel: listening and connecting."""

from __future__ import annotations

import socket
import sys

import trio

from trio_runtime.base.stream_ports import Connection
from trio_runtime.base.types import Address

__all__ = ["KernelStreamListener", "connect_tcp"]

_BACKLOG = 1_024


class KernelStreamListener:
    """A bound and listening TCP socket, IPv4 or IPv6."""

    def __init__(self, sock: socket.socket) -> None:
        """Take over a bound socket and listen."""
        sock.listen(_BACKLOG)
        self._socket = trio.socket.from_stdlib_socket(sock)
        host, port = sock.getsockname()[:2]
        self.local_address: Address = (host, port)

    def __repr__(self) -> str:
        """Return the kind and the bound address."""
        return f"<TCP listener {self.local_address[0]}:{self.local_address[1]}>"

    async def accept(self) -> Connection:
        """Wait for the next connection whose peer is still there; see `StreamListener.accept`."""
        while True:
            accepted, _ = await self._socket.accept()
            try:
                return _connection(accepted)
            except OSError:
                continue  # reset while it waited to be taken: no failure of ours, and the next need not wait

    def close(self) -> None:
        """Release the port."""
        self._socket.close()


async def connect_tcp(host: str, port: int) -> Connection:
    """Open a connection to a numeric address; raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = trio.socket.socket(family, socket.SOCK_STREAM)
    try:
        await sock.connect((host, port))
        return _connection(sock)
    except BaseException:
        sock.close()
        raise


def _connection(sock: trio.socket.SocketType) -> Connection:
    """Wrap a connected socket, with what finds out that its peer is gone."""
    try:
        local, peer = sock.getsockname()[:2], sock.getpeername()[:2]
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if sys.platform == "linux":
            # The default is two hours; a NAT forgets after minutes.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6)
        stream = trio.SocketStream(sock)  # sets TCP_NODELAY
    except BaseException:
        sock.close()
        raise
    return Connection(stream, (local[0], local[1]), (peer[0], peer[1]))
