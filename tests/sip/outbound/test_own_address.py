"""Which of our addresses stands in a message, and which connection it goes by."""

from __future__ import annotations

import pytest

from sansio_sip.dialog.flow import flow_of
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response
from sansio_sip.outbound import OwnAddress, OwnAddresses, alias_of, next_hop
from sansio_sip.outbound.live_flows import LiveFlows

UDP = OwnAddress(transport="UDP", host="192.0.2.1", port=5060)
UDP_SIX = OwnAddress(transport="UDP", host="2001:db8::1", port=5060, flow="udp-1")
TCP = OwnAddress(transport="TCP", host="192.0.2.1", port=5060)
TLS = OwnAddress(transport="TLS", host="192.0.2.1", port=5061)
WSS = OwnAddress(transport="WSS", host="x.invalid", port=443, listens=False)
CONTACT = "<sip:alice@192.0.2.1:5060>"
FLOW = Endpoint("TCP", "198.51.100.7", 40_000, "tcp-1")


def addresses(*more: OwnAddress, local: dict[str, str] | None = None, contact: str = CONTACT) -> OwnAddresses:
    sent_by = {each.transport: (each.host, each.port) for each in reversed(more)} or {
        "UDP": ("192.0.2.1", 5060)
    }
    ask = None if local is None else lambda host: local.get(host, "")
    return OwnAddresses({more[0].transport if more else "UDP": ("", 0)} | sent_by, contact, more, ask)


def contact_of(
    own: OwnAddresses, endpoint: Endpoint, uri: str = "sip:bob@example.com", method: str = "INVITE"
) -> str:
    request = Request(method, uri)
    request.add("Contact", CONTACT)
    own.finish_request(request, endpoint)
    return request.get("contact") or ""


@pytest.mark.parametrize(
    ("transport", "host", "via", "contact", "secure"),
    [
        ("UDP", "192.0.2.9", "UDP 192.0.2.1:5060;rport;branch=", "sip:alice@192.0.2.1:5060", None),
        ("UDP", "2001:db8::9", "UDP [2001:db8::1]:5060;rport;branch=", "sip:alice@[2001:db8::1]:5060", None),
        (
            "TCP",
            "192.0.2.9",
            "TCP 192.0.2.1:5060;rport;alias;branch=",
            "sip:alice@192.0.2.1:5060;transport=tcp",
            None,
        ),
        (
            "TLS",
            "192.0.2.9",
            "TLS 192.0.2.1:5061;rport;alias;branch=",
            "sip:alice@192.0.2.1:5061;transport=tls",
            "sips:alice@192.0.2.1:5061",
        ),
        (
            "WSS",
            "192.0.2.9",
            "WSS x.invalid:443;rport;branch=",
            "sip:alice@x.invalid:443;transport=ws",
            "sips:alice@x.invalid:443;transport=ws",
        ),
    ],
)
def test_each_way_has_its_via_and_contact(
    transport: str, host: str, via: str, contact: str, secure: str | None
) -> None:
    """TRN-7, TRN-9."""
    own = addresses(UDP, UDP_SIX, TCP, TLS, WSS)
    endpoint = Endpoint(transport, host, 5060)
    assert own.via(endpoint) == f"SIP/2.0/{via}"
    assert own.via(endpoint) == own.via(endpoint)
    assert contact_of(own, endpoint) == f"<{contact}>"
    assert contact_of(own, endpoint, "sips:bob@example.com") == f"<{secure or contact}>"
    response = Response(200, "OK")
    response.add("Contact", CONTACT)
    own.finish_response(response, Request("INVITE", "sips:bob@example.com"), endpoint)
    assert response.get("contact") == f"<{secure or contact}>"


def test_socket_that_a_packet_leaves_by_is_named() -> None:
    """TRN-7."""
    own = addresses(UDP, OwnAddress(transport="UDP", host="192.0.2.1", port=5070, flow="udp-1"))
    assert "192.0.2.1:5070" in own.via(Endpoint("UDP", "192.0.2.9", 5060, "udp-1"))
    assert "192.0.2.1:5060" in own.via(Endpoint("UDP", "192.0.2.9", 5060))
    assert "192.0.2.1:5060" in own.via(Endpoint("UDP", "2001:db8::9", 5060))


def test_address_towards_a_peer_is_asked_for_where_it_depends_on_the_peer() -> None:
    """TRN-7: never a wildcard, and the best guess where nobody knows."""
    guess = OwnAddress(transport="UDP", host="192.0.2.1", port=5060, any_interface=True)
    own = addresses(guess, local={"127.0.0.1": "127.0.0.1", "192.0.2.9": "192.0.2.1"})
    assert "UDP 127.0.0.1:5060" in own.via(Endpoint("UDP", "127.0.0.1", 5060))
    assert contact_of(own, Endpoint("UDP", "127.0.0.1", 5060)) == "<sip:alice@127.0.0.1:5060>"
    assert contact_of(own, Endpoint("UDP", "192.0.2.9", 5060)) == CONTACT
    assert "UDP 192.0.2.1:5060" in own.via(Endpoint("UDP", "203.0.113.5", 5060))


def test_addresses_that_are_remembered_are_bounded_and_follow_the_routes() -> None:
    """TRN-7: law 8."""
    guess = OwnAddress(transport="UDP", host="192.0.2.1", port=5060, any_interface=True)
    tails = [f"{number >> 8}.{number & 255}" for number in range(5_000)]
    local = {f"10.0.{tail}": f"10.1.{tail}" for tail in tails}
    own = addresses(guess, local=local)
    for host, ours in local.items():
        assert ours in own.via(Endpoint("UDP", host, 5060))
    assert len(own) == 4_096
    local["10.0.0.1"] = "192.0.2.99"
    assert "192.0.2.99" in own.via(Endpoint("UDP", "10.0.0.1", 5060))


def test_contact_of_somebody_else_stays() -> None:
    """TRN-7."""
    own = addresses(UDP, TCP)
    tcp = Endpoint("TCP", "192.0.2.9", 5060)
    request = Request("INVITE", "sip:bob@example.com")
    request.add("Contact", "<sip:other@192.0.2.77>")
    own.finish_request(request, tcp)
    assert request.get("contact") == "<sip:other@192.0.2.77>"
    assert contact_of(addresses(), tcp) == CONTACT  # nothing more is known than one address a transport
    assert contact_of(own, Endpoint("WS", "192.0.2.9", 80)) == CONTACT
    assert contact_of(addresses(UDP, TCP, contact=""), tcp) == CONTACT
    assert contact_of(addresses(UDP, TCP, contact="<tel:+123>"), tcp) == CONTACT


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("<sip:sales@192.0.2.1:5060;ob>;q=0.5", "<sip:sales@192.0.2.1:5061;ob;transport=tls>;q=0.5"),
        ("<sip:sales@192.0.2.1:5061>", "<sip:sales@192.0.2.1:5061>"),
        ("<tel:+123>, <sip:x@192.0.2.1:5060>", "<tel:+123>, <sip:x@192.0.2.1:5061;transport=tls>"),
        ("*", "*"),
    ],
)
def test_every_contact_of_ours_names_the_address_of_its_way(given: str, written: str) -> None:
    """TRN-7, CLI-8: of other users, and of registrations; what names somebody else stays."""
    own = addresses(UDP, TLS)
    for uri, expected in [("sip:h", written), ("sips:h", written.replace("<sip:x", "<sips:x"))]:
        request = Request("REGISTER", uri)
        request.add("Contact", given)
        own.finish_request(request, Endpoint("TLS", "192.0.2.9", 5061))
        if uri == "sips:h" and "transport=tls" in written:
            expected = expected.replace("<sip:sales", "<sips:sales").replace(";transport=tls", "")
        assert request.get("contact") == expected


def request_by(flow: Endpoint | None, *vias: str) -> Request:
    request = Request("INVITE", "sip:bob@192.0.2.1")
    for via in vias:
        request.add("Via", via)
    request.source = flow
    return request


def response_by(flow: Endpoint | None) -> Response:
    response = Response(200, "OK")
    response.source = flow
    return response


VIA = "SIP/2.0/TCP 10.0.0.7:5060;branch=z9hG4bKa;alias"


def test_dialog_belongs_to_a_flow_when_the_far_end_is_its_next_element() -> None:
    """TRN-6, NAT-1."""
    target = "sip:carol@10.0.0.7"
    assert flow_of(request_by(FLOW, VIA), target, ()) == FLOW
    assert flow_of(request_by(None, VIA), target, ()) is None
    assert flow_of(request_by(FLOW, VIA, VIA), target, ()) is None
    assert flow_of(request_by(FLOW, VIA, VIA), target, ("<sip:proxy;lr>",)) == FLOW
    assert flow_of(response_by(FLOW), target, ()) is None
    assert flow_of(response_by(FLOW), f"sip:carol@{FLOW.host}", ()) == FLOW
    assert flow_of(response_by(FLOW), "sip:carol@abc.invalid;transport=ws", ()) == FLOW
    assert flow_of(response_by(FLOW), "tel:+123", ()) is None


@pytest.mark.parametrize(
    ("flow", "uri", "way"),
    [
        (FLOW, "sip:carol@10.0.0.7;transport=tcp", FLOW),
        (FLOW, "sip:carol@10.0.0.7", None),
        (FLOW, "sips:carol@10.0.0.7", None),
        (FLOW._replace(transport="TLS"), "sip:carol@10.0.0.7;transport=tcp", FLOW._replace(transport="TLS")),
        (FLOW._replace(transport="WSS"), "sip:carol@a.invalid;transport=ws", FLOW._replace(transport="WSS")),
        (FLOW._replace(flow="gone"), "sip:carol@10.0.0.7;transport=tcp", None),
        (FLOW._replace(transport="UDP"), "sip:carol@10.0.0.7", Endpoint("UDP", "10.0.0.7", 5060, "tcp-1")),
        (FLOW._replace(transport="UDP"), "sip:carol@example.com", None),
    ],
)
def test_live_flow_is_used_where_it_fits(flow: Endpoint, uri: str, way: Endpoint | None) -> None:
    """TRN-6."""
    flows = LiveFlows()
    flows.add(FLOW)
    flows.add(FLOW)
    assert flows.way(flow, next_hop(uri)) == way


def test_live_flows_are_bounded_and_forgotten() -> None:
    """TRN-13: law 8."""
    flows = LiveFlows(max_flows=2)
    for number in range(3):
        flows.add(FLOW._replace(flow=number))
    assert (len(flows), flows.dropped) == (2, 1)
    flows.forget(FLOW._replace(flow=2))
    flows.forget(Endpoint("UDP", "192.0.2.9", 5060, 1))
    assert len(flows) == 1


@pytest.mark.parametrize(
    ("via", "transport", "known", "alias"),
    [
        (VIA, "TCP", False, True),
        (VIA.replace(";alias", ""), "TCP", False, False),
        (VIA.replace("10.0.0.7", "10.0.0.8"), "TCP", True, False),
        (VIA.replace("TCP", "TLS"), "TLS", False, False),
        (VIA.replace("10.0.0.7", "proxy.example"), "TLS", True, True),
        (VIA, "WS", True, False),
        ("nonsense", "TCP", True, False),
    ],
)
def test_connection_is_an_alias_of_the_address_it_comes_from_only(
    via: str, transport: str, known: bool, alias: bool
) -> None:
    """TRN-6 (RFC 5923): nobody gets by a claim what is meant for another host."""
    source = Endpoint(transport, "10.0.0.7", 40_000, "flow")
    found = alias_of(request_by(None, via), source, authenticated=known)
    assert found == (Endpoint(transport, "10.0.0.7", 5060) if alias else None)


def test_what_happens_to_one_connection_does_not_happen_to_another() -> None:
    """TRN-10."""
    assert FLOW.meets(FLOW._replace(port=1))
    assert not FLOW.meets(FLOW._replace(flow="tcp-2"))
    assert FLOW.meets(Endpoint("TCP", "198.51.100.7", 40_000))
    assert not FLOW.meets(Endpoint("TCP", "198.51.100.7", 5060))
    tls = Endpoint("TLS", "192.0.2.9", 5061, None, "a.example")
    assert tls.meets(tls._replace(server_name=""))
    assert not tls.meets(tls._replace(server_name="b.example"))
    assert Endpoint("UDP", "192.0.2.9", 5060, "udp-1").meets(Endpoint("UDP", "192.0.2.9", 5060, "udp-2"))
