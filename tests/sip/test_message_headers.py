"""Typed headers: made when asked, remembered, forgotten when the field changes."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.message import CSeq, NameAddr, Request, Uri, Via, parse_message, split_list
from tests.sip.vectors import INVITE


def request(*fields: tuple[str, str]) -> Request:
    message = Request("INVITE", "sip:bob@example.net")
    for name, value in fields:
        message.add(name, value)
    return message


def test_the_headers_of_an_invite_are_typed() -> None:
    """MSG-3."""
    invite = parse_message(INVITE)
    assert isinstance(invite, Request)
    assert invite.request_uri == Uri("sip", "example.net", "bob", params=(("transport", "udp"),))
    assert invite.via.sent_by == ("198.51.100.23", 5060)
    assert (invite.via.branch, invite.via.has_rport, invite.via.rport) == ("z9hG4bK74bf9", True, None)
    assert (invite.from_.display_name, str(invite.from_.uri)) == ("Alice Example", "sip:alice@example.com")
    assert (invite.from_tag, invite.to_tag) == ("9fxced76sl", "")
    assert invite.call_id == "3848276298220188511@client.example.com"
    assert invite.cseq == CSeq(1, "INVITE")
    assert invite.contacts[0].param("+sip.instance") == "<urn:uuid:f81d>"
    assert invite.record_routes == ["<sip:p2.example.net;lr>", "<sip:p1.example.com;lr>"]
    assert (invite.max_forwards, invite.expires, invite.content_length) == (70, None, 5)
    assert invite.content_type == "application/sdp"
    assert (invite.supported, invite.require) == (("replaces", "timer"), ())
    assert invite.allow == ("INVITE", "ACK", "CANCEL", "BYE")
    assert invite.routes == []


def test_a_typed_header_is_remembered_until_its_field_changes() -> None:
    """MSG-3."""
    message = request(("From", "<sip:a@h>;tag=1"))
    first = message.from_
    assert message.from_ is first
    message.set("From", "<sip:a@h>;tag=2")
    assert message.from_tag == "2"
    assert message.from_.tag == "2"


def test_a_copy_is_independent() -> None:
    """MSG-5."""
    one = request(("From", "<sip:a@h>;tag=1"))
    two = one.copy()
    two.set("f", "<sip:b@h>;tag=2")
    assert (one.from_tag, two.from_tag) == ("1", "2")


@pytest.mark.parametrize("key", ["via", "from_", "to", "call_id", "cseq", "from_tag", "to_tag"])
def test_a_missing_mandatory_header_is_a_parse_error_when_asked_for(key: str) -> None:
    """MSG-3."""
    with pytest.raises(ParseError) as caught:
        getattr(request(), key)
    assert caught.value.error_class == "missing-header"


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("<sip:a@h>;tag=1", "1"),
        ("<sip:a@h> ; TAG = 1 ;x", "1"),
        ("sip:a@h;tag=1", "1"),
        ("<sip:a@h;tag=1>", ""),
        ('"<x>;tag=no" <sip:a@h>;x="<y>;tag=no";tag=1', "1"),
        ("<sip:a@h>;stag=1", ""),
        ("<sip:a@h>;x=tag=1", ""),
        ('"x>;tag=no" <sip:a@h>;tag=1', "1"),
        ('"x>;tag=no" <sip:a@h>', ""),
        (f"<sip:{'a' * 300}@h>;tag=1", "1"),
        (f"<sip:{'a' * 300}@h>", ""),
        ("<sip:a@h>;tag=a.b", "a.b"),
    ],
)
def test_the_tag_is_found_with_and_without_typing(value: str, tag: str) -> None:
    """MSG-3: the fast path and the grammar agree."""
    assert request(("To", value)).to_tag == tag
    assert NameAddr.parse(value, "to").tag == tag


@pytest.mark.parametrize(
    ("text", "display", "uri", "params"),
    [
        ("<sip:a@h>", "", "sip:a@h", ()),
        ("sip:a@h;x=1;flag", "", "sip:a@h", (("x", "1"), ("flag", None))),
        ("A. Bell <sip:a@h;lr>;q=0.5", "A. Bell", "sip:a@h;lr", (("q", "0.5"),)),
        (r'"a \"b\" \\ ,;<>" <sip:a@h>', 'a "b" \\ ,;<>', "sip:a@h", ()),
        ("caller<sip:a@h>", "caller", "sip:a@h", ()),
        ('<sip:a@h>;x="a;b,c";y=2', "", "sip:a@h", (("x", '"a;b,c"'), ("y", "2"))),
        ("Bob <bob@biloxi.com>;tag=1", "Bob", "bob@biloxi.com", (("tag", "1"),)),
    ],
)
def test_a_name_addr_is_read_and_written(
    text: str, display: str, uri: str, params: tuple[tuple[str, str | None], ...]
) -> None:
    """MSG-3."""
    found = NameAddr.parse(text)
    assert (found.display_name, str(found.uri), found.params) == (display, uri, params)
    assert NameAddr.parse(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        '"Mr. <sip:a@h>',
        "<sip:a@h",
        "sip:a@h>",
        "<>",
        "",
        "<sip:a@h>x",
        "<sip:a@h>;;;x",
        "<sip:a@h>;=1",
        '<sip:a@h>;x="',
    ],
)
def test_a_damaged_name_addr_is_refused(text: str) -> None:
    """MSG-3, MSG-9."""
    with pytest.raises(ParseError):
        NameAddr.parse(text)


def test_with_param_replaces_in_place_or_appends() -> None:
    """MSG-3."""
    address = NameAddr.parse("<sip:a@h>;tag=1;x")
    assert str(address.with_param("tag", "2")) == "<sip:a@h>;tag=2;x"
    assert str(address.with_param("y", None)) == "<sip:a@h>;tag=1;x;y"


def test_a_star_contact_is_no_address() -> None:
    """MSG-3 (RFC 3261 §10.2.2)."""
    message = request(("Contact", "*"))
    assert message.contact_is_star
    assert message.contacts == []


def test_lists_split_outside_quotes_and_brackets_and_across_fields() -> None:
    """MSG-1: multi-value headers."""
    message = request(("Contact", '"a, b" <sip:a@h;x=1,2>;q="1,2", <sip:b@h>,'), ("m", "sip:c@h"))
    assert message.values("contact") == ['"a, b" <sip:a@h;x=1,2>;q="1,2"', "<sip:b@h>", "sip:c@h"]
    assert split_list("a,,b , c", "allow") == ["a", "b", "c"]
    with pytest.raises(ParseError):
        split_list('"a, b', "contact")


@pytest.mark.parametrize(
    ("text", "source", "stamped"),
    [
        (
            "SIP/2.0/UDP h;branch=z;rport",
            ("192.0.2.1", 9),
            "SIP/2.0/UDP h;branch=z;rport=9;received=192.0.2.1",
        ),
        (
            "SIP/2.0/UDP 192.0.2.1;rport;branch=z",
            ("192.0.2.1", 9),
            "SIP/2.0/UDP 192.0.2.1;rport=9;branch=z;received=192.0.2.1",
        ),
        ("SIP/2.0/UDP 192.0.2.1:5060;branch=z", ("192.0.2.1", 9), "SIP/2.0/UDP 192.0.2.1:5060;branch=z"),
        (
            "SIP/2.0/UDP [2001:DB8::1];branch=z",
            ("2001:db8::2", 9),
            "SIP/2.0/UDP [2001:DB8::1];branch=z;received=2001:db8::2",
        ),
        (
            "SIP/2.0/UDP h;branch=z;received=10.0.0.1",
            ("192.0.2.1", 9),
            "SIP/2.0/UDP h;branch=z;received=192.0.2.1",
        ),
    ],
)
def test_a_via_is_stamped_with_the_source(text: str, source: tuple[str, int], stamped: str) -> None:
    """MSG-3 (RFC 3261 §18.2.1, RFC 3581 §4)."""
    assert str(Via.parse(text).stamped(*source)) == stamped


@pytest.mark.parametrize(
    ("text", "received", "rport", "sent_by"),
    [
        ("SIP/2.0/UDP Host;rport=5070;received=192.0.2.9", "192.0.2.9", 5070, ("host", 5060)),
        ("SIP / 2.0 / TLS  h : 7 ; received=[2001:db8::9]", "2001:db8::9", None, ("h", 7)),
        ("sip/2.0/tls h;rport=x", None, None, ("h", 5061)),
    ],
)
def test_the_parameters_of_a_via_are_read(
    text: str, received: str | None, rport: int | None, sent_by: tuple[str, int]
) -> None:
    """MSG-3."""
    via = Via.parse(text)
    assert (via.received, via.rport, via.sent_by) == (received, rport, sent_by)


@pytest.mark.parametrize(
    "text", ["", "SIP/2.0/UDP", "SIP/2.0/UDP h:99999", "SIP/1.0/UDP h", "SIP/2.0/UDP h;;;", "h"]
)
def test_a_damaged_via_is_refused(text: str) -> None:
    """MSG-3."""
    with pytest.raises(ParseError):
        Via.parse(text)


@pytest.mark.parametrize(
    ("key", "value", "error_class"),
    [
        ("cseq", "1", "cseq"),
        ("cseq", "x INVITE", "cseq"),
        ("cseq", "2147483648 INVITE", "number-range"),
        ("cseq", "9" * 5_000 + " INVITE", "number-range"),
        ("max_forwards", "256", "number-range"),
        ("max_forwards", "-1", "header-syntax"),
        ("expires", "٣", "header-syntax"),
        ("content_length", "1_0", "content-length"),
    ],
)
def test_numbers_are_digits_within_their_range(key: str, value: str, error_class: str) -> None:
    """MSG-3, MSG-9."""
    with pytest.raises(ParseError) as caught:
        getattr(request((key.replace("_", "-"), value)), key)
    assert caught.value.error_class == error_class


def test_fields_are_added_put_first_replaced_and_removed() -> None:
    """MSG-1: order is kept, compact names count as long ones."""
    message = request(("Via", "b"), ("To", "<sip:b@h>"), ("Via", "c"), ("X-Own", "1"))
    message.insert_first("v", "a")
    assert message.get_all("via") == ["a", "b", "c"]
    message.set("Via", "z")
    message.insert_first("Route", "<sip:r>")
    assert [field[1:] for field in message.fields] == [
        ("Route", "<sip:r>"),
        ("Via", "z"),
        ("To", "<sip:b@h>"),
        ("X-Own", "1"),
    ]
    message.remove("x-own")
    message.set("Subject", "hi")
    assert message.get("x-own") is None
    assert message.fields[-1] == ("subject", "Subject", "hi")


@pytest.mark.parametrize("writer", ["add", "insert_first", "set"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Subject", "a\r\nVia: x"),
        ("Subject", "a\nb"),
        ("Subject", "a\0b"),
        ("Bad Name", "x"),
        ("", "x"),
        ("X:", "x"),
        ("X\r\nY", "x"),
        ("Subject", "\ud800"),
    ],
)
def test_writers_refuse_injection_and_change_nothing(writer: str, name: str, value: str) -> None:
    """MSG-9."""
    message = request(("Subject", "old"))
    with pytest.raises(LocalProtocolError):
        getattr(message, writer)(name, value)
    assert message.fields == [("subject", "Subject", "old")]


def test_the_topmost_via_is_replaced_and_the_others_stay() -> None:
    """MSG-3: in a line of its own or in a list."""
    message = request(("To", "x"), ("Via", "SIP/2.0/UDP a;rport, SIP/2.0/UDP b"), ("Via", "SIP/2.0/UDP c"))
    message.replace_via(message.via.stamped("192.0.2.1", 7))
    assert message.get_all("via") == [
        "SIP/2.0/UDP a;rport=7;received=192.0.2.1, SIP/2.0/UDP b",
        "SIP/2.0/UDP c",
    ]
    assert message.via.rport == 7
    assert [via.host for via in message.vias] == ["a", "b", "c"]
    with pytest.raises(LocalProtocolError):
        message.replace_via(Via("UDP", "h\r\nX: y"))
