"""Routes: popped, undone, pushed, recorded (RFC 3261 §16.4, §16.6, §16.12)."""

from __future__ import annotations

import pytest

from sansio_sip.machine import Endpoint
from sansio_sip.message import Request
from sansio_sip.proxy import Target
from sansio_sip.resolve import DnsQuestion
from tests.sip.proxy.bench import CALLER, SENT_BY, Bench

OWN = "<sip:192.0.2.10;lr>"
FOREIGN = "sip:carol@198.51.100.9"


def at(transport: str, host: str = "192.0.2.1", port: int = 5060, flow: str | None = None) -> Endpoint:
    return Endpoint(transport, host, port, flow)


# Before the targets (§16.4)


@pytest.mark.parametrize(
    "route",
    [OWN, "<sip:192.0.2.10:5060;lr>", "<sip:192.0.2.10;transport=tcp;lr>", "<sips:192.0.2.10;lr>",
     "<sip:192.0.2.10;transport=ws;lr>", "<sip:proxy.example.net;lr>", "<sip:PROXY.example.net:5061;lr>",
     '"P, Q" <sip:192.0.2.10;lr>;x=1'],
)  # fmt: skip
def test_an_own_route_is_removed(route: str) -> None:
    """SRV-7: RFC 3261 §16.4: what names this proxy, by address, by name, over any of its transports."""
    bench = Bench(hosts=frozenset({"Proxy.Example.net"}))
    copy, endpoint = bench.forwarded(
        uri=FOREIGN, routes=[f"{route}, <sip:203.0.113.5;lr>", "<sip:203.0.113.6;lr>"]
    )
    assert copy.routes == ["<sip:203.0.113.5;lr>", "<sip:203.0.113.6;lr>"]
    assert copy.uri == FOREIGN
    assert endpoint == at("UDP", "203.0.113.5")


@pytest.mark.parametrize(
    "route",
    ["<sip:192.0.2.10:5099;lr>", "<sip:192.0.2.11;lr>", "<sip:proxy.example.net:5099;lr>", "<tel:+1>"],
)
def test_a_route_of_somebody_else_stays(route: str) -> None:
    """SRV-7: RFC 3261 §16.4."""
    bench = Bench(hosts=frozenset({"proxy.example.net"}))
    bench.send(bench.request(uri=FOREIGN, routes=[route]))
    sent = [message for message, _ in bench.sent()]
    if route == "<tel:+1>":  # a strict router by its form, that nobody can send to
        assert [m.status_code for m in sent if not isinstance(m, Request)] == [500]
    elif "example.net" in route:
        assert [type(event) for event in bench.events()][-1] is DnsQuestion
    else:
        assert sent[0].routes == [route]


def test_an_ipv6_route_is_recognised_in_any_spelling() -> None:
    """SRV-7, MSG-11."""
    bench = Bench(sent_by={"UDP": ("2001:db8::10", 5060)})
    source = at("UDP", "2001:db8::1")
    copy, _ = bench.forwarded(source, uri="sip:c@[2001:db8::9]", routes=["<sip:[2001:DB8:0:0::10];lr>"])
    assert copy.routes == []
    assert copy.record_routes == ["<sip:[2001:db8::10]:5060;lr>"]


def test_both_own_routes_of_a_double_record_route_are_removed() -> None:
    """SRV-7: RFC 3261 §16.4: the second would only come back here."""
    routes = ["<sip:192.0.2.10;transport=tcp;lr>, <sip:192.0.2.10;lr>", "<sip:203.0.113.5;lr>"]
    assert Bench().forwarded(uri=FOREIGN, routes=routes)[0].routes == ["<sip:203.0.113.5;lr>"]


def test_what_a_strict_router_did_is_undone() -> None:
    """SRV-7: RFC 3261 §16.4, §16.12.1.2: we are the Request-URI, the target is the last Route."""
    routes = ["<sip:203.0.113.5;lr>", f"<sip:203.0.113.6;lr>, <{FOREIGN}>"]
    copy, endpoint = Bench().forwarded(method="BYE", uri="sip:192.0.2.10:5060;lr", routes=routes, to_tag="b")
    assert copy.uri == FOREIGN
    assert copy.routes == ["<sip:203.0.113.5;lr>", "<sip:203.0.113.6;lr>"]
    assert endpoint.host == "203.0.113.5"
    alone, _ = Bench().forwarded(method="BYE", uri="sip:192.0.2.10;lr", routes=[f"<{FOREIGN}>"], to_tag="b")
    assert (alone.uri, alone.routes) == (FOREIGN, [])


def test_our_record_route_as_target_without_a_route_is_for_the_router() -> None:
    """SRV-7: RFC 3261 §16.4: there is nothing to undo."""
    bench = Bench()
    bench.forwarded(uri="sip:192.0.2.10;lr")
    assert [request.uri for request in bench.asked] == ["sip:192.0.2.10;lr"]


def test_a_strict_router_ahead_gets_what_it_expects() -> None:
    """SRV-7: RFC 3261 §16.6 item 6, §16.12.1.2: P4 of the example."""
    routes = [OWN, "<sip:203.0.113.3>", "<sip:203.0.113.2;lr>", "<sip:203.0.113.1;lr>"]
    copy, endpoint = Bench().forwarded(method="BYE", uri="sip:caller@198.51.100.1", routes=routes, to_tag="b")
    assert copy.uri == "sip:203.0.113.3"
    assert copy.routes == ["<sip:203.0.113.2;lr>", "<sip:203.0.113.1;lr>", "<sip:caller@198.51.100.1>"]
    assert endpoint.host == "203.0.113.3"


@pytest.mark.parametrize(
    ("uri", "forwarded"),
    [
        ("sip:bob@example.com;maddr=192.0.2.10", "sip:bob@example.com"),
        ("sip:bob@example.com:5060;maddr=EXAMPLE.com;x=1", "sip:bob@example.com;x=1"),
        ("sip:bob@example.com;transport=udp;maddr=192.0.2.10", "sip:bob@example.com"),
    ],
)
def test_our_maddr_is_stripped(uri: str, forwarded: str) -> None:
    """SRV-7: RFC 3261 §16.4."""
    bench = Bench()
    bench.forwarded(uri=uri)
    assert [request.uri for request in bench.asked] == [forwarded]


@pytest.mark.parametrize(
    ("uri", "host", "transport"),
    [
        ("sip:bob@example.com;maddr=203.0.113.7", "203.0.113.7", "UDP"),
        ("sip:bob@example.com;maddr=192.0.2.10;transport=tcp", "192.0.2.10", "TCP"),
        ("sip:bob@example.com:5070;maddr=192.0.2.10", "192.0.2.10", "UDP"),
    ],
)
def test_another_maddr_is_the_only_target(uri: str, host: str, transport: str) -> None:
    """SRV-7: RFC 3261 §16.4, §16.5: also ours at another port or over another transport."""
    bench = Bench()
    copy, endpoint = bench.forwarded(uri=uri)
    assert copy.uri == uri
    assert endpoint[:2] == (transport, host)
    assert bench.asked == []


# Targets (§16.5)


@pytest.mark.parametrize(
    ("uri", "asked"),
    [
        ("sip:bob@example.com", True),
        ("sip:bob@EXAMPLE.COM:5099;transport=tcp", True),
        ("sip:192.0.2.10", True),
        ("tel:+15551234", True),
        (FOREIGN, False),
    ],
)
def test_the_router_is_asked_for_what_is_ours_only(uri: str, asked: bool) -> None:
    """SRV-7: RFC 3261 §16.5."""
    bench = Bench()
    copy, _ = bench.forwarded(uri=uri)
    assert bool(bench.asked) is asked
    assert copy.uri == ("sip:bob@192.0.2.101" if asked else uri)


# The copy (§16.6)


def test_the_copy_is_the_request_with_a_few_changes() -> None:
    """SRV-7: RFC 3261 §16.6 items 1 to 3 and 8: order, spelling and body stay."""
    bench = Bench([Target(uri="sip:bob@192.0.2.101;method=REFER?Subject=x")], record_route=False)
    original = bench.request(
        extra=[("X-B", "1"), ("Subject", "two  spaces"), ("x-a", "2"), ("X-B", "3")], body=b"hi"
    )
    bench.send(original)
    ((copy, _),) = bench.sent()
    assert isinstance(copy, Request)
    assert copy.uri == "sip:bob@192.0.2.101"
    assert copy.get("max-forwards") == "69"
    changed = ("via", "max-forwards", "max-breadth", "content-length")
    assert [f for f in copy.fields if f[0] not in changed] == [
        f for f in original.fields if f[0] not in changed
    ]
    assert copy.body == b"hi"
    assert [via.sent_by for via in copy.vias] == [("192.0.2.10", 5060), ("192.0.2.1", 5060)]
    assert copy.via.has_rport


def test_max_forwards_is_added_where_it_is_missing() -> None:
    """SRV-7: RFC 3261 §16.6 item 3."""
    assert Bench().forwarded(max_forwards="")[0].max_forwards == 70
    assert Bench().forwarded(max_forwards="1")[0].max_forwards == 0


def test_a_target_may_bring_routes_and_fields() -> None:
    """SRV-7: RFC 3261 §16.6 items 5 and 6, RFC 3327 §5.3."""
    target = Target(
        uri="sip:bob@198.51.100.3",
        routes=("<sip:203.0.113.1;lr>", "<sip:203.0.113.2;lr>"),
        headers=(("P-Called-Party-ID", "<sip:bob@example.com>"), ("X-One", "new")),
    )
    copy, endpoint = Bench([target]).forwarded(routes=[OWN, "<sip:203.0.113.8;lr>"], extra=[("X-One", "old")])
    assert copy.routes == ["<sip:203.0.113.1;lr>", "<sip:203.0.113.2;lr>", "<sip:203.0.113.8;lr>"]
    assert copy.get("p-called-party-id") == "<sip:bob@example.com>"
    assert copy.get_all("x-one") == ["new", "old"]
    assert endpoint.host == "203.0.113.1"


@pytest.mark.parametrize(
    ("uri", "route", "transport", "port"),
    [
        ("sips:bob@198.51.100.3", "", "TLS", 5061),
        ("sips:bob@198.51.100.3", "<sip:203.0.113.1;lr>", "TLS", 5061),
        ("sips:bob@198.51.100.3", "<sip:203.0.113.1:5070;transport=tcp;lr>", "TLS", 5070),
        ("sips:bob@198.51.100.3;transport=ws", "", "WSS", 443),
        ("sip:bob@198.51.100.3;transport=tcp", "<sip:203.0.113.1;lr>", "UDP", 5060),
    ],
)
def test_the_next_hop_of_a_secure_target_is_secure(uri: str, route: str, transport: str, port: int) -> None:
    """SRV-7: RFC 3261 §16.6 item 7."""
    copy, endpoint = Bench().forwarded(uri=uri, routes=[route] if route else [])
    assert (endpoint.transport, endpoint.port) == (transport, port)
    assert copy.via.transport == transport
    assert copy.via.sent_by == SENT_BY[transport]


# Record-Route (§16.6 item 4, §16.7 item 8)


@pytest.mark.parametrize(
    ("received", "target", "values"),
    [
        ("UDP", "sip:bob@192.0.2.101", ["sip:192.0.2.10:5060;lr"]),
        ("TCP", "sip:bob@192.0.2.101;transport=tcp", ["sip:192.0.2.10:5060;transport=tcp;lr"]),
        ("UDP", "sip:bob@192.0.2.101;transport=tcp",
         ["sip:192.0.2.10:5060;transport=tcp;lr", "sip:192.0.2.10:5060;lr"]),
        ("WS", "sip:bob@192.0.2.101", ["sip:192.0.2.10:5060;lr", "sip:192.0.2.10:80;transport=ws;lr"]),
        ("WSS", "sips:bob@192.0.2.101", ["sips:192.0.2.10:5061;lr", "sips:192.0.2.10:443;transport=ws;lr"]),
        ("TLS", "sip:bob@192.0.2.101;transport=tls", ["sip:192.0.2.10:5061;transport=tls;lr"]),
        ("TLS", "sips:bob@192.0.2.101", ["sips:192.0.2.10:5061;lr"]),
        ("TLS", "sip:bob@192.0.2.101", ["sip:192.0.2.10:5060;lr", "sips:192.0.2.10:5061;lr"]),
        ("TCP", "sips:bob@192.0.2.101", ["sips:192.0.2.10:5061;lr", "sip:192.0.2.10:5060;transport=tcp;lr"]),
    ],
)  # fmt: skip
def test_record_route_suits_both_sides(received: str, target: str, values: list[str]) -> None:
    """SRV-7: RFC 3261 §16.6 item 4, §16.7 item 8: one value, or one for each side, the outer on top.

    ``sips`` is followed by ``sips``; what came over TLS and leaves without it says so on each side.
    """
    bench = Bench([Target(uri=target)])
    copy, _ = bench.forwarded(
        at(received), transport=received, extra=[("Record-Route", "<sip:203.0.113.9;lr>")]
    )
    assert copy.record_routes == [*[f"<{value}>" for value in values], "<sip:203.0.113.9;lr>"]


@pytest.mark.parametrize(
    ("received", "target", "count"),
    [
        ("UDP", "sip:b@192.0.2.101;transport=tcp", 0),
        ("TLS", "sips:b@192.0.2.101", 0),
        ("UDP", "sips:b@192.0.2.101", 2),
        ("TLS", "sip:b@192.0.2.101", 2),
        ("TLS", "sip:b@192.0.2.101;transport=tls", 1),
    ],
)
def test_a_proxy_that_does_not_want_to_stay_does_where_tls_begins_or_ends(
    received: str, target: str, count: int
) -> None:
    """SRV-7: RFC 3261 §16.6 item 4."""
    bench = Bench([Target(uri=target)], record_route=False)
    assert len(bench.forwarded(at(received), transport=received)[0].record_routes) == count


def test_a_secure_route_makes_record_route_secure() -> None:
    """SRV-7: RFC 3261 §16.6 item 4: the topmost Route counts like the Request-URI."""
    copy, endpoint = Bench().forwarded(
        at("TLS"), uri=FOREIGN, routes=["<sips:203.0.113.1;lr>"], transport="TLS"
    )
    assert endpoint.transport == "TLS"
    assert copy.record_routes == ["<sips:192.0.2.10:5061;lr>"]


@pytest.mark.parametrize(
    ("method", "recorded"),
    [(method, True) for method in ("INVITE", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE", "FROB")]
    + [(method, False) for method in ("REGISTER", "OPTIONS", "MESSAGE", "BYE", "ACK")],
)
def test_record_route_is_for_what_may_open_or_refresh_a_dialog(method: str, recorded: bool) -> None:
    """SRV-7: RFC 3261 §16.6 item 4: and for methods that nobody knows."""
    copy, _ = Bench().forwarded(method=method)
    assert bool(copy.record_routes) is recorded


# Flows (RFC 5626 §5.3, RFC 7118)


class FlowBook:
    """Flow tokens that are kept in a book."""

    def __init__(self) -> None:
        self.flows: dict[str, Endpoint] = {}

    def token(self, flow: Endpoint, *, needed: bool = False) -> str:
        self.flows[f"tok{flow.flow}"] = flow
        return f"tok{flow.flow}"

    def find(self, token: str) -> Endpoint | None:
        return self.flows.get(token)


def test_a_websocket_phone_is_reached_by_the_flow_in_record_route() -> None:
    """SRV-7, TRN-4: RFC 7118 §8.2, RFC 5626 §5.3: its host is `.invalid`, only its connection leads there."""
    bench = Bench(flows=FlowBook())
    phone = at("WS", "203.0.113.77", 50001, "7")
    invite, endpoint = bench.forwarded(phone, transport="WS")
    assert endpoint == at("UDP", "192.0.2.101")
    outer, inner = invite.record_routes
    assert inner == "<sip:tok7@192.0.2.10:80;transport=ws;lr>"
    # From the callee: through both values to the flow.
    target = "sip:alice@df7jal23ls0d.invalid;transport=ws"
    bye, endpoint = bench.forwarded(
        endpoint,
        method="BYE",
        uri=target,
        routes=[outer, inner],
        to_tag="a",
        cseq=2,
        via="SIP/2.0/UDP 192.0.2.101",
    )
    assert endpoint is phone
    assert (bye.uri, bye.routes, bye.via.transport) == (target, [], "WS")
    # From the phone itself: its own flow in the route sends nothing back to it.
    bye, endpoint = bench.forwarded(
        phone,
        method="BYE",
        uri="sip:bob@192.0.2.101",
        routes=[inner, outer],
        to_tag="b",
        cseq=3,
        transport="WS",
    )
    assert endpoint == at("UDP", "192.0.2.101")


def test_a_target_may_be_a_flow() -> None:
    """SRV-7, TRN-4: RFC 5626 §5.3.1: and the way back has its token."""
    phone = at("WSS", "203.0.113.77", 50001, "7")
    bench = Bench([Target(uri="sip:bob@x.invalid;transport=ws", flow=phone)], flows=FlowBook())
    copy, endpoint = bench.forwarded()
    assert endpoint is phone
    assert copy.record_routes == ["<sip:tok7@192.0.2.10:443;transport=ws;lr>", "<sip:192.0.2.10:5060;lr>"]


def test_a_flow_that_is_gone_gives_430() -> None:
    """SRV-7: RFC 5626 §5.3.1."""
    bench = Bench(flows=FlowBook())
    response = bench.answered(uri=FOREIGN, routes=["<sip:gone@192.0.2.10:80;transport=ws;lr>"])
    assert response.status_code == 430
    bench.send(bench.request("ACK", FOREIGN, routes=["<sip:gone@192.0.2.10:80;transport=ws;lr>"]))
    assert bench.lines() == []
    assert bench.stateful.statistics().dropped == 1


def test_a_forwarded_ack_has_a_branch_of_its_own_and_follows_its_routes() -> None:
    """SRV-7: RFC 3261 §16.11: without a transaction; each copy the same."""
    bench = Bench()
    ack = bench.request("ACK", FOREIGN, routes=[OWN, "<sip:203.0.113.5;lr>"], to_tag="b")
    bench.send(ack)
    bench.send(ack)
    (first, endpoint), (second, _) = bench.sent()
    assert isinstance(first, Request)
    assert first.to_bytes() == second.to_bytes()
    assert endpoint == at("UDP", "203.0.113.5")
    assert first.max_forwards == 69
    assert first.via.branch.startswith("z9hG4bK")
    assert bench.stateful.statistics().transactions == 0
    bench.send(bench.request("ACK", FOREIGN, max_forwards="0"))
    bench.send(bench.request("ACK", FOREIGN, extra=[("Route", "<broken")]), CALLER)
    bench.send(bench.request("ACK", "tel:+1", routes=["<tel:+1>"]), CALLER)
    assert bench.lines() == []
    assert bench.stateful.statistics().dropped == 3
