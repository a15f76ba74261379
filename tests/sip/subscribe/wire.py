"""Usages of two sides that hear each other through a wire in virtual time, without agents."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import attrs

from sansio_sip.auth import Credentials
from sansio_sip.errors import RemoteProtocolError
from sansio_sip.headers import EventType
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint, Outbox
from sansio_sip.message import Request, Response, build_response, check_request, parse_message
from sansio_sip.subscribe import (
    DIALOG,
    MESSAGE_SUMMARY,
    PRESENCE,
    AdmissionRefused,
    DialogUsage,
    Notifier,
    SubscribeConfig,
    SubscribeEvent,
    SubscribeOrder,
    Usage,
    Watcher,
    admit,
)
from sansio_sip.transaction import (
    AckReceived,
    LayerConfig,
    Outbound,
    RequestReceived,
    StrayResponse,
    TargetNeeded,
    TransactionKey,
    TransactionLayer,
)

ALICE = Endpoint("UDP", "192.0.2.1", 5060)
BOB = Endpoint("UDP", "192.0.2.2", 5060)
PACKAGES = {package.name: package for package in (PRESENCE, DIALOG, MESSAGE_SUMMARY)}

Event = TypeVar("Event")
Fate = Callable[[int, bytes], Sequence[float]]


def order(package: str = "presence", **values: Any) -> SubscribeOrder:
    made = SubscribeOrder(
        uri="sip:bob@192.0.2.2", event=EventType.parse(package), from_="<sip:alice@example.com>"
    )
    return attrs.evolve(made, **values)


class Side:
    """What an agent does for usages: transactions, dispatch, timers; and it answers nothing by itself."""

    def __init__(
        self,
        user: str,
        endpoint: Endpoint,
        *,
        seed: int = 1,
        max_forks: int = 16,
        credentials: tuple[Credentials, ...] = (),
    ) -> None:
        self.user = user
        self.endpoint = endpoint
        self.ids = Ids(Random(f"{user} {seed}").randbytes)
        self.layer = TransactionLayer(LayerConfig(), now=0.0)
        self.out: Outbox[SubscribeEvent] = Outbox()
        self.questions: deque[TargetNeeded] = deque()
        sent_by = {"UDP": (endpoint.host, endpoint.port)}
        self.outbound = Outbound(
            self.layer,
            ids=self.ids,
            sent_by=sent_by,
            questions=self.questions,
        )
        self.config = SubscribeConfig(
            contact=f"<sip:{user}@{endpoint.host}:{endpoint.port}>",
            software="test",
            credentials=credentials,
            max_forks=max_forks,
        )
        self.registry: dict[tuple[str, str, str], DialogUsage] = {}
        self.usages: list[Usage[Any, Any]] = []
        self.events: list[SubscribeEvent] = []
        self.on_event: Callable[[SubscribeEvent], None] = lambda event: None
        self.on_request: Callable[[TransactionKey, Request], object] = self._out_of_dialog
        self.now = 0.0

    # Usages

    def watcher(self, name: str = "w") -> Watcher:
        made = Watcher(name, self.config, now=self.now, ids=self.ids, outbound=self.outbound,
                       registry=self.registry, outbox=self.out)  # fmt: skip
        self.usages.append(made)
        return made

    def notifier(self, name: str) -> Notifier:
        made = Notifier(name, self.config, now=self.now, ids=self.ids, outbound=self.outbound,
                        registry=self.registry, outbox=self.out)  # fmt: skip
        self.usages.append(made)
        return made

    def find(self, name: str) -> Notifier:
        (found,) = [usage for usage in self.usages if isinstance(usage, Notifier) and usage.name == name]
        return found

    def _out_of_dialog(self, key: TransactionKey, request: Request) -> None:
        if request.method != "SUBSCRIBE":
            self.answer(key, request, 481)
            return
        try:
            admission = admit(request, PACKAGES)
            self.notifier(f"n{len(self.usages)}").receive_subscribe(key, request, admission, self.now)
        except AdmissionRefused as error:
            self.answer(key, request, error.status_hint, error.fields)

    def answer(
        self, key: TransactionKey, request: Request, status: int, extra: tuple[tuple[str, str], ...] = ()
    ) -> None:
        response = build_response(request, status, to_tag=self.ids.tag(), extra=extra)
        self.layer.respond(key, response, self.now)

    # Pumping

    def receive(self, data: bytes, source: Endpoint, now: float) -> None:
        self.now = max(now, self.now)
        message = parse_message(data)
        if isinstance(message, Request):
            check_request(message)
        self.layer.receive_message(message, source, now)
        self.settle()

    def settle(self) -> None:
        while (event := self.layer.next_event()) is not None:
            if isinstance(event, RequestReceived):
                self._request(event.key, event.request)
            elif not isinstance(event, AckReceived | StrayResponse):
                self.outbound.dispatch(event, event.key, self.now)

    def _request(self, key: TransactionKey, request: Request) -> None:
        ids = (request.call_id, request.to_tag, request.from_tag)
        usage = self.registry.get(ids) or self.registry.get((*ids[:2], ""))
        try:
            if usage is not None and request.to_tag:
                usage.receive_request(key, request, self.now)
            elif request.to_tag:
                self.answer(key, request, 481)
            else:
                self.on_request(key, request)
        except RemoteProtocolError as error:
            self.answer(key, request, error.status_hint)

    @property
    def deadline(self) -> float | None:
        times = [self.layer.deadline, *[usage.deadline for usage in self.usages]]
        return min((time for time in times if time is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        self.now = max(now, self.now)
        self.layer.handle_timeout(now)
        self.settle()
        for usage in list(self.usages):
            if usage.deadline is not None and usage.deadline <= now:
                usage.handle_timeout(now)
        self.settle()

    def flush(self) -> list[tuple[bytes, Endpoint]]:
        self.settle()
        sent = []
        while (transmit := self.layer.next_transmit()) is not None:
            sent.append((transmit.data, transmit.destination))
        while (event := self.out.next_event()) is not None:
            self.events.append(event)
            self.on_event(event)
            self.settle()
        return sent

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def assert_quiet(self) -> None:
        assert all(usage.closed for usage in self.usages), self.usages
        assert not self.registry
        assert self.layer.closed
        assert self.outbound.closed
        assert self.deadline is None


class Wire:
    """Two sides, `a` watches and `b` notifies, in virtual time."""

    def __init__(
        self, *, seed: int = 1, fate: Fate = lambda number, data: (0.01,), max_forks: int = 16
    ) -> None:
        self.now = 0.0
        self.a = Side("alice", ALICE, seed=seed, max_forks=max_forks)
        self.b = Side("bob", BOB, seed=seed)
        self.log: list[str] = []
        self._fate = fate
        self._count = itertools.count()
        self._queue: list[tuple[float, int, Side, bytes, Endpoint]] = []

    def pump(self) -> None:
        busy = True
        while busy:
            busy = False
            for side, other in ((self.a, self.b), (self.b, self.a)):
                for data, _ in side.flush():
                    busy = True
                    delays = self._fate(len(self.log), data)
                    line = data.partition(b"\r\n")[0].decode()
                    self.log.append(f"{self.now:8.3f} {side.user:5} {line}{'' if delays else '  LOST'}")
                    for delay in delays:
                        entry = (self.now + delay, next(self._count), other, data, side.endpoint)
                        heapq.heappush(self._queue, entry)

    def run(self, until: float = 1_000_000.0) -> None:
        self.pump()
        for _ in range(30_000):
            times = [d for side in (self.a, self.b) if (d := side.deadline) is not None]
            if self._queue:
                times.append(self._queue[0][0])
            if not times or min(times) > until:
                self.now = until if times else self.now
                self.a.now = self.b.now = max(self.now, self.a.now, self.b.now)
                return
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                _, _, side, data, source = heapq.heappop(self._queue)
                side.receive(data, source, self.now)
                self.pump()
            for side in (self.a, self.b):
                side.now = max(side.now, self.now)
                if side.deadline is not None and side.deadline <= self.now:
                    side.handle_timeout(self.now)
                self.pump()
        raise AssertionError("time does not pass\n" + "\n".join(self.log[-60:]))

    def ladder(self) -> str:
        return "\n".join(self.log)


def lossy(seed: int, *, loss: float, duplicate: float, reorder: float) -> Fate:
    """A wire that loses, doubles and delays, the same way for the same seed."""
    random = Random(seed)

    def fate(_number: int, _data: bytes) -> Sequence[float]:
        copies = 0 if random.random() < loss else 2 if random.random() < duplicate else 1
        return [0.01 + (random.random() * 0.8 if random.random() < reorder else 0.0) for _ in range(copies)]

    return fate


class Script:
    """Plays the other end of one side by hand."""

    def __init__(self, side: Side, endpoint: Endpoint = BOB) -> None:
        self.side = side
        self.endpoint = endpoint
        self.now = 0.0
        self._numbers = itertools.count(1)

    def sent(self) -> list[Request | Response]:
        """All that the side sends now."""
        return [parse_message(data) for data, _ in self.side.flush()]

    def request(self, method: str) -> Request:
        """The only packet that the side sends now, a request."""
        (message,) = self.sent()
        assert isinstance(message, Request)
        assert message.method == method
        return message

    def response(self, status: int) -> Response:
        """The only packet that the side sends now, a response."""
        (message,) = self.sent()
        assert isinstance(message, Response)
        assert message.status_code == status, message
        return message

    def events(self) -> list[SubscribeEvent]:
        """All that the side tells now, when nothing is sent."""
        assert self.sent() == []
        events, self.side.events = self.side.events, []
        return events

    def taken(self, kind: type[Event]) -> Event:
        """The only event that the side tells now."""
        (event,) = self.events()
        assert isinstance(event, kind), event
        return event

    def send(self, message: Request | Response) -> None:
        self.side.receive(message.to_bytes(), self.endpoint, self.now)

    def respond(
        self, request: Request, status: int, *, tag: str = "one", extra: Sequence[tuple[str, str]] = ()
    ) -> Response:
        """Answer a request of the side."""
        contact = [("Contact", "<sip:bob@192.0.2.2>")] if 200 <= status < 300 else []
        response = build_response(request, status, to_tag=tag, extra=[*contact, *extra])
        self.send(response)
        return response

    def build(
        self,
        method: str,
        *,
        uri: str = "sip:alice@192.0.2.1",
        call_id: str = "call-1",
        tag: str = "bob",
        to_tag: str = "",
        cseq: int = 1,
        extra: Sequence[tuple[str, str]] = (),
        contact: str = "<sip:bob@192.0.2.2>",
        body: bytes = b"",
        content_type: str = "",
    ) -> Request:
        """Build a request to the side."""
        request = Request(method, uri, body=body)
        request.add("Via", f"SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{next(self._numbers)}")
        request.add("Max-Forwards", "70")
        request.add("From", f"<sip:bob@example.com>;tag={tag}" if tag else "<sip:bob@example.com>")
        request.add("To", "<sip:alice@example.com>" + (f";tag={to_tag}" if to_tag else ""))
        request.add("Call-ID", call_id)
        request.add("CSeq", f"{cseq} {method}")
        if contact:
            request.add("Contact", contact)
        if body:
            request.add("Content-Type", content_type or "application/pidf+xml")
        for name, value in extra:
            request.add(name, value)
        return request

    def notify(
        self, subscribe: Request, state: str | None = "active;expires=600", *, tag: str = "one",
        cseq: int = 1, event: str | None = "presence", body: bytes = b"", **more: Any,
    ) -> Response:  # fmt: skip
        """Send a NOTIFY that answers a SUBSCRIBE of the side, and return its answer."""
        extra = [("Event", event)] if event is not None else []
        extra += [("Subscription-State", state)] if state is not None else []
        extra += more.pop("extra", [])
        notify = self.build(
            "NOTIFY", call_id=subscribe.call_id, to_tag=subscribe.from_tag, tag=tag, cseq=cseq, extra=extra,
            body=body, **more,
        )  # fmt: skip
        self.send(notify)
        (response,) = self.sent_but(notify)
        return response

    def sent_but(self, request: Request) -> list[Response]:
        """The answers to one request among what the side sends now; the rest is kept for `later`."""
        messages = self.sent()
        mine = [m for m in messages if isinstance(m, Response) and m.cseq == request.cseq]
        self.later = [m for m in messages if m not in mine]
        return mine

    def pass_time(self, until: float) -> None:
        """Run the side's timers up to a time."""
        while (deadline := self.side.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.side.handle_timeout(self.now)
        self.now = max(self.now, until)
        self.side.now = self.now


__all__ = ["ALICE", "BOB", "PACKAGES", "Response", "Script", "Side", "Wire", "lossy", "order"]
