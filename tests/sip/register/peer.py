"""A registration with the layers below it, and a registrar played by hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from random import Random
from typing import Any

from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.outbound import Outbound
from sansio_sip.register import Registration, RegistrationConfig, RegistrationEvent, RegistrationState
from sansio_sip.resolve import DnsQuestion
from sansio_sip.transaction import LayerConfig, TransactionLayer, TransactionTerminated

REGISTRAR = Endpoint("UDP", "192.0.2.10", 5060)

SETTINGS: dict[str, Any] = {
    "address": "<sip:alice@192.0.2.10>",
    "contacts": ("<sip:alice@192.0.2.1:5060>",),
}


class Plumbing:
    """Layer, outbound and dispatch of one side."""

    def __init__(self, host: str, seed: object = 1) -> None:
        self.ids = Ids(Random(f"{host} {seed}").randbytes)
        self.layer = TransactionLayer(LayerConfig(), now=0.0)
        self.questions: deque[DnsQuestion] = deque()
        self.outbound = Outbound(
            self.layer,
            ids=self.ids,
            sent_by={"UDP": (host, 5060), "TLS": (host, 5061)},
            questions=self.questions,
        )

    def dispatch(self, now: float) -> list[Any]:
        """Hand out the events of own transactions; return the others."""
        others: list[Any] = []
        while (event := self.layer.next_event()) is not None:
            key = getattr(event, "key", None)
            if key is None or self.outbound.dispatch(event, key, now) is None:
                others.append(event)
        return [event for event in others if not isinstance(event, TransactionTerminated)]


class Phone:
    """A registration, and its registrar by hand."""

    def __init__(self, seed: object = 1, **settings: Any) -> None:
        self.now = 0.0
        self.plumbing = Plumbing("192.0.2.1", seed)
        config = RegistrationConfig(**{**SETTINGS, **settings})
        self.registration = Registration(
            "line", config, now=0.0, ids=self.plumbing.ids, outbound=self.plumbing.outbound
        )

    def sent(self) -> list[Request]:
        """The requests that go out now, repeats left out."""
        while self.plumbing.questions:  # no name is ever found
            self.plumbing.outbound.dns_failed(self.plumbing.questions.popleft().question, self.now)
        requests: list[Request] = []
        while (transmit := self.registration.next_transmit()) is not None:
            request = parse_message(transmit.data)
            assert isinstance(request, Request)
            requests.append(request)
        return requests

    def request(self) -> Request:
        """The only request that goes out now."""
        (request,) = self.sent()
        assert request.method == "REGISTER"
        return request

    def answer(
        self,
        request: Request,
        status: int,
        extra: Sequence[tuple[str, str]] = (),
        *,
        contact: str | None = None,
        expires: int = 3600,
    ) -> None:
        """Answer a REGISTER; a 200 repeats the contacts of the request with ``expires``."""
        fields = list(extra)
        if status == 200 and contact is None:
            fields += [("Contact", str(c.with_param("expires", str(expires)))) for c in request.contacts]
        elif contact:
            fields.append(("Contact", contact))
        self.receive(build_response(request, status, to_tag="r", extra=fields))

    def receive(self, response: Response) -> None:
        parsed = parse_message(response.to_bytes())
        self.plumbing.layer.receive_message(parsed, REGISTRAR, self.now)
        self.plumbing.dispatch(self.now)

    def events(self) -> list[RegistrationEvent]:
        """All that the registration tells now."""
        events: list[RegistrationEvent] = []
        while (event := self.registration.next_event()) is not None:
            events.append(event)
        return events

    def event(self) -> RegistrationEvent:
        """The only event now."""
        (event,) = self.events()
        return event

    def register(self) -> Request:
        self.registration.register(self.now)
        return self.request()

    def registered(self, expires: int = 3600, extra: Sequence[tuple[str, str]] = ()) -> Request:
        """Register with success."""
        request = self.register()
        self.answer(request, 200, extra, expires=expires)
        self.events()
        return request

    def pass_time(self, until: float) -> None:
        """Run every timer up to a time."""
        layer, registration = self.plumbing.layer, self.registration
        for _ in range(10_000):
            times = [at for at in (layer.deadline, registration.deadline) if at is not None and at <= until]
            if not times:
                self.now = max(self.now, until)
                return
            self.now = max(self.now, min(times))
            layer.handle_timeout(self.now)
            self.plumbing.dispatch(self.now)
            if registration.deadline is not None and registration.deadline <= self.now:
                registration.handle_timeout(self.now)
                later = self.deadline()
                assert later is None or later > self.now
        raise AssertionError("time does not pass")

    def deadline(self) -> float | None:
        return self.registration.deadline

    def state(self) -> RegistrationState:
        return self.registration.state

    def next_try(self) -> Request:
        """Let the registration's own timer fire; return what it sends."""
        at = self.registration.deadline
        assert at is not None
        self.pass_time(at)
        return self.request()
