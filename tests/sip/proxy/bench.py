"""One proxy, fed by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.proxy import Later, Proxy, ProxyBackends, ProxyEvent, Reply, Routing, StatelessProxy, Target
from tests.sip.proxy.setups import make_config

CALLER = Endpoint("UDP", "192.0.2.1", 5060)
CALLEE = Endpoint("UDP", "192.0.2.101", 5060)
SENT_BY = {
    "UDP": ("192.0.2.10", 5060),
    "TCP": ("192.0.2.10", 5060),
    "TLS": ("192.0.2.10", 5061),
    "WS": ("192.0.2.10", 80),
    "WSS": ("192.0.2.10", 443),
}
BOB = [Target(uri="sip:bob@192.0.2.101")]


class Bench:
    """A proxy with all transports; `routing` is what its router gives."""

    def __init__(
        self,
        routing: Routing | Later = BOB,
        *,
        stateless: bool = False,
        router: Callable[[Request, Endpoint], Routing | Later] | None = None,
        authorize: Any = None,
        flows: Any = None,
        backends: ProxyBackends | None = None,
        **config: Any,
    ) -> None:
        self.now = 0.0
        self.asked: list[Request] = []
        self.routing = routing
        values = make_config(**{"sent_by": SENT_BY, **config})
        ids = Ids(Random(1).randbytes)
        route = router or self._route
        self.proxy: Proxy | StatelessProxy = (
            StatelessProxy(values, route, now=0.0, ids=ids, authorize=authorize)
            if stateless
            else Proxy(
                values,
                route,
                now=0.0,
                ids=ids,
                authorize=authorize,
                flows=flows,
                backends=backends or ProxyBackends(),
            )
        )
        self._numbers = itertools.count(1)

    @property
    def stateful(self) -> Proxy:
        assert isinstance(self.proxy, Proxy)
        return self.proxy

    def _route(self, request: Request, source: Endpoint) -> Routing | Later:
        self.asked.append(request)
        return self.routing

    def request(
        self,
        method: str = "INVITE",
        uri: str = "sip:bob@example.com",
        *,
        via: str = "",
        branch: str = "",
        transport: str = "UDP",
        routes: Sequence[str] = (),
        to_tag: str = "",
        max_forwards: str = "70",
        call_id: str = "call-1",
        cseq: int = 1,
        extra: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> Request:
        request = Request(method, uri, body=body)
        branch = branch or f"z9hG4bK{next(self._numbers)}"
        request.add("Via", via or f"SIP/2.0/{transport} 192.0.2.1:5060;branch={branch}")
        if max_forwards:
            request.add("Max-Forwards", max_forwards)
        for route in routes:
            request.add("Route", route)
        request.add("From", "<sip:alice@example.com>;tag=a")
        request.add("To", "<sip:bob@example.com>" + (f";tag={to_tag}" if to_tag else ""))
        request.add("Call-ID", call_id)
        request.add("CSeq", f"{cseq} {method}")
        for name, value in extra:
            request.add(name, value)
        return request

    def send(self, message: Request | Response | bytes, source: Endpoint = CALLER) -> None:
        data = message if isinstance(message, bytes) else message.to_bytes()
        self.proxy.receive_datagram(data, source, self.now)

    def sent(self) -> list[tuple[Request | Response, Endpoint]]:
        found: list[tuple[Request | Response, Endpoint]] = []
        while (transmit := self.proxy.next_transmit()) is not None:
            found.append((parse_message(transmit.data), transmit.destination))
        return found

    def lines(self) -> list[str]:
        return [
            message.method if isinstance(message, Request) else str(message.status_code)
            for message, _ in self.sent()
        ]

    def forwarded(self, source: Endpoint = CALLER, **options: Any) -> tuple[Request, Endpoint]:
        """Send a request and return its only copy."""
        self.send(self.request(**options), source)
        ((message, endpoint),) = self.sent()
        assert isinstance(message, Request), message
        return message, endpoint

    def answered(self, source: Endpoint = CALLER, **options: Any) -> Response:
        """Send a request and return the proxy's own answer."""
        self.send(self.request(**options), source)
        return self.response()

    def response(self) -> Response:
        """The only packet now, a response."""
        ((message, _),) = self.sent()
        assert isinstance(message, Response), message
        return message

    def respond(
        self,
        request: Request,
        status: int,
        source: Endpoint = CALLEE,
        *,
        tag: str = "b",
        extra: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Answer a copy."""
        self.send(build_response(request, status, to_tag=tag, extra=extra), source)

    def events(self) -> list[ProxyEvent]:
        found: list[ProxyEvent] = []
        while (event := self.proxy.next_event()) is not None:
            found.append(event)
        return found

    def pass_time(self, until: float) -> None:
        while (deadline := self.proxy.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.proxy.handle_timeout(self.now)
        self.now = max(self.now, until)


def reply(status: int, **headers: str) -> Reply:
    return Reply(status, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


def targets_at(*numbers: int) -> list[Target]:
    """Targets at 192.0.2.x, tried together."""
    return [Target(uri=f"sip:bob@192.0.2.{number}") for number in numbers]
