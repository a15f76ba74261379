"""A proxy that remembers nothing (RFC 3261 §16.11)."""

from __future__ import annotations

import pytest

from sansio_sip.auth import AuthenticationConfig, DigestServerConfig
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response
from sansio_sip.proxy import Later, Reply, StatelessProxy, Target
from sansio_sip.register import RegistrarConfig
from sansio_sip.resolve import DnsQuestion
from tests.sip.names import Zone
from tests.sip.proxy.bench import BOB, CALLEE, CALLER, Bench, reply
from tests.sip.vectors import INVITE

TCP = Endpoint("TCP", "192.0.2.1", 49152, "c1")


def stateless(routing: object = BOB, **options: object) -> Bench:
    return Bench(routing, stateless=True, **options)  # type: ignore[arg-type]


def test_every_copy_of_a_request_is_forwarded_in_the_same_way() -> None:
    """SRV-7: RFC 3261 §16.11: same target, same branch; no 100, no repeats of its own."""
    bench = stateless([Target(uri="sip:bob@192.0.2.102", q=0.4), *BOB])
    invite = bench.request()
    for _ in range(3):
        bench.send(invite)
    sent = bench.sent()
    assert len({message.to_bytes() for message, _ in sent}) == 1
    assert [endpoint for _, endpoint in sent] == [CALLEE] * 3
    assert bench.proxy.deadline is None
    bench.proxy.handle_timeout(100.0)
    assert bench.lines() == []


@pytest.mark.parametrize("branch", ["z9hG4bKabc", "1", ""])
def test_cancel_and_ack_get_the_branch_of_their_request(branch: str) -> None:
    """SRV-7: RFC 3261 §16.11: also for RFC 2543 callers; no special treatment of CANCEL."""
    bench = stateless()
    via = "SIP/2.0/UDP 192.0.2.1:5060" + (f";branch={branch}" if branch else "")
    for method in ("INVITE", "CANCEL", "ACK"):
        bench.send(bench.request(method, via=via))
    branches = {message.via.branch for message, _ in bench.sent()}
    assert len(branches) == 1
    assert branches.pop().startswith("z9hG4bK")
    bench.send(bench.request("INVITE", via="SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother"))
    bench.send(bench.request("INVITE", via="SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKother"))
    first, second = [message.via.branch for message, _ in bench.sent()]
    assert first != second


@pytest.mark.parametrize("status", [100, 180, 200, 486, 603])
def test_every_response_goes_to_the_next_via(status: int) -> None:
    """SRV-7: RFC 3261 §16.11, §18.2.2: whatever it is, changed in its Via only."""
    bench = stateless()
    copy, _ = bench.forwarded()
    bench.respond(copy, status)
    bench.respond(copy, status)
    (first, endpoint), (second, _) = bench.sent()
    assert isinstance(first, Response)
    assert first.to_bytes() == second.to_bytes()
    assert [via.sent_by for via in first.vias] == [("192.0.2.1", 5060)]
    assert endpoint == Endpoint("UDP", "192.0.2.1", 5060)


def test_a_response_finds_its_connection_by_the_address_in_the_via() -> None:
    """SRV-7: RFC 3261 §16.1: over a stream the port is written down too."""
    bench = stateless([Target(uri="sip:bob@192.0.2.101;transport=tcp")])
    copy, endpoint = bench.forwarded(TCP, transport="TCP", via="SIP/2.0/TCP host.example;branch=z9hG4bKx")
    assert endpoint.transport == "TCP"
    bench.respond(copy, 200)
    ((_, endpoint),) = bench.sent()
    assert endpoint == Endpoint("TCP", "192.0.2.1", 49152)


@pytest.mark.parametrize(
    "vias",
    [
        ["SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKx", "SIP/2.0/UDP 192.0.2.1"],
        ["SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx"],
        ["SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx", "SIP/2.0/UDP host.example"],
        ["SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx", "SIP/2.0/SCTP 192.0.2.1"],
        ["SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx", "what is this"],
    ],
)
def test_a_response_that_is_not_for_us_or_leads_nowhere_is_dropped(vias: list[str]) -> None:
    """SRV-7: RFC 3261 §16.11: silently; nobody is looked up for a response."""
    bench = stateless()
    response = build_response(bench.request(), 200, to_tag="b")
    response.remove("via")
    for via in vias:
        response.add("Via", via)
    bench.send(response)
    assert bench.sent() == []
    assert isinstance(bench.proxy, StatelessProxy)
    assert bench.proxy.counters.dropped == 1


@pytest.mark.parametrize(
    ("options", "routing", "status"),
    [
        ({"max_forwards": "0"}, BOB, 483),
        ({"uri": "urn:x:y"}, BOB, 416),
        ({"extra": [("Max-Breadth", "x")]}, BOB, 400),
        ({}, [], 480),
        ({}, Reply(404), 404),
        ({}, Later(), 500),
        ({"routes": ["<tel:+1>"], "uri": "sip:c@198.51.100.1"}, BOB, 416),
    ],
)
def test_a_request_that_cannot_be_forwarded_is_answered(
    options: dict[str, object], routing: object, status: int
) -> None:
    """SRV-7: RFC 3261 §16.11: validated as by a stateful proxy; each copy gets the same answer."""
    bench = stateless(routing)
    request = bench.request(**options)  # type: ignore[arg-type]
    bench.send(request)
    first = bench.response()
    bench.send(request)
    assert first.status_code == status
    assert bench.response().to_bytes() == first.to_bytes()
    ack = bench.request("ACK", **options)  # type: ignore[arg-type]
    bench.send(ack)
    assert bench.sent() == []


def test_an_answer_carries_what_its_status_needs() -> None:
    """SRV-7: RFC 3261 §16.3 items 5 and 6."""
    challenge = reply(407, Proxy_Authenticate='Digest realm="x"')
    assert (
        stateless(authorize=lambda r, s: challenge).answered().get("proxy-authenticate") == 'Digest realm="x"'
    )
    assert stateless().answered(extra=[("Proxy-Require", "odd")]).get("unsupported") == "odd"


def test_what_came_over_a_stream_does_not_leave_over_udp() -> None:
    """SRV-7: RFC 3261 §16.1: somebody would have to repeat it, which takes state."""
    assert stateless().answered(TCP, transport="TCP").status_code == 500
    flow = [Target(uri="sip:bob@x.invalid", flow=Endpoint("WS", "192.0.2.7", 50000, "f"))]
    copy, endpoint = stateless(flow).forwarded(TCP, transport="TCP")
    assert (copy.via.transport, endpoint.flow) == ("WS", "f")


ZONE = Zone({"phone.example.net": ["192.0.2.2"]})


def test_names_are_looked_up_for_requests() -> None:
    """SRV-7: RFC 3261 §16.11: the runtime has to give each copy the same address."""
    bench = stateless([Target(uri="sip:bob@phone.example.net")])
    for _ in range(2):
        bench.send(bench.request())
    (question,) = bench.events()
    assert isinstance(question, DnsQuestion)
    assert isinstance(bench.proxy, StatelessProxy)
    waits = (bench.proxy.deadline, bench.proxy.closed)
    bench.proxy.close(0.0)
    assert (waits, bench.proxy.closed) == ((10.0, False), False)
    bench.proxy.receive_dns_answer(question.question, [], 60.0, 0.1)
    while (event := bench.proxy.next_event()) is not None:
        assert isinstance(event, DnsQuestion)
        ZONE.answer(bench.proxy, event, 0.1)
    assert bench.lines() == ["INVITE", "INVITE"]
    rests = (bench.proxy.deadline, bench.proxy.closed)
    assert rests == (None, True)


def test_bad_octets_are_answered_or_dropped() -> None:
    """SRV-7, law 5."""
    bench = stateless()
    bench.send(INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: 1"), CALLER)
    assert bench.lines() == ["400"]
    for data in (b"\r\n", b"", b"SIP/2.0 200 OK\r\n\r\n", b"nonsense"):
        bench.send(data)
    assert bench.lines() == []
    assert isinstance(bench.proxy, StatelessProxy)
    assert (bench.proxy.counters.malformed, bench.proxy.counters.keep_alives) == (3, 2)


def test_closing_refuses_requests_and_forwards_the_rest() -> None:
    """SRV-7: a stateless proxy owes nothing, so it is closed at once."""
    bench = stateless(retry_after=9)
    copy, _ = bench.forwarded()
    closed = [bench.proxy.closed]
    bench.proxy.close(1.0)
    assert [*closed, bench.proxy.closed] == [False, True]
    assert bench.answered(cseq=2).get("retry-after") == "9"
    bench.respond(copy, 200)
    bench.send(bench.request("ACK", "sip:bob@192.0.2.101", to_tag="b"))
    assert bench.lines() == ["200", "ACK"]


def test_record_route_is_the_same_in_every_copy() -> None:
    """SRV-7: RFC 3261 §16.11."""
    bench = stateless()
    copy, _ = bench.forwarded()
    assert copy.record_routes == ["<sip:192.0.2.10:5060;lr>"]
    assert isinstance(copy, Request)


@pytest.mark.parametrize("name", ["registrar", "authentication"])
def test_what_needs_memory_is_refused_when_it_is_made(name: str) -> None:
    """SRV-7, COO-6: rather than that nobody is asked for a password."""
    authentication = AuthenticationConfig(digest=DigestServerConfig(realm="example.com"))
    values: dict[str, object] = {"registrar": RegistrarConfig(), "authentication": authentication}
    with pytest.raises(ValueError, match=name):
        stateless(**{name: values[name]})
