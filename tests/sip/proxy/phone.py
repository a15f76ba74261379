"""A telephone small enough to be trusted: what RFC 3261 §13 asks of both sides, and no more."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from random import Random

from sansio_sip.dialog import Dialog, build_standalone
from sansio_sip.framing import receive_datagram
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, build_response
from sansio_sip.outbound import Outbound
from sansio_sip.resolve import DnsQuestion
from sansio_sip.transaction import (
    AckReceived,
    FailureResponse,
    LayerConfig,
    ProvisionalResponse,
    RequestReceived,
    StrayResponse,
    SuccessResponse,
    TransactionEvent,
    TransactionKey,
    TransactionLayer,
    TransactionTimedOut,
    TransportFailed,
)
from tests.sip.proxy.wire import Wire

Script = Sequence[tuple[float, int]]
"""Seconds after a request, and the status to answer it with."""


class Phone:
    """Calls, answers by a script, hangs up; keeps all that it hears.

    `heard` has a status for each response to a request of its own, 0 for a timeout and -1 for a lost
    transport.
    """

    def __init__(
        self, wire: Wire, name: str, host: str, *, transport: str = "UDP", script: Script = (), seed: int = 1
    ) -> None:
        self.wire = wire
        self.name = name
        self.endpoint = Endpoint(transport, host, 5060)
        self.script = script
        self.extra: list[tuple[str, str]] = []
        self.contact = f"sip:{name}@{host}"
        if transport != "UDP":
            self.contact += f":5060;transport={transport.lower()}"
        self.heard: list[tuple[str, int]] = []
        self.responses: list[Response] = []
        self.received: list[Request] = []
        self.dialogs: dict[str, Dialog] = {}
        self.invite: Request | None = None
        self._ids = Ids(Random(f"{name} {seed}").randbytes)
        self._layer = TransactionLayer(LayerConfig(), now=0.0)
        self._questions: deque[DnsQuestion] = deque()
        self._outbound = Outbound(
            self._layer, ids=self._ids, sent_by={transport: (host, 5060)}, questions=self._questions
        )
        self._acks: dict[str, Request] = {}
        self._unacknowledged: dict[str, tuple[TransactionKey, Response]] = {}
        self._ringing: dict[TransactionKey, Request] = {}
        self._timers: list[tuple[float, int, TransactionKey, Request, int, float]] = []
        wire.add(name, self, self.endpoint)

    # The wire's side

    def next_transmit(self) -> Transmit | None:
        return self._layer.next_transmit()

    def receive_datagram(self, data: bytes, source: Endpoint, now: float) -> None:
        message = receive_datagram(data)
        assert message is not None
        if isinstance(message, Request):
            message.replace_via(message.via.stamped(source.host, source.port))
        self._layer.receive_message(message, source, now)

    def flow_failed(self, destination: Endpoint, cause: str, now: float) -> None:
        self._layer.flow_failed(destination, cause, now)

    @property
    def deadline(self) -> float | None:
        own = self._timers[0][0] if self._timers else None
        return min([at for at in (own, self._layer.deadline) if at is not None], default=None)

    def handle_timeout(self, now: float) -> None:
        self._layer.handle_timeout(now)
        while self._timers and self._timers[0][0] <= now:
            _, _, key, request, status, interval = heapq.heappop(self._timers)
            self._answer(key, request, status, interval)

    def drain_events(self) -> bool:
        busy = False
        while (event := self._layer.next_event()) is not None:
            busy = True
            if isinstance(event, RequestReceived):
                self._receive(event)
            elif isinstance(event, AckReceived):
                self.received.append(event.request)
                self._unacknowledged.pop(event.request.to_tag, None)
            elif not isinstance(event, StrayResponse):
                self._outbound.dispatch(event, event.key, self.wire.now)
        return busy

    def leftovers(self) -> dict[str, int]:
        return {"transactions": len(self._layer), "unacknowledged": len(self._unacknowledged)}

    # The caller's side

    def call(self, uri: str, *, routes: Sequence[str] = (), extra: Sequence[tuple[str, str]] = ()) -> Request:
        return self.request("INVITE", uri, routes=routes, extra=[("Contact", f"<{self.contact}>"), *extra])

    def request(
        self, method: str, uri: str, *, routes: Sequence[str] = (), extra: Sequence[tuple[str, str]] = ()
    ) -> Request:
        fields = [*[("Route", route) for route in routes], *extra]
        address = f"<sip:{self.name}@example.com>"
        request = build_standalone(method, uri, address, f"<{uri}>", self._ids, fields)
        if method == "INVITE":
            self.invite = request
        self._outbound.send(request, self, self.wire.now)
        return request

    def cancel(self) -> None:
        """Cancel the last call; a call that is over has nothing to cancel."""
        if self.invite is not None and ("INVITE", 200) not in self.heard:
            self._outbound.cancel(self.invite, self, self.wire.now)

    def in_dialog(self, method: str, tag: str = "") -> None:
        """Send a request in the only dialog, or in the one with a tag."""
        dialog = self.dialogs[tag] if tag else next(iter(self.dialogs.values()))
        self._outbound.send(dialog.request(method), self, self.wire.now, dialog.next_hop)

    def hang_up(self) -> None:
        """Send BYE in every dialog."""
        for tag in list(self.dialogs):
            self.in_dialog("BYE", tag)
            del self.dialogs[tag]

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        match event:
            case ProvisionalResponse(key, response) | FailureResponse(key, response):
                self._hear(key, response)
            case SuccessResponse(key, response):
                self._hear(key, response)
                if key[-1] == "INVITE":
                    self._acknowledge(response)
            case TransactionTimedOut(key):
                self.heard.append((str(key[-1]), 0))
            case TransportFailed(key):
                self.heard.append((str(key[-1]), -1))
            case _:
                return

    def _hear(self, key: TransactionKey, response: Response) -> None:
        self.heard.append((str(key[-1]), response.status_code))
        self.responses.append(response)

    def _acknowledge(self, response: Response) -> None:
        tag = response.to_tag
        if tag not in self._acks:
            assert self.invite is not None
            dialog = self.dialogs[tag] = Dialog.from_response(self.invite, response)
            self._acks[tag] = dialog.ack(response.cseq.number)
        hop = Dialog.from_response(self.invite, response).next_hop if self.invite is not None else ""
        self._outbound.send(self._acks[tag], None, self.wire.now, hop)

    # The callee's side

    def _receive(self, event: RequestReceived) -> None:
        key, request, _ = event
        self.received.append(request)
        if request.method == "CANCEL":
            self._cancelled(key, request)
        elif request.method == "BYE":
            self._unacknowledged.pop(request.to_tag, None)
            self.dialogs.pop(request.from_tag, None)
            self._respond(key, request, 200)
        elif request.to_tag:
            self._respond(key, request, 200)
        else:
            self._ringing[key] = request
            for delay, status in self.script:
                self._later(delay, key, request, status, 0.5)

    def _later(
        self, delay: float, key: TransactionKey, request: Request, status: int, interval: float
    ) -> None:
        entry = (self.wire.now + delay, len(self.received) * 1000 + status, key, request, status, interval)
        heapq.heappush(self._timers, entry)

    def _cancelled(self, key: TransactionKey, cancel: Request) -> None:
        invite = self._layer.find_cancelled(cancel)
        self._respond(key, cancel, 481 if invite is None else 200)
        if invite is not None and invite in self._ringing:
            self._timers = [entry for entry in self._timers if entry[2] != invite]
            heapq.heapify(self._timers)
            self._respond(invite, self._ringing[invite], 487)

    @property
    def tag(self) -> str:
        """Its tag in everything that it answers."""
        return f"tag-of-{self.name}"

    def _answer(self, key: TransactionKey, request: Request, status: int, interval: float) -> None:
        if request.method != "INVITE" or not 200 <= status < 300:
            self._respond(key, request, status)
        elif interval == 0.5:  # the first time: from now on until the ACK (§13.3.1.4)
            self.dialogs[request.from_tag] = Dialog.from_request(request, self.tag)
            self._unacknowledged[self.tag] = (key, self._respond(key, request, status))
            self._later(interval, key, request, status, 1.0)
        elif self.tag in self._unacknowledged:
            if interval > 64:
                del self._unacknowledged[self.tag]  # 64·T1 and no ACK: the call is over
                self.hang_up()
                return
            self._respond(key, request, status)
            self._later(min(interval, 4.0), key, request, status, interval * 2)

    def _respond(self, key: TransactionKey, request: Request, status: int) -> Response:
        extra = [*self.extra]
        if status >= 200:
            self._ringing.pop(key, None)
        if request.method == "INVITE" and 100 < status < 300:
            extra.append(("Contact", f"<{self.contact}>"))
        response = build_response(request, status, to_tag=self.tag, extra=extra)
        self._layer.respond(key, response, self.wire.now)
        return response
