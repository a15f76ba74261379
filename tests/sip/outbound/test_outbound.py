"""How requests get out: next hop, Via, a flow that is given, and what is finished at the last moment."""

from __future__ import annotations

from collections import deque
from random import Random

from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, parse_message
from sansio_sip.outbound import Outbound
from sansio_sip.resolve import DnsQuestion
from sansio_sip.transaction import (
    LayerConfig,
    TransactionEvent,
    TransactionLayer,
    TransactionTerminated,
    TransportFailed,
)
from tests.sip.names import Zone

FLOW = Endpoint("WS", "198.51.100.7", 49152, "connection 7")


class User:
    def __init__(self) -> None:
        self.told: list[TransactionEvent] = []

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        self.told.append(event)


class Bench:
    def __init__(self) -> None:
        self.layer = TransactionLayer(LayerConfig(), now=0.0)
        self.questions: deque[DnsQuestion] = deque()
        sent_by = {"UDP": ("192.0.2.1", 5060), "WS": ("192.0.2.1", 80)}
        ids = Ids(Random(1).randbytes)
        self.outbound = Outbound(self.layer, ids=ids, sent_by=sent_by, questions=self.questions)
        self.finished: list[Endpoint] = []

    def finish(self, request: Request, endpoint: Endpoint) -> str:
        self.finished.append(endpoint)
        request.set("Record-Route", f"<sip:192.0.2.1;transport={endpoint.transport};lr>")
        return "z9hG4bKmine"

    def sent(self) -> tuple[Request, Endpoint]:
        transmit = self.layer.next_transmit()
        assert transmit is not None
        message = parse_message(transmit.data)
        assert isinstance(message, Request)
        return message, transmit.destination


def forwarded(uri: str = "sip:bob@192.0.2.2") -> Request:
    request = Request("OPTIONS", uri)
    for name, value in (
        ("Via", "SIP/2.0/UDP 203.0.113.1;branch=z9hG4bKtheirs"),
        ("From", "<sip:a@example.com>;tag=1"),
        ("To", "<sip:b@example.com>"),
        ("Call-ID", "c"),
        ("CSeq", "1 OPTIONS"),
    ):
        request.add(name, value)
    return request


def test_a_forwarded_request_is_finished_when_its_next_hop_is_known() -> None:
    """SRV-7 (RFC 3261 §16.6): its Via comes on top of those that it has."""
    bench = Bench()
    bench.outbound.send(forwarded("sip:bob@example.com:5070"), User(), 0.0, finish=bench.finish)
    assert bench.finished == []
    Zone({"example.com": ["192.0.2.2"]}).answer_queue(bench.outbound, bench.questions, 0.1)
    request, destination = bench.sent()
    assert bench.finished == [destination] == [Endpoint("UDP", "192.0.2.2", 5070)]
    assert request.get("record-route") == "<sip:192.0.2.1;transport=UDP;lr>"
    assert [via.branch for via in request.vias] == ["z9hG4bKmine", "z9hG4bKtheirs"]
    assert request.via.sent_by == ("192.0.2.1", 5060)


def test_a_flow_is_used_whatever_the_uris_say() -> None:
    """SRV-7 (RFC 5626 §5.3, RFC 7118): a host that no DNS knows."""
    bench = Bench()
    bench.outbound.send(
        forwarded("sip:a@x.invalid;transport=ws"), User(), 0.0, finish=bench.finish, flow=FLOW
    )
    request, destination = bench.sent()
    assert destination is FLOW
    assert request.via.transport == "WS"
    assert not bench.questions


def test_a_flow_of_a_transport_that_is_not_there_falls_back_to_the_uri() -> None:
    """SRV-7."""
    bench = Bench()
    user = User()
    bench.outbound.send(forwarded(), user, 0.0, flow=Endpoint("TLS", "198.51.100.7", 5061))
    assert bench.sent()[1] == Endpoint("UDP", "192.0.2.2", 5060)
    bench.outbound.send(forwarded("sip:a@192.0.2.2;transport=tls"), user, 0.0)
    assert isinstance(user.told[0], TransportFailed)


def test_user_may_send_again_while_it_is_told_of_a_failure() -> None:
    """TRN-11: the second request fails as well, after the first has been dealt with."""

    class Stubborn(User):
        def transaction_event(self, event: TransactionEvent, now: float) -> None:
            super().transaction_event(event, now)
            if len(self.told) < 4 and isinstance(event, TransportFailed):
                bench.outbound.send(forwarded("sip:bob@nowhere.example:5060"), self, now)

    bench, user = Bench(), Stubborn()
    bench.outbound.send(forwarded("sip:bob@nowhere.example:5060"), user, 0.0)
    while bench.questions:
        told = bench.outbound.receive_dns_answer(bench.questions.popleft().question, [], 60.0, 0.1)
    assert [type(event) for event in user.told] == [TransportFailed, TransactionTerminated] * 3
    assert told == [user] * 3
    assert bench.outbound.closed
    bench.outbound.send(forwarded("sip:bob@nowhere.example:5060"), user, 0.2)  # known by now
    assert len(user.told) == 8
    assert bench.outbound.dns_failed(1, 0.3) == []


def test_strict_route_outside_of_a_dialog_is_not_followed() -> None:
    """TXN-6: only a loose one is the first hop there."""
    bench = Bench()
    for route, host in (("<sip:192.0.2.9>", "192.0.2.2"), ("<sip:192.0.2.9;lr>", "192.0.2.9")):
        request = forwarded()
        request.add("Route", route)
        bench.outbound.send(request, User(), 0.0)
        assert bench.sent()[1].host == host
