"""The machine of a stateful proxy: a runtime pumps it as it pumps an agent (RFC 3261 §16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..framing import receive_datagram
from ..machine import earliest
from ..message import Request
from .registrar_verbs import ProxyRegistrarVerbs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint, Transmit
    from ..message import Response
    from ..resolve import Record
    from .events import ProxyEvent
    from .targets import Routing

__all__ = ["Proxy"]


class Proxy(ProxyRegistrarVerbs):
    """A transaction-stateful SIP proxy as a state machine.

    After each call of an input or a verb pop all of `next_transmit`, then all of `next_event`,
    and arm a timer for `deadline`.

    Args:
        config: See `ProxyConfig`.
        router: Gives the targets of requests for our domains.
        now: Current monotonic time in seconds.
        ids: Makes branches and tags; nothing else is random.
        authorize: Asks for credentials; without it everybody is let through.
        flows: Names flows in Record-Route, for peers that only their connection reaches; a registrar needs
            them, so it gets `FlowTokens` where there are none.
        backends: What registrar and gate ask, where the configuration has them.
    """

    __slots__ = ()

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
        first = self._layer.deadline
        # Asked for after every message: written out, and the first is most often the only one.
        for deadline in (self._outbound.deadline, self._core.deadline):
            if deadline is not None and (first is None or deadline < first):
                first = deadline
        return first if self._registrar is None else earliest(first, self._registrar.deadline)

    @property
    def closed(self) -> bool:
        """Whether `close` was called and nothing is owed to any peer."""
        return self._core.closed and self._layer.closed and self._outbound.closed

    # Input

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        """Take one datagram, whatever it holds."""
        now = self._core.clock(now)
        if self._admission is not None and self._admission.deals_with(data, source, now):
            return
        try:
            message = receive_datagram(data, self._config.limits, self._config.mode)
        except ParseError as error:
            self._refuse(error.partial, error.status_hint, source)
            return
        if message is None:
            self._keep_alive(data, source)
        else:
            self.receive_message(message, source, now)

    def receive_malformed(
        self, partial: Request | Response | None, cause: str, status_hint: int, source: Endpoint, now: float
    ) -> None:
        """Take what a framing could not read.

        Args:
            partial: What could be read of it; a request is answered with ``status_hint``.
            cause: What is wrong.
            status_hint: Status code.
            source: Where it came from.
            now: Current time in seconds.
        """
        self._core.clock(now)
        self._refuse(partial, status_hint, source)

    def receive_message(self, message: Request | Response, source: Endpoint, now: float) -> None:
        """Take one message that the framing has checked."""
        now = self._core.clock(now)
        if self._admission is not None:
            self._admission.bans.well_formed(source)
        if self._registrar is not None and source.flow is not None:
            self._outbound.flows.add(source)  # its phones are called by the connections that they opened
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
        if self._flows is not None:
            self._flows.forget(destination)
        if self._registrar is not None:
            self._registrar.flow_failed(destination, self._core.clock(now))
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
            if self._registrar is not None:
                self._registrar.handle_timeout(now)
            self._layer.handle_timeout(now)
            self._outbound.handle_timeout(now)
            self._settle()
            self._core.handle_timeout(now)
            self._settle()

    def close(self, now: float) -> None:
        """Cancel what rings, refuse new requests, forget what is kept only for late repeats."""
        self._core.close(now)
        if self._registrar is not None:
            self._registrar.close(now)
        self._layer.close(now)
        self._settle()
