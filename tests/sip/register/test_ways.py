"""How requests get to a binding: by its Path, its flow, its connection, its NAT, or its contact."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import Credentials
from sansio_sip.invite import CallAnswered, Rejected
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.outbound import Way
from sansio_sip.register import phones_by_preference, way_to
from tests.sip.agent.net import agent_of
from tests.sip.harness import media
from tests.sip.invite.scripts import sdp
from tests.sip.register.test_registrar import AOR, OUTBOUND, Desk, flow

UDP, TCP = Endpoint("UDP", "192.0.2.1", 5060), Endpoint("TCP", "192.0.2.1", 41_000, 7)
MAPPED = Endpoint("UDP", "203.0.113.5", 40_000)


def way(contact: str, source: Endpoint, **how: Any) -> Way:
    desk = Desk()
    assert desk.status(contact, source=source, **how) == 200
    (binding,) = desk.registrar.lookup(AOR, 0.0)
    return way_to(binding)


def test_contact_is_where_a_request_goes() -> None:
    """SRV-5, RFC 3261 §16.6: over UDP nothing else is needed; a connection is used while it is there."""
    assert way("<sip:alice@192.0.2.1>", UDP) == Way(uri="sip:alice@192.0.2.1")
    found = way("<sip:alice@192.0.2.1;transport=tcp>", TCP)
    assert (found.flow, found.usual_flow) == (None, TCP)
    assert way("<tel:+15551234>", UDP).flow is None


def test_flow_that_was_registered_is_the_only_way() -> None:
    """SRV-5, RFC 5626 §5.3; and what names a phone goes with it."""
    found = way(flow(), TCP, extra=OUTBOUND)
    assert (found.flow, found.usual_flow, found.routes) == (TCP, None, ())
    assert found.instance.startswith("urn:uuid:")


def test_contact_that_leads_nowhere_is_reached_by_its_source() -> None:
    """SRV-5, NAT-1, RFC 7118 §5: a name that no DNS knows, and a number that a NAT hides."""
    web = Endpoint("WS", "192.0.2.1", 41_000, 7)
    assert way("<sip:alice@df7jal23ls0d.invalid;transport=ws>", web).flow == web
    assert (
        way("<sip:alice@192.0.2.1:5060>", MAPPED).flow == MAPPED
    )  # its Via says 192.0.2.1, it came from elsewhere
    assert way("<sip:alice@192.0.2.9:5060>", MAPPED).flow is None  # a second machine, which may well be there
    assert way("<sip:alice@192.0.2.1:5060>", MAPPED, hops=2).flow is None


def test_path_is_followed_instead() -> None:
    """SRV-5, RFC 3327 §5.3: topmost first, and its first element is the next hop."""
    path = [("Path", "<sip:edge.example.com;lr>, <sip:inner.example.com;lr>"), ("Supported", "path")]
    found = way("<sip:alice@x.invalid>", UDP, extra=path)
    assert found == Way(
        uri="sip:alice@x.invalid", routes=("<sip:edge.example.com;lr>", "<sip:inner.example.com;lr>")
    )


def test_phones_of_the_same_preference_are_tried_together() -> None:
    """SRV-5, RFC 3261 §16.6, RFC 5626 §7: the flows of one phone are ways to it, and no phones."""
    flows = [
        Way(uri="sip:a@192.0.2.1", flow=TCP._replace(flow=number), instance="urn:a") for number in (1, 2)
    ]
    desk, cell = Way(uri="sip:b@192.0.2.2"), Way(uri="sip:c@192.0.2.3", q=0.5)
    assert phones_by_preference([flows[0], desk, flows[1], cell]) == [[(*flows,), (desk,)], [(cell,)]]
    assert phones_by_preference([cell, desk]) == [[(desk,)], [(cell,)]]
    assert phones_by_preference([]) == []


class Caller:
    """An agent that calls by ways, and whoever is there."""

    def __init__(self, *ways: Way, **settings: Any) -> None:
        self.agent = agent_of(**settings)
        self.session = self.agent.invite(AOR, media(), 0.0, ways=ways)
        self.transmit: Transmit | None = None

    def next_invite(self) -> tuple[Request, Endpoint]:
        while (transmit := self.agent.next_transmit()) is not None:
            request = parse_message(transmit.data)
            if isinstance(request, Request) and request.method == "INVITE":
                return request, transmit.destination
        pytest.fail("no INVITE")

    def answer(self, request: Request, status: int, source: Endpoint, **how: Any) -> None:
        response = build_response(request, status, to_tag="t", **how)
        self.agent.receive_message(parse_message(response.to_bytes()), source, 0.0)

    def events(self) -> list[object]:
        events: list[object] = []
        while (event := self.agent.next_event()) is not None:
            events.append(event)
        return events

    @property
    def end(self) -> object:
        return self.events()[-1].end  # type: ignore[attr-defined]


def test_call_takes_the_flow_and_names_the_user() -> None:
    """SRV-5: To is who was called, the Request-URI where he is; our own proxy is not asked."""
    web = Endpoint("TCP", "198.51.100.7", 40_123, "c1")
    caller = Caller(Way(uri="sip:a@x.invalid", flow=web), outbound_proxy="sip:proxy.example.com")
    invite, where = caller.next_invite()
    assert (where, invite.uri, str(invite.to.uri)) == (web, "sip:a@x.invalid", AOR)
    assert not invite.routes
    caller.answer(
        invite, 200, web, extra=[("Contact", "<sip:a@x.invalid>")], content_type="application/sdp", body=sdp()
    )
    assert any(isinstance(event, CallAnswered) for event in caller.events())


def test_next_way_is_tried_when_one_fails_and_routes_are_its_own() -> None:
    """SRV-5, RFC 3261 §16.5: 404 here, busy there; the Path of one is nothing for the next."""
    routes = ("<sip:192.0.2.20;lr>", "<sip:192.0.2.21;lr>")
    caller = Caller(Way(uri="sip:one@192.0.2.1", routes=routes), Way(uri="sip:two@192.0.2.2"))
    first, where = caller.next_invite()
    assert (where.host, list(first.routes)) == ("192.0.2.20", list(routes))
    caller.answer(first, 404, where)
    second, where = caller.next_invite()
    assert (where.host, second.uri, list(second.routes)) == ("192.0.2.2", "sip:two@192.0.2.2", [])
    assert second.call_id == first.call_id
    caller.answer(second, 486, where)
    end = caller.end
    assert isinstance(end, Rejected)
    assert end.status_code == 486


def test_word_of_a_phone_counts_for_all_its_flows_but_not_a_broken_one() -> None:
    """SRV-5, RFC 5626 §5.3.1: 430 leaves its other flows, 486 does not; a flow that is gone neither."""
    flows = [Endpoint("TCP", "192.0.2.1", 40_000 + number, number) for number in range(4)]
    ways = [Way(uri="sip:a@192.0.2.1", flow=flow, instance="urn:x") for flow in flows]
    caller = Caller(*ways, Way(uri="sip:b@192.0.2.2"))
    invite, where = caller.next_invite()
    assert where == flows[0]
    caller.answer(invite, 430, where)
    _, where = caller.next_invite()
    assert where == flows[1]
    caller.agent.flow_failed(where, "gone", 0.0)
    invite, where = caller.next_invite()
    assert where == flows[2]
    caller.answer(invite, 486, where)
    invite, where = caller.next_invite()
    assert invite.uri == "sip:b@192.0.2.2"
    caller.answer(invite, 603, where)
    end = caller.end
    assert isinstance(end, Rejected)
    assert end.status_code == 603


def test_usual_connection_is_taken_while_it_is_there() -> None:
    """SRV-5, TRN-6: else the contact is called at its own address."""
    agent = agent_of()
    known = Endpoint("TCP", "192.0.2.1", 40_000, "c1")
    options = (
        "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    )
    options += (
        "To: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    agent.receive_message(parse_message(options.encode()), known, 0.0)
    while agent.next_transmit() is not None:
        pass
    where = Way(uri="sip:a@192.0.2.1;transport=tcp", usual_flow=known)
    for gone in (False, True):
        if gone:
            agent.flow_failed(known, "closed", 0.0)
        agent.invite(AOR, media(), 0.0, ways=[where])
        transmit = agent.next_transmit()
        assert transmit is not None
        assert (transmit.destination.port, transmit.destination.flow) == (
            (5060, None) if gone else (40_000, "c1")
        )
        assert isinstance(parse_message(transmit.data), Request | Response)


@pytest.mark.parametrize("method", ["OPTIONS", "MESSAGE"])
def test_requests_outside_of_calls_go_the_same_ways(method: str) -> None:
    """CLI-3, CLI-4, SRV-5: flow or Path; To is the user, and the second try goes where the first did."""
    agent = agent_of(credentials=(Credentials("pbx", "secret"),))
    ways = (
        Way(uri="sip:alice@phone.invalid", flow=UDP),
        Way(uri="sip:alice@10.0.0.7", routes=("<sip:192.0.2.9;lr>",)),
    )
    for where, next_hop in zip(ways, (UDP, Endpoint("UDP", "192.0.2.9", 5060)), strict=True):
        if method == "MESSAGE":
            agent.send_message(AOR, 0.0, body=b"hi", way=where)
        else:
            agent.request(method, AOR, 0.0, way=where)
        for again in (False, True):
            transmit = agent.next_transmit()
            assert transmit is not None
            request = parse_message(transmit.data)
            assert isinstance(request, Request)
            assert (request.method, request.uri, str(request.to.uri)) == (method, where.uri, AOR)
            assert (tuple(request.routes), transmit.destination) == (where.routes, next_hop)
            assert (request.get("authorization") is not None) is again
            challenge = (("WWW-Authenticate", 'Digest realm="x", nonce="n"'),)
            response = build_response(request, 200 if again else 401, to_tag="t", extra=challenge)
            agent.receive_message(parse_message(response.to_bytes()), next_hop, 0.0)
