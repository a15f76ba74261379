"""Between a machine and its connections: messages in, packets out, and news of flows that end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sansio_sip.message import Request, Response
from sansio_sip.outbound import alias_of
from trio_runtime.transport.streams import Streams

if TYPE_CHECKING:
    from sansio_sip.errors import ParseError
    from sansio_sip.machine import Endpoint, Transmit
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.flow_config import FlowConfig
    from trio_runtime.base.types import Address
    from trio_runtime.dialog.pump import Pump
    from trio_runtime.transport.flow import Flow
    from trio_runtime.transport.handshakes import Handshakes

__all__ = ["Connections"]


class Connections:
    """Speaks for a machine to its flows.

    Args:
        pump: Holds the machine.
        environment: Clock and network.
        config: Limits and timeouts.
        handshakes: Those of TLS and WebSocket.
        local: The address that stands for us in the trace, by transport.

    Attributes:
        streams: The flows.
    """

    def __init__(
        self,
        pump: Pump[object],
        environment: Environment,
        config: FlowConfig,
        handshakes: Handshakes,
        local: Mapping[str, Address],
    ) -> None:
        self.streams = Streams(environment, config, handshakes, self)
        self._pump = pump
        self._local = local

    def send(self, transmit: Transmit) -> None:
        """Send a packet; a failure goes to the machine."""
        sent = self.streams.send(transmit.data, transmit.destination)
        destination = transmit.destination
        self._record(destination, transmit.data, outgoing=True, lost=not sent)
        if not sent:
            self._pump.statistics.send_failures += 1

    def message_received(self, message: Request | Response, flow: Flow) -> None:
        """Give a message to the machine."""
        pump, endpoint = self._pump, flow.endpoint
        self.streams.counters.received += 1
        if pump.trace is not None:
            self._record(endpoint, message.to_bytes(), outgoing=False)
        if isinstance(message, Request) and not flow.opened_here:
            alias = alias_of(message, endpoint, authenticated=bool(flow.identities))
            if alias is not None:
                self.streams.flows.add_place(flow, alias)
        pump.machine.receive_message(message, endpoint, pump.clock.now())
        pump.flush()

    def message_refused(self, error: ParseError, flow: Flow) -> None:
        """Let the machine answer what cannot be read, where it can."""
        self.streams.counters.malformed += 1
        partial = error.partial if isinstance(error.partial, Request | Response) else None
        now = self._pump.clock.now()
        self._pump.machine.receive_malformed(partial, str(error), error.status_hint, flow.endpoint, now)
        self._pump.flush()

    def flow_ended(self, flow: Flow, unsent: Iterable[bytes]) -> None:
        """Tell the machine that a connection is gone, by each address that it was used for."""
        machine, now = self._pump.machine, self._pump.clock.now()
        machine.flow_failed(flow.endpoint, flow.cause, now, unsent)
        for destination in flow.destinations:
            if not destination.meets(flow.endpoint):
                machine.flow_failed(destination, flow.cause, now)
        self._pump.flush()

    def flow_refused(self, destination: Endpoint, cause: str, data: bytes) -> None:
        """Tell the machine that a packet could not be sent."""
        self._pump.machine.flow_failed(destination, cause, self._pump.clock.now(), (data,))

    def _record(self, peer: Endpoint, data: bytes, *, outgoing: bool, lost: bool = False) -> None:
        trace = self._pump.trace
        if trace is not None:
            local, remote = self._local[peer.transport], (peer.host, peer.port)
            way = (local, remote) if outgoing else (remote, local)
            trace.record(self._pump.clock.now(), *way, data, lost=lost)
