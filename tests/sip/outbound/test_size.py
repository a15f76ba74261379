"""Requests that are too large for UDP (RFC 3261 §18.1.1)."""

from __future__ import annotations

import pytest

from sansio_sip.agent import RequestFailed, ResponseReceived
from sansio_sip.invite import CallAnswered
from sansio_sip.machine import Endpoint
from tests.sip.outbound.farm import ONE, TWO, URI, Farm, zone

TCP = Endpoint("TCP", ONE.host, ONE.port)
NUMBER = "sip:bob@192.0.2.11"
LARGE = b"x" * 1_300


def send(farm: Farm, uri: str = NUMBER, body: bytes = LARGE) -> None:
    farm.agent.request("MESSAGE", uri, farm.now, content_type="text/plain", body=body)


def test_large_request_goes_by_tcp_and_its_via_says_so() -> None:
    """TRN-1: 1300 octets."""
    farm = Farm()
    send(farm)
    assert farm.one(TCP, "MESSAGE").via.transport == "TCP"
    send(farm, body=b"short")
    assert farm.one(ONE, "MESSAGE").via.transport == "UDP"
    assert farm.zone.asked == []


def test_limit_is_met_to_the_octet_but_for_what_the_via_may_take() -> None:
    """TRN-1: nothing above 1300 octets goes over UDP, and nothing much below goes over TCP."""
    farm = Farm()
    sizes: dict[str, list[int]] = {"UDP": [], "TCP": []}
    for length in range(700, 1_200, 7):
        send(farm, body=b"x" * length)
        (out,) = farm.out()
        sizes[out.to.transport].append(len(out.message.to_bytes()))
    assert max(sizes["UDP"]) <= 1_300
    assert min(sizes["TCP"]) > 1_240


def test_letters_that_take_several_octets_count_as_such() -> None:
    """TRN-1, MSG-9."""
    farm = Farm()
    for text, transport in (("e" * 600, "UDP"), ("é" * 600, "TCP")):
        farm.agent.request("MESSAGE", NUMBER, 0.0, headers=[("Subject", text)])
        assert farm.out()[0].to.transport == transport


def test_connection_that_cannot_be_had_leads_back_to_udp() -> None:
    """TRN-1: RFC 3261 §18.1.1, the way back; it is remembered, so that the next one goes by UDP at once."""
    farm = Farm()
    send(farm)
    first = farm.one(TCP, "MESSAGE")
    farm.fail(TCP)
    second = farm.one(ONE, "MESSAGE")
    assert (second.via.transport, second.via.branch == first.via.branch) == ("UDP", False)
    farm.respond(second, 202)
    farm.out()
    assert [event.response.status_code for event in farm.told(ResponseReceived)] == [202]
    send(farm)
    farm.one(ONE, "MESSAGE")
    farm.now = 30.0
    send(farm)
    farm.one(TCP, "MESSAGE")


def test_overload_told_over_tcp_is_not_asked_about_over_udp() -> None:
    """TRN-1, TRN-11: it is the same server; another server is another matter."""
    farm = Farm()
    send(farm)
    farm.respond(farm.one(TCP, "MESSAGE"), 503)
    assert farm.out() == []
    farm = Farm(zone(1, 2, tcp=True))
    send(farm, URI)
    farm.respond(farm.one(TCP, "MESSAGE"), 503)
    assert farm.out()[0].to == Endpoint("TCP", TWO.host, TWO.port)


def test_domain_is_tried_over_tcp_first_and_then_over_udp() -> None:
    """TRN-1, TRN-11: a small request prefers what the agent prefers."""
    farm = Farm(zone(1, 2, tcp=True))
    send(farm, URI, b"short")
    farm.respond(farm.one(ONE, "MESSAGE"), 200)
    send(farm, URI)
    tried = []
    while out := farm.out():
        tried.append(out[0].to[:2])
        assert out[0].message.via.transport == out[0].to.transport
        farm.fail(out[0].to)
    assert tried == [("TCP", ONE.host), ("TCP", TWO.host), ("UDP", ONE.host), ("UDP", TWO.host)]


def test_agent_without_tcp_sends_over_udp_what_it_has() -> None:
    """TRN-1: better than not at all."""
    farm = Farm(tcp=False)
    send(farm)
    farm.one(ONE, "MESSAGE")


@pytest.mark.parametrize("uri", [NUMBER + ";transport=tls", "sips:bob@192.0.2.11"])
def test_transport_that_is_not_there_is_no_way(uri: str) -> None:
    """TXN-7: large or not."""
    farm = Farm()
    for body in (LARGE, b""):
        send(farm, uri, body)
        assert farm.out() == []
    assert [event.cause for event in farm.told(RequestFailed)] == ["there is no TLS transport"] * 2


def test_repeated_ack_changes_its_via_with_its_transport() -> None:
    """TRN-1, TXN-5: the first ACK was for a connection that is gone when the 2xx comes again."""
    farm = Farm()
    farm.agent.invite(NUMBER, None, 0.0, headers=[("Subject", "s" * 1_000)])
    invite = farm.one(TCP, "INVITE")
    route = [("Record-Route", f"<{NUMBER};lr;x={'y' * 1_200}>")]
    farm.respond(invite, 200, extra=route)
    ack = farm.one(TCP, "ACK")
    send(farm)
    farm.one(TCP, "MESSAGE")
    farm.fail(TCP)
    farm.out()
    farm.respond(invite, 200, extra=route)
    again = farm.one(ONE, "ACK")
    assert len(farm.told(CallAnswered)) == 1
    assert (again.via.transport, again.via.branch) == ("UDP", ack.via.branch)
    assert again.via.sent_by == ("192.0.2.1", 5060)
