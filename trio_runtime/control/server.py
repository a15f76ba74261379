"""The server of the API: listens, lets clients in, and serves them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

import attrs
import trio
import trio_websocket

from trio_runtime.base.service import ServiceScope
from trio_runtime.control.connection import ApiConnection
from trio_runtime.control.counts import ApiCounts, ApiStatistics
from trio_runtime.control.desk import Client, Desk
from trio_runtime.control.handshake import listen, shake_hands
from trio_runtime.control.pushing.fanout import Fanout
from trio_runtime.control.pushing.shared_stream import SharedStream

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.control.config import ApiConfig
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import IncomingCall

__all__ = ["ApiServer"]

_ROOM_FOR_REFUSALS = 50  # connections above the limit that still hear why; more are closed at once
_LAST_WORDS_S = 1.0
_FAULTS = (
    OSError,
    trio.BrokenResourceError,
    trio.ClosedResourceError,
    trio_websocket.ConnectionClosed,
    trio_websocket.HandshakeError,
)
logger = logging.getLogger("trio_runtime")


class ApiServer:
    """Lets programs drive the calls of a coordinator while its ``async with`` block lasts; see `open_api`.

    Leaving the block closes the connections, hangs up the conferences that were opened here, and ends the
    recordings and bridges. All other calls go on.

    Args:
        phone: The coordinator, which is open already and lasts longer.
        config: Who is let in, and limits.
        address: Where to listen; None listens nowhere, and `handle` takes connections.
    """

    def __init__(self, phone: SessionCoordinator, config: ApiConfig, address: Address | None) -> None:
        self._phone = phone
        self._config = config
        self._address = address
        self._listeners: list[trio.SocketListener] = []
        self._services = ServiceScope(self._drain)
        self._fanout = Fanout(phone.wall_time, config.event_share, config.max_waiting_events)
        self._desk = Desk(phone, config, self._fanout, self._services.start_soon)
        self._desk.counts = lambda: attrs.asdict(self.statistics())
        self._counts = ApiCounts()
        self._open: dict[ApiConnection, None] = {}
        self._connections = 0
        self._closing = False
        self._gone = trio.lowlevel.ParkingLot()
        self._tls = None if config.tls is None else config.tls.server_context()

    def __repr__(self) -> str:
        where = "nowhere" if not self._listeners else "{}:{}".format(*self.address)
        return f"<ApiServer {where}, {self._connections} connections>"

    @property
    def address(self) -> Address:
        """The address and port that it listens at."""
        host, port, *_ = self._listeners[0].socket.getsockname()
        return host, port

    async def __aenter__(self) -> ApiServer:
        """Listen.

        Raises:
            PortInUseError: Another program holds the port.
            NetworkError: The address is none of this machine's.
        """
        events = self._phone.subscribe(max_events=10_000)
        try:
            if self._address is not None:
                self._listeners = await listen(*self._address)
        except BaseException:
            events.close()
            raise
        await self._services.__aenter__()
        self._services.start_soon(lambda: self._fanout.listen(events), name="API events")
        self._services.start_soon(self._fanout.send_for_ever, name="API subscribers")
        if self._listeners:
            serve = partial(trio.serve_listeners, self.handle, self._listeners)
            self._services.start_soon(serve, name="API connections")
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[bool | None]:
        """Close the connections."""
        return self._services.__aexit__(kind, value, traceback)

    async def _drain(self) -> None:
        self._closing = True
        self._desk.close()
        for connection in list(self._open):
            connection.close_soon(1_001, "going away")
        with trio.move_on_after(_LAST_WORDS_S):
            while self._connections:
                await self._gone.park()

    async def take(self, call: IncomingCall) -> None:
        """Let clients decide about a call that came in: give it to `SessionCoordinator.serve`.

        It rings until one does; without a subscriber, and after ``ring_timeout``, it gets 480.
        """
        if not self._fanout.active:
            call.reject(480)
            return
        call.ring()
        with trio.move_on_after(self._config.ring_timeout):
            await call.ended()
        if call.undecided:
            call.reject(480)
        await call.ended()

    async def handle(self, stream: trio.abc.Stream) -> None:
        """Serve one connection, before any handshake; nothing that a client does is raised."""
        crowded = self._connections >= self._config.max_connections + _ROOM_FOR_REFUSALS
        if self._closing or crowded or self._counts.unsigned >= self._config.max_unsigned:
            self._counts.refused += 1
            await trio.aclose_forcefully(stream)
            return
        self._connections += 1
        try:
            await self._handle(stream)
        except Exception as error:
            # A fault of ours in one connection must not end all others.
            if not isinstance(error, _FAULTS):
                logger.exception("a connection of the API failed")
        finally:
            self._connections -= 1
            self._gone.unpark_all()
            await trio.aclose_forcefully(stream)

    async def _handle(self, stream: trio.abc.Stream) -> None:
        full = self._connections > self._config.max_connections
        secured = (
            stream
            if self._tls is None
            else trio.SSLStream(stream, self._tls, server_side=True, https_compatible=True)
        )
        shared = SharedStream(secured)
        client = Client(self._fanout.join(shared), self._counts)
        try:
            async with trio.open_nursery() as nursery:
                welcome = await shake_hands(nursery, shared, self._config, self._counts, full=full)
                if welcome is not None:
                    await self._serve(ApiConnection(self._desk, client, shared, self._counts, welcome))
                nursery.cancel_scope.cancel()
        except* _FAULTS:
            logger.debug("a connection of the API broke")
        finally:
            client.sign_in()
            self._fanout.leave(client.outbox)
            self._desk.left(client)

    async def _serve(self, connection: ApiConnection) -> None:
        self._counts.accepted += 1
        self._open[connection] = None
        try:
            await connection.run()
        finally:
            del self._open[connection]

    def statistics(self) -> ApiStatistics:
        """Return the counters."""
        return ApiStatistics(
            connections=self._connections,
            **attrs.asdict(self._counts),
            subscribers=self._fanout.active,
            events=self._fanout.published,
            events_lost=self._fanout.dropped,
            jobs=len(self._desk.jobs),
            conferences=len(self._desk.rooms),
        )
