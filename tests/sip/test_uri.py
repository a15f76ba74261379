"""URIs: parts, escapes and equality."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import ParseError
from sansio_sip.message import AbsoluteUri, TelUri, Uri, parse_uri, unescape, uris_equal

ROUND_TRIPS = [
    "sip:alice@example.com",
    "sips:bob@[2001:db8::1]:5061;transport=tcp;lr",
    "sip:192.0.2.1",
    "sip:user:secret@host:5060;maddr=239.255.255.1;ttl=15?subject=project%20x&priority=urgent",
    "sip:%61lice;day=tuesday@atlanta.com;%6C%72;n%61me=v%61lue",
    "tel:+1-201-555-0123;phone-context=example.com",
    "urn:service:sos",
]


@pytest.mark.parametrize("text", ROUND_TRIPS)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    """MSG-4."""
    assert str(parse_uri(text)) == text


def test_the_parts_of_a_sip_uri_are_found() -> None:
    """MSG-4: user, password, host without brackets, port, parameters, headers."""
    uri = Uri.parse("SIP:a;b:pw@[2001:DB8::1]:5070;Transport=TCP;lr?Subject=x%20y&q")
    assert uri == Uri(
        "sip",
        "2001:DB8::1",
        "a;b",
        "pw",
        5070,
        (("Transport", "TCP"), ("lr", None)),
        (("Subject", "x%20y"), ("q", None)),
    )
    assert uri.is_ipv6
    assert uri.transport == "tcp"
    assert (uri.param("lr"), uri.param("maddr")) == ("", None)


def test_parameters_are_unescaped_once() -> None:
    """MSG-4: names and values (RFC 3261 §19.1.2)."""
    uri = Uri.parse("sip:h;%6C%72;n%61me=v%61lue%2541")
    assert (uri.param("lr"), uri.param("name")) == ("", "value%41")
    assert unescape("null-%00-null") == "null-\0-null"


def test_a_tel_uri_has_number_and_parameters() -> None:
    """MSG-4 (RFC 3966)."""
    uri = parse_uri("tel:7042;phone-context=example.com")
    assert isinstance(uri, TelUri)
    assert (uri.scheme, uri.number, uri.param("phone-context")) == ("tel", "7042", "example.com")


def test_other_schemes_are_kept_as_they_are() -> None:
    """MSG-4."""
    assert parse_uri("soap.beep://192.0.2.103:3002") == AbsoluteUri("soap.beep", "//192.0.2.103:3002")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "alice@example.com",
        "sip:",
        "sip:@",
        "sip:2001:db8::10",
        "sip:[2001:db8::1",
        "sip:h:99999",
        "sip:h:",
        "sip:a@b@c",
        "sip:a b@c",
        "sip:h;x=<y>",
        "tel:",
        "tel:hello",
        "<sip:h>",
        "sip:h\r\nVia: x",
        "sip:ü@ü",
    ],
)
def test_what_is_no_uri_is_refused(text: str) -> None:
    """MSG-4, MSG-9."""
    with pytest.raises(ParseError) as caught:
        parse_uri(text)
    assert caught.value.error_class == "uri"


def test_only_sip_and_sips_pass_where_a_sip_uri_is_asked_for() -> None:
    """MSG-4."""
    with pytest.raises(ParseError):
        Uri.parse("tel:+123")


EQUAL = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("tel:+1-201-555-0123", "tel:+12015550123"),
    ("urn:service:sos", "urn:service:sos"),
    ("sip:bob@[2001:DB8::9:1]", "sip:bob@[2001:db8:0:0:0:0:9:01]"),
    ("sip:bob@[::ffff:192.0.2.128]", "sip:bob@[::FFFF:c000:280]"),
    ("sip:[2001:db8:::1]", "sip:[2001:DB8:::1]"),
]

DIFFERENT = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ("sip:a@h;maddr=192.0.2.1", "sip:a@h"),
    ("sip:a@h;user=phone", "sip:a@h"),
    ("sip:a@h", "sips:a@h"),
    ("sip:a:pw@h", "sip:a@h"),
    ("sip:a%3Bb@h", "sip:a;b@h"),
    ("sip:a@h", "tel:1"),
    ("sip:bob@[2001:db8::1]", "sip:bob@[2001:db8::2]"),
    ("sip:bob@[2001:db8::1]", "sip:bob@[2001:db8:::1]"),
    ("sip:bob@[2001:db8::1]", "sip:bob@example.com"),
]


@pytest.mark.parametrize(("one", "two"), EQUAL)
def test_equivalent_uris_are_equal_both_ways(one: str, two: str) -> None:
    """MSG-4: the lists of RFC 3261 §19.1.4; IPv6 by what it means (RFC 5954 §4.2)."""
    assert uris_equal(parse_uri(one), parse_uri(two))
    assert uris_equal(parse_uri(two), parse_uri(one))


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_different_uris_are_not_equal_both_ways(one: str, two: str) -> None:
    """MSG-4: the lists of RFC 3261 §19.1.4."""
    assert not uris_equal(parse_uri(one), parse_uri(two))
    assert not uris_equal(parse_uri(two), parse_uri(one))


@settings(max_examples=150)
@given(st.text(alphabet='sip:@;=?&%[]0a.-<> \t"é', max_size=40))
def test_any_text_is_a_uri_that_reads_back_or_an_error(text: str) -> None:
    """MSG-4, MSG-9."""
    try:
        uri = parse_uri("sip:" + text)
    except ParseError:
        return
    again = parse_uri(str(uri))
    assert uris_equal(again, uri)
    assert str(again) == str(uri)
