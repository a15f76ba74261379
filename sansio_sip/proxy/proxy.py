"""The machine of a stateful proxy: a runtime pumps it as it pumps an agent (RFC 3261 §16)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ParseError
from ..framing import receive_datagram
from ..machine import Outbox
from ..message import Request
from ..outbound import Outbound
from ..transaction import (
    AckReceived,
    LayerConfig,
    RequestReceived,
    StrayResponse,
    TransactionLayer,
    stateless_response,
)
from .core import ProxyCore
from .statistics import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from ..machine import Endpoint, Transmit
    from ..message import Response
    from ..resolve import Record
    from ..transaction import TransactionEvent
    from .config import ProxyConfig
    from .events import ProxyEvent
    from .preprocessing import Flows
    from .statistics import ProxyStatistics
    from .targets import Authorizer, Router, Routing

__all__ = ["Proxy"]


class Proxy:
    """A transaction-stateful SIP proxy as a state machine.

    After each call of an input or a verb pop all of `next_transmit`, then all of `next_event`,
    and arm a timer for `deadline`.

    Args:
        config: See `ProxyConfig`.
        router: Gives the targets of requests for our domains.
        now: Current monotonic time in seconds.
        ids: Makes branches and tags; nothing else is random.
        authorize: Asks for credentials; without it everybody is let through.
        flows: Names flows in Record-Route, for peers that only their connection reaches.
    """

    __slots__ = ("_config", "_core", "_layer", "_out", "_outbound")

    def __init__(
        self,
        config: ProxyConfig,
        router: Router,
        *,
        now: float,
        ids: Ids,
        authorize: Authorizer | None = None,
        flows: Flows | None = None,
    ) -> None:
        self._config = config
        self._out: Outbox[ProxyEvent] = Outbox()
        questions: Any = self._out.events  # one queue for all events; each part appends its own kind
        layer_config = LayerConfig(
            timers=config.timers, max_transactions=config.max_transactions, refuse_merged=False
        )
        self._layer = TransactionLayer(layer_config, now=now)
        self._outbound = Outbound(
            self._layer, ids=ids, sent_by=config.sent_by, questions=questions, resolver=config.resolver
        )
        self._core = ProxyCore(
            config, router, now=now, ids=ids, outbound=self._outbound, authorize=authorize, flows=flows,
            outbox=self._out,
        )  # fmt: skip

    # Output

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self._layer.next_transmit()

    def next_event(self) -> ProxyEvent | None:
        """Pop one event."""
        return self._out.next_event()

    @property
    def deadline(self) -> float | None:
        """Absolute time in seconds at which `handle_timeout` has work."""
        times = (self._layer.deadline, self._outbound.deadline, self._core.deadline)
        return min([at for at in times if at is not None], default=None)

    @property
    def closed(self) -> bool:
        """Whether `close` was called and nothing is owed to any peer."""
        return self._core.closed and self._layer.closed and self._outbound.closed

    # Input

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram, whatever it holds."""
        try:
            message = receive_datagram(data, self._config.limits, self._config.mode)
        except ParseError as error:
            self.refuse_malformed(error, source, now)
            return
        if message is None:
            self._core.counters.keep_alives += 1
        else:
            self.receive_message(message, source, now)

    def refuse_malformed(self, error: ParseError, source: Endpoint, now: float) -> None:
        """Answer what the framing could not read, where it was a request; drop it otherwise."""
        self._core.clock(now)
        self._core.counters.malformed += 1
        if isinstance(error.partial, Request):
            transmit = stateless_response(error.partial, error.status_hint, source)
            if transmit is not None:
                self._layer.out.transmits.append(transmit)

    def receive_message(self, message: Request | Response, source: Endpoint, now: float) -> None:
        """Take one message that the framing has checked."""
        now = self._core.clock(now)
        if isinstance(message, Request):
            stamped = message.via.stamped(source.host, source.port)  # RFC 3261 §18.2.1
            if stamped is not message.via:
                message.replace_via(stamped)
        self._layer.receive_message(message, source, now)
        self._settle()

    def receive_dns_answer(self, question: int, records: Iterable[Record], ttl: float, now: float) -> None:
        """Answer a `DnsQuestion`; see `Outbound.receive_dns_answer`."""
        self._outbound.receive_dns_answer(question, records, ttl, self._core.clock(now))
        self._settle()

    def dns_failed(self, question: int, now: float) -> None:
        """Tell that the DNS gave no answer to a `DnsQuestion`."""
        self._outbound.dns_failed(question, self._core.clock(now))
        self._settle()

    def flow_failed(
        self, destination: Endpoint, cause: str, now: float, unsent: Iterable[bytes] = ()
    ) -> None:
        """Tell that nothing can be sent to ``destination``: as if it had answered 503 (§16.9).

        See `Outbound.flow_failed` for the arguments.
        """
        self._outbound.flow_failed(destination, cause, self._core.clock(now), unsent)
        self._settle()

    def route(self, context: int, routing: Routing, now: float) -> None:
        """Give the targets that `RoutingNeeded` asked for; see `ProxyCore.route`."""
        self._core.route(context, routing, now)
        self._settle()

    def handle_timeout(self, now: float) -> None:
        """Run everything that is due."""
        now = self._core.clock(now)
        # What a branch does may start a transaction timer of 0, as over a stream, and the other way round.
        while (due := self.deadline) is not None and due <= now:
            self._layer.handle_timeout(now)
            self._outbound.handle_timeout(now)
            self._settle()
            self._core.handle_timeout(now)
            self._settle()

    def close(self, now: float) -> None:
        """Cancel what rings, refuse new requests, forget what is kept only for late repeats."""
        self._core.close(now)
        self._layer.close(now)
        self._settle()

    def statistics(self) -> ProxyStatistics:
        """Return a snapshot of the counters."""
        return snapshot(self._core.counters, len(self._core), self._layer, self._outbound)

    def _settle(self) -> None:
        """Hand what the transactions report to whom it concerns, until nothing is left."""
        while (event := self._layer.next_event()) is not None:
            self._dispatch(event)

    def _dispatch(self, event: TransactionEvent) -> None:
        core, now = self._core, self._core.now
        if isinstance(event, RequestReceived):
            core.receive_request(event.key, event.request, event.source, now)
        elif isinstance(event, AckReceived):
            core.receive_ack(event.request, event.source, now)
        elif isinstance(event, StrayResponse):
            return  # a stateful proxy forwards none (RFC 6026 §7.3, RFC 4320 §4.2); the layer counts them
        elif self._outbound.dispatch(event, event.key, now) is None:
            core.server_event(event, now)
