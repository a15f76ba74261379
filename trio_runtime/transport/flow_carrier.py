"""The life of one connection: opened, shaken hands over, run, closed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

import trio

from trio_runtime.base.connection_errors import ConnectionFailedError, FailureCause
from trio_runtime.transport.channels import CHANNEL_ERRORS, close_at_once
from trio_runtime.transport.flow import Flow, FlowReader

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from trio_runtime.base.flow_config import FlowConfig
    from trio_runtime.base.network import Network
    from trio_runtime.base.stream_ports import Connection
    from trio_runtime.transport.flow_statistics import FlowCounters
    from trio_runtime.transport.flow_table import FlowTable
    from trio_runtime.transport.handshakes import Established, Handshakes

__all__ = ["FlowCarrier", "FlowUser"]

logger = logging.getLogger("trio_runtime")

_Connect: TypeAlias = "Callable[[], Awaitable[Connection]]"
_Shake: TypeAlias = "Callable[[trio.Nursery, trio.abc.Stream], Awaitable[Established]]"
_LINGER_S = 1.0
_SETUP_ERRORS = (ConnectionFailedError, OSError, trio.BrokenResourceError, trio.TooSlowError)


class FlowUser(FlowReader, Protocol):
    """Who hears of the connections; nothing here waits."""

    def flow_ended(self, flow: Flow, unsent: Iterable[bytes]) -> None:
        """Take the end of a connection; ``flow.cause`` tells why."""
        ...

    def flow_refused(self, destination: Endpoint, cause: str, data: bytes) -> None:
        """Take a packet back that no connection can be had for."""
        ...


class FlowCarrier:
    """Runs flows, each in a task of its own.

    Args:
        network: Where connections come from.
        config: Timeouts.
        handshakes: Those of TLS and WebSocket.
        counters: Where is counted.
        flows: The table that a flow is taken out of when it ends.
        user: Who hears of messages and of ends.
    """

    def __init__(
        self,
        network: Network,
        config: FlowConfig,
        handshakes: Handshakes,
        counters: FlowCounters,
        flows: FlowTable,
        user: FlowUser,
    ) -> None:
        self._network = network
        self._config = config
        self._handshakes = handshakes
        self._counters = counters
        self._flows = flows
        self._user = user

    async def connect(self, flow: Flow) -> None:
        """Open a connection and run the flow."""
        endpoint = flow.endpoint
        server_name = endpoint.server_name or endpoint.host
        await self._carry(
            flow,
            partial(self._network.connect, endpoint.host, endpoint.port),
            partial(self._handshakes.connect, transport=endpoint.transport, server_name=server_name),
        )

    async def serve(self, flow: Flow, connection: Connection) -> None:
        """Run the flow of a connection that a peer has opened."""
        shake = partial(self._handshakes.accept, transport=flow.endpoint.transport)
        await self._carry(flow, partial(_already, connection), shake)

    async def _carry(self, flow: Flow, connect: _Connect, shake: _Shake) -> None:
        """Run a flow from its first to its last octet."""
        stream: trio.abc.Stream | None = None
        try:
            with flow.scope:
                async with trio.open_nursery() as nursery:
                    try:
                        with trio.fail_after(self._config.connect_timeout):
                            stream = (await connect()).stream
                            established = await shake(nursery, stream)
                    except _SETUP_ERRORS as failure:
                        self._not_established(flow, failure)
                    else:
                        await self._run(flow, established)
                    nursery.cancel_scope.cancel()
                if stream is not None and not flow.established and not flow.opened_here:
                    await _linger(stream)
        finally:
            flow.fail("we closed it")
            self._flows.remove(flow)
            if stream is not None:
                with trio.move_on_after(_LINGER_S, shield=True):
                    await close_at_once(stream)

    async def _run(self, flow: Flow, established: Established) -> None:
        flow.identities = established.identities
        flow.established = True
        if flow.opened_here:
            self._counters.opened += 1
        else:
            self._counters.accepted += 1
        try:
            await flow.run(established.channel, self._user)
        finally:
            await established.channel.aclose()

    def _not_established(self, flow: Flow, failure: BaseException) -> None:
        if flow.opened_here:
            self._counters.failed += 1
        else:
            self._counters.handshakes_failed += 1
        if isinstance(failure, ConnectionFailedError):
            error = failure
        elif isinstance(failure, OSError):
            error = ConnectionFailedError(failure.strerror or str(failure))
        else:
            error = ConnectionFailedError("the connection took too long to open")
        flow.fail(FailureCause(error))
        logger.info("%s %s: %s", flow, "failed" if flow.opened_here else "refused", flow.cause)

    def ended(self, flow: Flow, unsent: Iterable[bytes]) -> None:
        """Take the end of a flow, which the first to know of it tells; its tasks may still close it."""
        lost = list(unsent)
        self._counters.unsent += len(lost)
        self._flows.retire(flow)
        self._user.flow_ended(flow, lost)


async def _linger(stream: trio.abc.Stream) -> None:
    """Let the peer read why it is refused: octets of his on the way would reset the connection before."""
    try:
        with trio.move_on_after(_LINGER_S):
            while await stream.receive_some():
                pass
    except CHANNEL_ERRORS:
        pass


async def _already(connection: Connection) -> Connection:
    """Stand in for connecting, where the peer has done it."""
    return connection
