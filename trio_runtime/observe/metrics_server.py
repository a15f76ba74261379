"""A small HTTP listener that answers ``GET /metrics`` and nothing else."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable

import attrs
import trio

from trio_runtime.base.errors import ConfigurationError, NetworkError, PortInUseError
from trio_runtime.base.types import Address
from trio_runtime.observe.exposition import CONTENT_TYPE

__all__ = ["MetricsServer", "MetricsServerStatistics"]

logger = logging.getLogger("trio_runtime")
_MAX_REQUEST = 8_192
_PATH = b"/metrics"


@attrs.frozen
class MetricsServerStatistics:
    """What was asked.

    Attributes:
        answered: Scrapes that were answered.
        refused: Requests for something else, malformed or too long, or of connections beyond the limit.
        timed_out: Connections that were too slow.
    """

    answered: int
    refused: int
    timed_out: int


class MetricsServer:
    """Answers each connection once and closes it.

    Args:
        render: Makes the text of a scrape.
        max_connections: Connections at one time; one more is closed at once.
        timeout: Seconds in which a request has to come and its answer to go.

    Raises:
        ConfigurationError: A limit is none.
    """

    def __init__(self, render: Callable[[], str], *, max_connections: int = 16, timeout: float = 5.0) -> None:
        if max_connections < 1:
            raise ConfigurationError(f"must be 1 or more, not {max_connections}", field="max_connections")
        if not timeout > 0:
            raise ConfigurationError(f"must be above 0 s, not {timeout}", field="timeout")
        self._render = render
        self._max_connections = max_connections
        self._timeout = timeout
        self._connections = 0
        self._answered = self._refused = self._timed_out = 0

    async def serve(
        self, host: str, port: int, *, task_status: trio.TaskStatus[Address] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Listen until cancelled.

        Args:
            host: Address to listen on; whoever reaches it may read, so it should be of an inner network.
            port: Port to listen on, 0 for any free one.
            task_status: Reports the address to `trio.Nursery.start`.

        Raises:
            PortInUseError: Another program holds the port.
            NetworkError: The address is none of this machine's.
        """
        try:
            listeners = await trio.open_tcp_listeners(port, host=host)
        except OSError as error:
            kind = PortInUseError if error.errno == errno.EADDRINUSE else NetworkError
            raise kind(f"cannot listen for metrics on {host}:{port}: {error.strerror or error}") from error
        bound = listeners[0].socket.getsockname()
        async with trio.open_nursery() as nursery:
            await nursery.start(trio.serve_listeners, self.handle, listeners)
            task_status.started((bound[0], bound[1]))

    async def handle(self, stream: trio.abc.Stream) -> None:
        """Answer one connection; nothing that a client does is raised."""
        if self._connections >= self._max_connections:
            self._refused += 1
            await trio.aclose_forcefully(stream)
            return
        self._connections += 1
        try:
            with trio.move_on_after(self._timeout) as patience:
                await self._answer(stream)
            self._timed_out += patience.cancelled_caught
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._refused += 1
        finally:
            self._connections -= 1
            await trio.aclose_forcefully(stream)

    async def _answer(self, stream: trio.abc.Stream) -> None:
        request = await _read_request(stream)
        status, body = self._respond(request)
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        ).encode()
        await stream.send_all(head if request.startswith(b"HEAD ") else head + body)
        await stream.aclose()

    def _respond(self, request: bytes) -> tuple[str, bytes]:
        method, _, rest = request.partition(b" ")
        path, _, version = rest.partition(b"\r\n")[0].partition(b" ")
        if not version.startswith(b"HTTP/1."):
            return self._refuse("400 Bad Request")
        if method not in (b"GET", b"HEAD"):
            return self._refuse("405 Method Not Allowed")
        if path.partition(b"?")[0] != _PATH:
            return self._refuse("404 Not Found")
        try:
            body = self._render().encode()
        except Exception:
            # What renders is foreign code; the next scrape may find it well again.
            logger.exception("the metrics cannot be collected")
            return self._refuse("500 Internal Server Error")
        self._answered += 1
        return "200 OK", body

    def _refuse(self, status: str) -> tuple[str, bytes]:
        self._refused += 1
        return status, f"{status}\n".encode()

    def statistics(self) -> MetricsServerStatistics:
        """Return the counters."""
        return MetricsServerStatistics(self._answered, self._refused, self._timed_out)


async def _read_request(stream: trio.abc.Stream) -> bytes:
    """Return the head of a request, or what is no request because it is cut or too long."""
    request = bytearray()
    while b"\r\n\r\n" not in request:
        data = await stream.receive_some(2_048)
        request += data
        if not data or len(request) > _MAX_REQUEST:
            return b""
    return bytes(request)
