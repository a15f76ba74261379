"""In-dialog requests to a peer behind a NAT go where it is really reached (NAT-1)."""

from __future__ import annotations

import pytest

from sansio_sip.dialog import Dialog, dialog_from_dict, dialog_to_dict
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response

NAT = Endpoint("UDP", "198.51.100.1", 20_000)
OWN_VIA = "SIP/2.0/UDP 203.0.113.5:5060;rport;branch=z9hG4bKb"


def via(host: str, params: str = ";rport=20000;received=198.51.100.1") -> str:
    return f"SIP/2.0/UDP {host}:5060;branch=z9hG4bKa{params}"


def invite(
    contact: str = "sip:alice@192.168.1.2:5060", *vias: str, source: Endpoint | None = NAT, route: str = ""
) -> Request:
    request = Request("INVITE", "sip:bob@203.0.113.5")
    for value in vias or (via("192.168.1.2"),):
        request.add("Via", value)
    for name, value in (
        ("From", "<sip:alice@example.com>;tag=a"),
        ("To", "<sip:bob@example.com>"),
        ("Call-ID", "c"),
        ("CSeq", "1 INVITE"),
        ("Contact", f"<{contact}>"),
    ):
        request.add(name, value)
    if route:
        request.add("Record-Route", route)
    request.source = source
    return request


def answer(contact: str, *, source: Endpoint | None = NAT, own: str = OWN_VIA) -> Response:
    response = Response(200, "OK")
    for name, value in (
        ("Via", own),
        ("From", "<sip:bob@example.com>;tag=b"),
        ("To", "<sip:alice@example.com>;tag=a"),
        ("Call-ID", "c"),
        ("CSeq", "1 INVITE"),
        ("Contact", f"<{contact}>"),
    ):
        response.add(name, value)
    response.source = source
    return response


@pytest.mark.parametrize(
    ("request_", "hop"),
    [
        (invite(), "sip:198.51.100.1:20000"),
        (invite(source=None), "sip:alice@192.168.1.2:5060"),
        (invite(source=NAT._replace(transport="TCP")), "sip:alice@192.168.1.2:5060"),
        (invite(source=Endpoint("UDP", "192.168.1.2", 5060)), "sip:alice@192.168.1.2:5060"),
        # Two public addresses that contradict each other are a NAT as well: a wrong one was advertised.
        (invite("sip:alice@192.0.2.9", via("192.0.2.9")), "sip:198.51.100.1:20000"),
        # Another Contact than Via: it was chosen, as by a gateway with several addresses.
        (invite("sip:alice@192.168.1.2", via("192.168.1.3")), "sip:alice@192.168.1.2"),
        (invite("sip:alice@192.168.1.2", via("alice.example.com")), "sip:alice@192.168.1.2"),
        (invite("sip:alice@alice.example.com", via("alice.example.com")), "sip:alice@alice.example.com"),
        # Without rport the peer has not said that it hears what comes back to where it sent from.
        (invite("sip:alice@192.168.1.2", via("192.168.1.2", "")), "sip:alice@192.168.1.2"),
        # A proxy is on the way, and with a route set it knows the way.
        (invite("sip:alice@192.168.1.2", via("192.168.1.2"), via("192.168.1.2")), "sip:alice@192.168.1.2"),
        (invite(route="<sip:proxy.example.com;lr>"), "sip:proxy.example.com;lr"),
        (invite("tel:+123"), "tel:+123"),
        (
            invite("sip:a@[fd00::2]", via("[fd00::2]"), source=Endpoint("UDP", "2001:db8::9", 20_000)),
            "sip:[2001:db8::9]:20000",
        ),
    ],
)
def test_caller_is_reached_where_its_request_came_from_when_its_own_address_is_wrong(
    request_: Request, hop: str
) -> None:
    """NAT-1: and the Request-URI stays what its Contact says (RFC 3261 §12.2.1.1)."""
    dialog = Dialog.from_request(request_, "b")
    assert dialog.next_hop == hop
    contact = request_.get("contact")
    assert contact is not None
    assert dialog.request("BYE").uri == contact[1:-1]


@pytest.mark.parametrize(
    ("response", "hop"),
    [
        (answer("sip:bob@192.168.1.2"), "sip:198.51.100.1:20000"),
        (answer("sip:bob@100.64.0.2"), "sip:198.51.100.1:20000"),
        (answer("sip:bob@192.0.2.2"), "sip:bob@192.0.2.2"),
        (answer("sip:bob@192.168.1.2", source=Endpoint("UDP", "10.0.0.1", 5060)), "sip:bob@192.168.1.2"),
        # We have a private address too: perhaps it is that of a neighbour.
        (answer("sip:bob@192.168.1.2", own=via("192.168.1.9")), "sip:bob@192.168.1.2"),
        (answer("sip:bob@192.168.1.2", own=via("me.example.com")), "sip:198.51.100.1:20000"),
    ],
)
def test_callee_is_reached_where_its_answer_came_from_when_its_own_address_is_private(
    response: Response, hop: str
) -> None:
    """NAT-1."""
    ours = Request("INVITE", "sip:bob@198.51.100.1:20000")
    for name, value in (
        ("From", "<sip:bob@example.com>;tag=b"),
        ("To", "<sip:alice@example.com>"),
        ("Call-ID", "c"),
        ("CSeq", "1 INVITE"),
    ):
        ours.add(name, value)
    assert Dialog.from_response(ours, response).next_hop == hop


def test_a_new_target_brings_a_new_mapping_or_none() -> None:
    """NAT-1: the NAT may have given the peer another port, or the peer may have got a public address."""
    dialog = Dialog.from_request(invite(), "b")
    dialog.refresh_target(invite(source=NAT._replace(port=20_007)))
    assert dialog.next_hop == "sip:198.51.100.1:20007"
    nameless = invite()
    nameless.remove("contact")
    dialog.refresh_target(nameless)
    assert dialog.next_hop == "sip:198.51.100.1:20007"
    dialog.refresh_target(invite("sip:alice@203.0.113.80"))
    assert dialog.next_hop == "sip:alice@203.0.113.80"


def test_a_stored_dialog_keeps_the_mapping() -> None:
    """NAT-1, SES-29: snapshots of before it was stored are read as well."""
    stored = dialog_to_dict(Dialog.from_request(invite(), "b"))
    assert dialog_from_dict(stored).next_hop == "sip:198.51.100.1:20000"
    del stored["mapped_hop"]
    assert dialog_from_dict(stored).next_hop == "sip:alice@192.168.1.2:5060"
