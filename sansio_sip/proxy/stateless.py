"""The machine of a stateless proxy (RFC 3261 §16.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..errors import ParseError, ProtocolError, RemoteProtocolError
from ..framing import receive_datagram
from ..machine import Endpoint, Outbox, Transmit
from ..message import Request, Response, Via
from ..message.params import replace_param
from ..outbound import Outbound
from ..resolve import is_numeric
from ..transaction import LayerConfig, TransactionLayer, stateless_response
from .relay import relay
from .rewriting import without_first_via
from .shared import Shared
from .targets import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from ..resolve import Record
    from .config import ProxyConfig
    from .events import ProxyEvent
    from .statistics import ProxyCounters
    from .targets import Authorizer, Router

__all__ = ["StatelessProxy"]


class StatelessProxy:
    """Forwards each message by itself: no forking, nothing remembered.

    The router must give the same first target for each copy of a request.

    Args:
        config: See `ProxyConfig`; what concerns forking and timers has no meaning here, and a registrar or
            passwords need memory.
        router: Gives the targets of requests for our domains, of which the first is taken.
        now: Current monotonic time in seconds.
        ids: Not used for branches, which every copy of a request shares.
        authorize: Asks for credentials; without it everybody is let through.

    Raises:
        ValueError: It is to be a registrar, or to ask for passwords by itself.
    """

    __slots__ = ("_closed", "_out", "_shared")

    def __init__(
        self,
        config: ProxyConfig,
        router: Router,
        *,
        now: float,
        ids: Ids,
        authorize: Authorizer | None = None,
    ) -> None:
        for name in ("registrar", "authentication"):
            if getattr(config, name) is not None:
                raise ValueError(f"{name}: a proxy without state cannot have one")
        self._out: Outbox[ProxyEvent] = Outbox()
        self._closed = False
        questions: Any = self._out.events
        layer = TransactionLayer(LayerConfig(timers=config.timers), now=now)
        # Each copy of a request has to go to the same server (RFC 3263 §4.4).
        resolver = attrs.evolve(config.resolver, deterministic=True)
        outbound = Outbound(layer, ids=ids, sent_by=config.sent_by, questions=questions, resolver=resolver)
        self._shared = Shared(
            config,
            router,
            authorize=authorize,
            flows=None,
            outbound=outbound,
            ids=ids,
            outbox=self._out,
            now=now,
        )

    @property
    def counters(self) -> ProxyCounters:
        """Counters since the start."""
        return self._shared.counters

    @property
    def deadline(self) -> float | None:
        """When the oldest lookup runs out of time; nothing else is ever waited for."""
        return self._shared.outbound.deadline

    @property
    def closed(self) -> bool:
        """Whether `close` was called and no message waits for the DNS: nothing else is ever owed."""
        return self._closed and self._shared.outbound.closed

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send."""
        return self._shared.outbound.layer.next_transmit()

    def next_event(self) -> ProxyEvent | None:
        """Pop one event: only `DnsQuestion` comes."""
        return self._out.next_event()

    def handle_timeout(self, now: float) -> None:
        """Drop what has waited too long for the DNS: its sender repeats it."""
        self._shared.outbound.handle_timeout(self._shared.clock(now))

    def close(self, now: float) -> None:
        """Refuse new requests with 503; responses are still forwarded."""
        self._shared.clock(now)
        self._shared.closing = self._closed = True

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram, whatever it holds."""
        config = self._shared.config
        try:
            message = receive_datagram(data, config.limits, config.mode)
        except ParseError as error:
            self.refuse_malformed(error, source, now)
            return
        if message is None:
            self.counters.keep_alives += 1
        else:
            self.receive_message(message, source, now)

    def refuse_malformed(self, error: ParseError, source: Endpoint, now: float) -> None:
        """Answer what the framing could not read, where it was a request; drop it otherwise."""
        self._shared.clock(now)
        self.counters.malformed += 1
        if isinstance(error.partial, Request):
            self._answer(error.partial, Reply(error.status_hint), source)

    def receive_message(self, message: Request | Response, source: Endpoint, now: float) -> None:
        """Take one message that the framing has checked."""
        self._shared.clock(now)
        if isinstance(message, Request):
            self._forward_request(message, source)
        else:
            self._forward_response(message)

    def receive_dns_answer(self, question: int, records: Iterable[Record], ttl: float, now: float) -> None:
        """Answer a `DnsQuestion`; see `Outbound.receive_dns_answer`."""
        self._shared.outbound.receive_dns_answer(question, records, ttl, self._shared.clock(now))

    def dns_failed(self, question: int, now: float) -> None:
        """Tell that the DNS gave no answer; without any target the request is gone."""
        self._shared.outbound.dns_failed(question, self._shared.clock(now))

    def _forward_request(self, request: Request, source: Endpoint) -> None:
        request.replace_via(_stamped(request.via, source))
        try:
            refused = None if request.method == "ACK" else self._shared.overload
            reply = refused or relay(request, source, self._shared, whole=True)
        except ProtocolError as error:
            reply = Reply(error.status_hint if isinstance(error, RemoteProtocolError) else 500)
        if reply is not None:
            self.counters.refused += 1
            self._answer(request, reply, source)

    def _answer(self, request: Request, reply: Reply, source: Endpoint) -> None:
        transmit = stateless_response(request, reply.status_code, source, reply.reason, extra=reply.headers)
        if transmit is None:
            self.counters.dropped += 1
        else:
            self._shared.outbound.layer.out.transmits.append(transmit)

    def _forward_response(self, response: Response) -> None:
        """Send a response on to the next Via when the topmost is ours; silently discard it otherwise."""
        try:
            transmit = self._upstream(response)
        except ProtocolError:
            transmit = None
        if transmit is None:
            self.counters.dropped += 1
        else:
            self.counters.relayed += 1
            self._shared.outbound.layer.out.transmits.append(transmit)

    def _upstream(self, response: Response) -> Transmit | None:
        """Return where the next Via leads (RFC 3261 §18.2.2); we wrote its address, so no DNS is asked."""
        if not self._shared.identity.is_own_via(response.via):
            return None
        upstream = without_first_via(response)
        via = upstream.via
        host = via.received or via.host
        if not is_numeric(host) or via.transport not in self._shared.config.sent_by:
            return None
        return Transmit(upstream.to_bytes(), Endpoint(via.transport, host, via.rport or via.sent_by[1]))


def _stamped(via: Via, source: Endpoint) -> Via:
    """Write the source down, for a stream with its port: the answer has to find the connection (§16.1)."""
    if not source.reliable:
        return via.stamped(source.host, source.port)
    with_rport = Via(via.transport, via.host, via.port, replace_param(via.params, "rport", None))
    return with_rport.stamped(source.host, source.port)
