"""Builders: requests from parts, everything else from a request."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.framing import receive_datagram
from sansio_sip.message import (
    REASON_PHRASES,
    ParseMode,
    Request,
    build_ack,
    build_cancel,
    build_request,
    build_response,
    parse_message,
    reason_phrase,
)
from tests.sip.vectors import INVITE

PARTS: dict[str, Any] = {
    "method": "INVITE",
    "uri": "sip:bob@example.net",
    "via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport",
    "from_": "<sip:alice@example.com>;tag=a",
    "to": "<sip:bob@example.net>",
    "call_id": "c1",
    "cseq": 7,
}


def invite() -> Request:
    message = parse_message(INVITE)
    assert isinstance(message, Request)
    return message


def test_a_request_is_built_with_every_mandatory_field() -> None:
    """MSG-5: and passes the strict check."""
    request = build_request(
        **PARTS,
        routes=["<sip:p1;lr>", "<sip:p2;lr>"],
        extra=[("Contact", "<sip:alice@192.0.2.1>"), ("k", "timer")],
        content_type="application/sdp",
        body=b"v=0\r\n",
    )
    assert request.to_bytes() == (
        b"INVITE sip:bob@example.net SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport\r\n"
        b"Route: <sip:p1;lr>\r\n"
        b"Route: <sip:p2;lr>\r\n"
        b"Max-Forwards: 70\r\n"
        b"From: <sip:alice@example.com>;tag=a\r\n"
        b"To: <sip:bob@example.net>\r\n"
        b"Call-ID: c1\r\n"
        b"CSeq: 7 INVITE\r\n"
        b"Contact: <sip:alice@192.0.2.1>\r\n"
        b"Supported: timer\r\n"
        b"Content-Type: application/sdp\r\n"
        b"Content-Length: 5\r\n\r\nv=0\r\n"
    )
    assert receive_datagram(request.to_bytes(), mode=ParseMode.STRICT) is not None


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("method", "IN VITE"),
        ("method", ""),
        ("uri", ""),
        ("uri", "sip:a b"),
        ("uri", "<sip:a>"),
        ("uri", "sip:a\r\nX:y"),
        ("via", "x\r\nX: y"),
        ("from_", "x\ny"),
        ("to", "x\0"),
        ("call_id", "a\r\n\r\n"),
        ("cseq", 2**31),
        ("cseq", -1),
        ("max_forwards", 256),
        ("routes", ["<sip:a>\r\nX: y"]),
        ("extra", [("X", "a\r\nY: b")]),
        ("extra", [("X Y", "a")]),
        ("content_type", "a\r\nb: c"),
        ("body", b"x"),
    ],
)
def test_a_request_with_a_part_that_cannot_be_sent_is_refused(part: str, value: object) -> None:
    """MSG-9: injection and ranges."""
    with pytest.raises(LocalProtocolError):
        build_request(**{**PARTS, part: value})


def test_a_response_copies_the_raw_fields_of_its_request() -> None:
    """MSG-5 (RFC 3261 §8.2.6): Via, From, To with our tag, Call-ID, CSeq; Record-Route into a 2xx."""
    response = build_response(invite(), 200, to_tag="t9", extra=[("Contact", "<sip:bob@192.0.2.4>")])
    assert response.to_bytes() == (
        b"SIP/2.0 200 OK\r\n"
        b"Via: SIP/2.0/UDP 198.51.100.23:5060;branch=z9hG4bK74bf9;rport\r\n"
        b'From: "Alice Example" <sip:alice@example.com>;tag=9fxced76sl\r\n'
        b'To: "Bob" <sip:bob@example.net>;tag=t9\r\n'
        b"Call-ID: 3848276298220188511@client.example.com\r\n"
        b"CSeq: 1 INVITE\r\n"
        b"Record-Route: <sip:p2.example.net;lr>, <sip:p1.example.com;lr>\r\n"
        b"Contact: <sip:bob@192.0.2.4>\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("status", "method", "copied"),
    [
        (180, "INVITE", True),
        (200, "INVITE", True),
        (100, "INVITE", False),
        (486, "INVITE", False),
        (200, "BYE", False),
        (200, "SUBSCRIBE", True),
    ],
)
def test_record_route_goes_only_into_what_makes_a_dialog(status: int, method: str, copied: bool) -> None:
    """MSG-5 (RFC 3261 §12.1.1)."""
    request = invite()
    request.method = method
    assert bool(build_response(request, status, to_tag="t").record_routes) is copied


def test_a_100_gets_the_timestamp_and_no_tag() -> None:
    """MSG-5 (RFC 3261 §8.2.6.1)."""
    request = invite()
    request.add("Timestamp", "54")
    trying = build_response(request, 100, to_tag="t")
    assert (trying.get("timestamp"), trying.to_tag) == ("54", "")
    assert build_response(request, 180, to_tag="t").get("timestamp") is None


def test_a_tag_that_is_there_is_kept() -> None:
    """MSG-5: also in a spelling that the fast path does not know."""
    request = invite()
    for value in ("<sip:b@h>;tag=old", "<sip:b@h> ; Tag = old"):
        request.set("To", value)
        assert build_response(request, 200, to_tag="new").get_all("to") == [value]


def test_a_damaged_request_can_still_be_answered() -> None:
    """MSG-5: what is there is copied."""
    request = Request("INVITE", "sip:h")
    request.add("To", '"broken <sip:b@h>;tag')
    response = build_response(request, 400, to_tag="t")
    assert response.get("to") == '"broken <sip:b@h>;tag'


@pytest.mark.parametrize(
    "options",
    [
        {"status_code": 99},
        {"status_code": 700},
        {"reason": "a\r\nb"},
        {"to_tag": "a;b"},
        {"body": b"x"},
        {"extra": [("X", "\n")]},
    ],
)
def test_a_response_that_cannot_be_sent_is_refused(options: dict[str, Any]) -> None:
    """MSG-9."""
    with pytest.raises(LocalProtocolError):
        build_response(invite(), **{"status_code": 200, **options})


def test_phrases_follow_the_registry() -> None:
    """MSG-12: and an unknown code gets the name of its class."""
    assert REASON_PHRASES[488] == "Not Acceptable Here"
    assert (reason_phrase(480), reason_phrase(499), reason_phrase(199)) == (
        "Temporarily Unavailable",
        "Request Failure",
        "Early Dialog Terminated",
    )
    assert build_response(invite(), 486, "").to_bytes().startswith(b"SIP/2.0 486 \r\n")


def challenged() -> Request:
    request = build_request(
        **PARTS,
        routes=["<sip:p1;lr>"],
        extra=[("Authorization", "Digest x=1"), ("Require", "100rel"), ("Contact", "<sip:a@b>")],
    )
    request.insert_first("Via", "SIP/2.0/UDP top;branch=z9hG4bKtop")
    return request


def test_an_ack_of_a_failure_belongs_to_the_transaction_of_its_invite() -> None:
    """MSG-10 (RFC 3261 §17.1.1.3, §22.1): same branch and Request-URI, To of the response."""
    request = challenged()
    ack = build_ack(request, build_response(request, 486, to_tag="busy"))
    assert ack.to_bytes() == (
        b"ACK sip:bob@example.net SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP top;branch=z9hG4bKtop\r\n"
        b"Route: <sip:p1;lr>\r\n"
        b"Max-Forwards: 70\r\n"
        b"From: <sip:alice@example.com>;tag=a\r\n"
        b"To: <sip:bob@example.net>;tag=busy\r\n"
        b"Call-ID: c1\r\n"
        b"CSeq: 7 ACK\r\n"
        b"Authorization: Digest x=1\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


def test_a_cancel_copies_its_invite_without_require() -> None:
    """MSG-2 (RFC 3261 §9.1): one Via, same To without tag, same routes."""
    cancel = build_cancel(challenged())
    assert [field[1:] for field in cancel.fields] == [
        ("Via", "SIP/2.0/UDP top;branch=z9hG4bKtop"),
        ("Route", "<sip:p1;lr>"),
        ("Max-Forwards", "70"),
        ("From", "<sip:alice@example.com>;tag=a"),
        ("To", "<sip:bob@example.net>"),
        ("Call-ID", "c1"),
        ("CSeq", "7 CANCEL"),
    ]
    assert (cancel.method, cancel.uri) == ("CANCEL", "sip:bob@example.net")
