"""All connections of an endpoint: listening, connecting, reuse, and their ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.machine import Endpoint
from trio_runtime.transport.channels import close_at_once
from trio_runtime.transport.flow import Flow
from trio_runtime.transport.flow_carrier import FlowCarrier, FlowUser
from trio_runtime.transport.flow_statistics import FlowCounters, FlowStatistics
from trio_runtime.transport.flow_table import FlowTable

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.flow_config import FlowConfig
    from trio_runtime.base.stream_ports import StreamListener
    from trio_runtime.transport.handshakes import Handshakes

__all__ = ["Streams"]

_ACCEPT_PAUSE_S = 0.1  # the system has no descriptor left; asking again at once would only burn time


class Streams:
    """Holds the flows and runs their tasks.

    Args:
        environment: Clock and network.
        config: Limits and timeouts.
        handshakes: Those of TLS and WebSocket.
        user: Who hears of messages and of ends.

    Attributes:
        flows: The flows.
        counters: What happened so far.
    """

    def __init__(
        self, environment: Environment, config: FlowConfig, handshakes: Handshakes, user: FlowUser
    ) -> None:
        self.flows = FlowTable(config)
        self.counters = FlowCounters()
        self._now: Callable[[], float] = environment.clock.now
        self._config = config
        self._user = user
        self._carrier = FlowCarrier(environment.network, config, handshakes, self.counters, self.flows, user)
        self._listeners: list[tuple[str, StreamListener]] = []
        self._nursery: trio.Nursery | None = None
        self._stopped = False
        self._early: list[Flow] = []  # to be opened as soon as `run` has begun

    def listen(self, transport: str, listener: StreamListener) -> None:
        """Take connections from a listener, once `run` has begun."""
        self._listeners.append((transport, listener))

    def send(self, data: bytes, destination: Endpoint) -> bool:
        """Send a packet by the flow that it names, or one that leads there, or a new one.

        Returns:
            Whether it was taken; if not, the user has been told.
        """
        flow = self.flows.find(destination)
        if flow is None and destination.flow is None and not self._stopped and self.flows.has_room(None):
            flow = self._open(destination)
        if flow is not None and flow.send(data, destination):
            self.counters.sent += 1
            return True
        self.counters.unsent += 1
        if flow is not None:
            cause = flow.cause or "the connection is closing"
        elif destination.flow is not None:
            cause = "the connection is gone"
        elif self._stopped:
            cause = "we take and open no connections any more"
        else:
            self.counters.refused += 1
            cause = "there are too many connections"
        self._user.flow_refused(destination, cause, data)
        return False

    def _open(self, destination: Endpoint) -> Flow:
        name = self.flows.next_name(destination.transport)
        flow = self._new(destination._replace(flow=name), opened_here=True)
        if self._nursery is None:
            self._early.append(flow)
        else:
            self._nursery.start_soon(self._carrier.connect, flow)
        return flow

    def _new(self, endpoint: Endpoint, *, opened_here: bool) -> Flow:
        on_end = self._carrier.ended
        flow = Flow(endpoint, self._config, self._now, opened_here=opened_here, on_end=on_end)
        self.flows.add(flow)
        return flow

    async def run(self) -> None:
        """Take and open connections for ever."""
        try:
            async with trio.open_nursery() as self._nursery:
                for flow in self._early:
                    self._nursery.start_soon(self._carrier.connect, flow)
                self._early.clear()
                for transport, listener in self._listeners:
                    self._nursery.start_soon(self._accept, transport, listener, self._nursery)
                await self._sweep()
        finally:
            self._stopped = True

    async def _accept(self, transport: str, listener: StreamListener, nursery: trio.Nursery) -> None:
        while True:
            try:
                connection = await listener.accept()
            except trio.ClosedResourceError:
                return
            except OSError:
                self.counters.accept_errors += 1
                await trio.sleep(_ACCEPT_PAUSE_S)
                continue
            host, port = connection.peer
            if not self.flows.has_room(host):
                self.counters.refused += 1
                await close_at_once(connection.stream)
                continue
            endpoint = Endpoint(transport, host, port, self.flows.next_name(transport))
            flow = self._new(endpoint, opened_here=False)
            nursery.start_soon(self._carrier.serve, flow, connection)

    async def _sweep(self) -> None:
        """Look for what is overdue, and send keep-alives."""
        config = self._config
        waits = (config.silent_timeout, config.message_timeout, config.pong_timeout, config.idle_timeout)
        interval = min(*waits, config.keep_alive or config.idle_timeout) / 4
        while True:
            await trio.sleep(interval)
            now = self._now()
            for flow in self.flows:
                if flow.cause:
                    continue  # it is ending, within a bound of its own
                if cause := flow.activity.overdue(now):
                    self.counters.overdue += 1
                    flow.end(cause)
                elif flow.activity.ping_is_due(now):
                    flow.keep_alive()
                    self.counters.keep_alives += 1

    def keep_open(self, destination: Endpoint, interval: float) -> None:
        """Send keep-alives by a connection every ``interval`` seconds; each has to be answered."""
        flow = self.flows.find(destination)
        if flow is not None:
            flow.activity.count_on(interval)

    async def flushed(self) -> None:
        """Wait until nothing waits to be sent; the caller bounds the time."""
        for flow in self.flows:
            while flow.queue.octets and not flow.scope.cancel_called:
                await flow.queue.wait()

    def close(self) -> None:
        """Release the listeners; the flows end with `run`."""
        for _, listener in self._listeners:
            listener.close()

    def statistics(self) -> FlowStatistics:
        """Return a snapshot."""
        return FlowStatistics(
            flows=len(self.flows),
            queued_octets=sum([flow.queue.octets for flow in self.flows]),
            **attrs.asdict(self.counters),
        )
