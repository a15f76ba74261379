"""Every header field of the RFCs that this package is for: read, written, refused (MSG-3)."""

from __future__ import annotations

import base64
from typing import NamedTuple

import pytest

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.framing import receive_datagram
from sansio_sip.headers import (
    HEADER_FORMS,
    AuthValue,
    Timestamp,
    TokenValue,
    parse_auth_info,
    parse_products,
    quality_of,
    typed_values,
    write_values,
)
from sansio_sip.limits import Limits
from sansio_sip.message import MediaType, Message, NameAddr, ParseMode, Request, canonical_name, parse_message
from sansio_sip.message.names import COMPACT_FORMS, LIST_HEADERS, STANDARD_NAMES
from tests.sip.vectors import EXAMPLES, octets

# What the grammars and header tables of the RFCs define, read out of their texts.
DEFINED: dict[int, str] = {
    3261: "Accept Accept-Encoding Accept-Language Alert-Info Allow Authentication-Info Authorization CSeq "
    "Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length "
    "Content-Type Date Error-Info Expires From In-Reply-To MIME-Version Max-Forwards Min-Expires "
    "Organization Priority Proxy-Authenticate Proxy-Authorization Proxy-Require Record-Route Reply-To "
    "Require Retry-After Route Server Subject Supported Timestamp To Unsupported User-Agent Via "
    "WWW-Authenticate Warning",
    3262: "RAck RSeq",
    3323: "Privacy",
    3325: "P-Asserted-Identity P-Preferred-Identity",
    3326: "Reason",
    3327: "Path",
    3515: "Refer-To",
    3608: "Service-Route",
    3841: "Accept-Contact Reject-Contact Request-Disposition",
    3891: "Replaces",
    3892: "Referred-By",
    3903: "SIP-ETag SIP-If-Match",
    3911: "Join",
    4028: "Min-SE Session-Expires",
    4412: "Resource-Priority Accept-Resource-Priority",
    5373: "Answer-Mode Priv-Answer-Mode",
    5393: "Max-Breadth",
    5626: "Flow-Timer",
    6086: "Info-Package Recv-Info",
    6665: "Allow-Events Event Subscription-State",
    7044: "History-Info",
    8224: "Identity",
}


class Example(NamedTuple):
    """A good value, how many values it holds, and a bad one (None where every text is good)."""

    good: str
    size: int
    bad: str | None


TOKENS = Example("path, gruu", 2, "path, a b")
ROUTES = Example('<sip:p1.example.com;lr>, "P" <sips:p2.example.com>', 2, "<sip:a;lr>, sip:p2.example.com")
DIGEST = Example('Digest realm="a, b", nonce="c\\"d", algorithm=MD5', 1, 'Digest realm="a')
ADDRESS = Example('"A, B" <sip:a@b>;tag=1', 1, '"A <sip:a@b>')
SECONDS = Example("3600", 1, "1h")

EXAMPLES_BY_KEY: dict[str, Example] = {
    "accept": Example("application/sdp;level=1, text/*;q=0.5, */*", 3, "text/html, text"),
    "accept-contact": Example('*;audio;methods="INVITE,BYE";require, *', 2, "*, audio"),
    "accept-encoding": Example("gzip;q=0.5, *", 2, "gzip, a b"),
    "accept-language": Example("da, en-gb;q=0.8", 2, "da, @"),
    "accept-resource-priority": Example("ets.0, ets.1", 2, "ets.0, ets"),
    "alert-info": Example("<http://www.example.com/sounds/moo.wav>", 1, "http://www.example.com/moo.wav"),
    "allow": Example("INVITE, ACK", 2, "INVITE, A/B"),
    "allow-events": Example("dialog, presence.winfo", 2, "dialog, @"),
    "answer-mode": Example("Auto;require", 1, "@"),
    "authentication-info": Example('nextnonce="47364c23432d2e131a5fb210812c"', 1, 'nextnonce="'),
    "authorization": DIGEST,
    "call-id": Example("f81d4fae-7dec-11d0-a765-00a0c91e6bf6@foo.bar.com", 1, "a b"),
    "call-info": Example(
        "<http://a/b.jpg>;purpose=icon, <http://a/b>;purpose=info", 2, "<http://a>, http://b"
    ),
    "contact": Example('"Mr. W" <sip:w@h>;q=0.7;expires=3600, "M" <mailto:w@b>;q=0.1', 2, '<sip:a@b>, "b'),
    "content-disposition": Example("session;handling=optional", 1, "@"),
    "content-encoding": Example("gzip, tar", 2, "@"),
    "content-language": Example("fr, de", 2, "@"),
    "content-length": Example("0", 1, "-1"),
    "content-type": Example('multipart/mixed;boundary="a b"', 1, "text"),
    "cseq": Example("4711 INVITE", 1, "INVITE"),
    "date": Example("Sat, 13 Nov 2010 23:29:00 GMT", 1, "Sat, 13 Nov 2010 23:29:00 EST"),
    "error-info": Example("<sip:not-in-service-recording@atlanta.com>", 1, "sip:a@b"),
    "event": Example("dialog;id=1", 1, "a b"),
    "expires": SECONDS,
    "flow-timer": Example("126", 1, "x"),
    "from": ADDRESS,
    "history-info": Example(
        "<sip:a@b>;index=1, <sip:c@d?Reason=SIP>;index=1.1;rc=1", 2, "<sip:a@b>;index=1, <sip:c@d>"
    ),
    "identity": Example("a.b.c-_;info=<https://a/b>;alg=ES256", 1, "a b"),
    "in-reply-to": Example("70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com", 2, "a@b, a b"),
    "info-package": Example("dtmf;a=b", 1, "@"),
    "join": Example("a@b;to-tag=1;from-tag=2", 1, "a@b"),
    "max-breadth": Example("60", 1, "x"),
    "max-forwards": Example("70", 1, "256"),
    "mime-version": Example("1.0", 1, "1"),
    "min-expires": SECONDS,
    "min-se": Example("120;a=b", 1, "x"),
    "organization": Example("Boxes by Bob, Inc.; since 1901", 1, None),
    "p-asserted-identity": Example('"C" <sip:c@d>, tel:+14085264000', 2, '<sip:a@b>, "c'),
    "p-preferred-identity": Example('"C" <sip:c@d>', 1, '"c'),
    "path": ROUTES,
    "priority": Example("emergency", 1, "very urgent"),
    "priv-answer-mode": Example("Manual", 1, "@"),
    "privacy": Example("header;session;critical", 1, "none;id"),
    "proxy-authenticate": DIGEST,
    "proxy-authorization": DIGEST,
    "proxy-require": TOKENS,
    "rack": Example("776656 1 INVITE", 1, "776656"),
    "reason": Example('SIP;cause=600;text="Busy, Everywhere", Q.850;cause=17', 2, "SIP, Q.850;cause=x"),
    "record-route": ROUTES,
    "recv-info": Example("P, R;a=b", 2, "P, @"),
    "refer-to": Example("<sip:a@b?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", 1, '"a'),
    "referred-by": Example('<sip:r@h>;cid="1@2"', 1, '"a'),
    "reject-contact": Example('*;actor="msg-taker";video', 1, "video"),
    "replaces": Example("a@b;to-tag=1;from-tag=2;early-only", 1, "a@b;to-tag=1"),
    "reply-to": ADDRESS,
    "request-disposition": Example("proxy, recurse, parallel", 1, "proxy, perhaps"),
    "require": TOKENS,
    "resource-priority": Example("dsn.flash, wps.3", 2, "dsn.flash, wps"),
    "retry-after": Example("18000 (in a (long) meeting);duration=3600", 1, "later"),
    "route": ROUTES,
    "rseq": Example("988789", 1, "0"),
    "server": Example("HomeServer v2 (a (b) c) x/1.0", 1, "Home (Server"),
    "service-route": ROUTES,
    "session-expires": Example("4000;refresher=uac", 1, "4000;refresher=me"),
    "sip-etag": Example("dx200xyz", 1, "a b"),
    "sip-if-match": Example("dx200xyz", 1, "a b"),
    "subject": Example("Need more boxes; soon, please", 1, None),
    "subscription-state": Example("terminated;reason=timeout;retry-after=3", 1, "a b"),
    "supported": TOKENS,
    "timestamp": Example("54.1 0.25", 1, "now"),
    "to": ADDRESS,
    "unsupported": TOKENS,
    "user-agent": Example("Softphone/1.5 Beta (x\\)y)", 1, "@"),
    "via": Example(
        "SIP/2.0/UDP a:5060;branch=z9hG4bK1, SIP / 2.0 / TLS [2001:db8::1];branch=z9hG4bK2;rport",
        2,
        "SIP/2.0/UDP a, SIP/2.0",
    ),
    "warning": Example('307 isi.edu "a; b, c", 301 x "y"', 2, '307 isi.edu "a", 301'),
    "www-authenticate": DIGEST,
}

KEYS = sorted(HEADER_FORMS)
MANDATORY = {
    "via": "SIP/2.0/UDP a;branch=z9hG4bK1", "from": "<sip:a@b>;tag=1", "to": "<sip:a@b>", "call-id": "1",
    "cseq": "1 OPTIONS",
}  # fmt: skip


def having(name: str, *values: str) -> Message:
    request = Request("OPTIONS", "sip:bob@example.com")
    for value in values:
        request.add(name, value)
    return request


def datagram(name: str, value: str) -> bytes:
    key = canonical_name(name)[0]
    lines = {canonical_name(other)[1]: text for other, text in MANDATORY.items() if other != key}
    lines[name] = value
    return (
        "OPTIONS sip:a@b SIP/2.0\r\n" + "".join([f"{n}: {v}\r\n" for n, v in lines.items()]) + "\r\n"
    ).encode()


def test_every_header_field_of_the_rfcs_has_a_typed_form() -> None:
    """MSG-3: none is missing, none has a form without an example here."""
    defined = {name.lower() for names in DEFINED.values() for name in names.split()}
    assert defined == set(HEADER_FORMS) == set(EXAMPLES_BY_KEY)
    spelled = {name for names in DEFINED.values() for name in names.split()}
    assert spelled <= set(STANDARD_NAMES)


@pytest.mark.parametrize("key", KEYS)
def test_example_is_read_and_survives_a_round_trip(key: str) -> None:
    """MSG-3: in a field of a message, whole and value by value."""
    example = EXAMPLES_BY_KEY[key]
    values = typed_values(having(key, example.good), key, mode=ParseMode.STRICT)
    assert len(values) == example.size
    assert typed_values(having(key, write_values(key, values)), key, mode=ParseMode.STRICT) == values
    for value in values:
        assert typed_values(having(key, write_values(key, (value,))), key) == (value,)


@pytest.mark.parametrize(
    ("letter", "key"), [pair for pair in COMPACT_FORMS.items() if pair[1] in HEADER_FORMS]
)
def test_compact_form_is_the_same_header(letter: str, key: str) -> None:
    """MSG-2, MSG-3: RFC 3261 §7.3.3: also in a message that comes in."""
    message = receive_datagram(
        datagram(letter, EXAMPLES_BY_KEY[key].good if key not in MANDATORY else MANDATORY[key])
    )
    assert message is not None
    assert typed_values(message, key) == typed_values(having(key, *message.get_all(key)), key)
    assert len(typed_values(message, key)) >= 1


def test_every_compact_form_but_one_has_a_typed_form() -> None:
    """MSG-3: ``n`` is that of RFC 4474, which RFC 8224 took away."""
    assert set(COMPACT_FORMS.values()) - set(HEADER_FORMS) == {"identity-info"}


@pytest.mark.parametrize("key", [key for key in KEYS if EXAMPLES_BY_KEY[key].bad is not None])
def test_damaged_value_names_header_rule_and_place(key: str) -> None:
    """MSG-3, MSG-11: the place is that of the element at fault."""
    bad = EXAMPLES_BY_KEY[key].bad or ""
    with pytest.raises(ParseError) as caught:
        typed_values(having(key, bad), key)
    error = caught.value
    assert error.header == key
    assert error.rule.startswith("RFC ")
    assert error.position is not None
    element = HEADER_FORMS[key].listed and ", " in bad and '"b' not in bad and '"c' not in bad
    assert error.position >= bad.rindex(", ") + 2 if element else error.position >= 0
    assert 400 <= error.status_hint < 500


@pytest.mark.parametrize("key", KEYS)
def test_header_that_may_stand_once_stands_once(key: str) -> None:
    """MSG-2, MSG-3: RFC 3261 §7.3.1; others are read through all their fields."""
    example = EXAMPLES_BY_KEY[key]
    twice = having(key, example.good, example.good)
    if HEADER_FORMS[key].repeated:
        assert len(typed_values(twice, key)) == 2 * example.size
        return
    with pytest.raises(ParseError) as caught:
        typed_values(twice, key)
    assert (caught.value.error_class, caught.value.rule) == ("duplicate-header", HEADER_FORMS[key].rule)


@pytest.mark.parametrize("key", [key for key in KEYS if HEADER_FORMS[key].listed])
def test_empty_element_is_forgiven_or_not(key: str) -> None:
    """MSG-4: an empty element of a list, by mode; the place is the gap."""
    good = EXAMPLES_BY_KEY[key].good
    message = having(key, f"{good}, ,{good}")
    assert len(typed_values(message, key)) == 2 * EXAMPLES_BY_KEY[key].size
    with pytest.raises(ParseError) as caught:
        typed_values(message, key, mode=ParseMode.STRICT)
    assert (caught.value.header, caught.value.position) == (key, len(good) + 1)


@pytest.mark.parametrize(
    "key",
    ["accept", "accept-contact", "contact", "event", "from", "reason", "session-expires", "via", "min-se"],
)
def test_stray_semicolon_is_forgiven_or_not(key: str) -> None:
    """MSG-4: named ``stray-semicolon``, by mode."""
    message = having(key, f"{EXAMPLES_BY_KEY[key].good};")
    assert typed_values(message, key)
    with pytest.raises(ParseError) as caught:
        typed_values(message, key, mode=ParseMode.STRICT)
    assert caught.value.header == key


@pytest.mark.parametrize("key", KEYS)
def test_limits_hold_for_every_header(key: str) -> None:
    """MSG-9: length of a field, and elements of a list that somebody walks through."""
    name, good = canonical_name(key)[1], EXAMPLES_BY_KEY[key].good
    with pytest.raises(ParseError):
        receive_datagram(datagram(name, "a" * 300), Limits(max_header_length=256))
    if HEADER_FORMS[key].listed:
        assert key in LIST_HEADERS
        with pytest.raises(ParseError):
            receive_datagram(datagram(name, ", ".join([good] * 9)), Limits(max_list=8))


@pytest.mark.parametrize("vector", EXAMPLES, ids=lambda vector: vector["id"])
def test_headers_of_the_example_messages_are_read(vector: dict[str, str]) -> None:
    """MSG-3: every header of the messages printed in the RFCs."""
    message = parse_message(octets(vector))
    for key in sorted(message.first_values().keys() & HEADER_FORMS.keys()):
        text = ", ".join(message.get_all(key))
        if any(mark in text for mark in DEFECTS):
            with pytest.raises(ParseError):
                typed_values(message, key)
        else:
            assert typed_values(message, key) or not text


DEFECTS = (
    " . . .", "(whatever URI)", "(some different URI)", "(depends on Refer-To URI)",
    "sip:alice@example.com ;gr=", "sips:p1.atlanta.example.com;lr",
)  # fmt: skip
"""What is printed with a mistake, or only hinted at, in the RFCs."""


def test_what_has_no_typed_form_says_so() -> None:
    """MSG-3."""
    with pytest.raises(LocalProtocolError, match="x-own"):
        typed_values(having("X-Own", "1"), "x-own")
    with pytest.raises(LocalProtocolError, match="cseq"):
        write_values("cseq", ())
    assert write_values("supported", ()) == ""
    assert typed_values(having("Subject", "x"), "supported") == ()
    assert typed_values(having("Supported", ""), "supported", mode=ParseMode.STRICT) == ()


# Small forms


def test_star_and_tel_stand_in_contact() -> None:
    """MSG-3: RFC 3261 §10.2.2."""
    assert typed_values(having("m", "*"), "contact") == ("*",)


def test_quality_of_what_is_accepted() -> None:
    """MSG-3: RFC 3261 §20.1."""
    first, second = typed_values(having("Accept", "text/html;q=0.5, text/plain"), "accept")
    assert isinstance(first, MediaType)
    assert isinstance(second, MediaType)
    assert (quality_of(first), quality_of(second)) == (0.5, 1.0)
    for text in ("2", "x", "0.1234", ""):
        with pytest.raises(ParseError):
            quality_of(TokenValue.parse(f"gzip;q={text}", "accept-encoding"))


def test_timestamp_with_and_without_delay() -> None:
    """MSG-3: RFC 3261 §20.38."""
    assert Timestamp.parse("54") == Timestamp("54")
    assert Timestamp.parse("54. .5") == Timestamp("54.", ".5")
    assert str(Timestamp("54", "0.1")) == "54 0.1"


def test_products_and_comments() -> None:
    """MSG-3: RFC 3261 §20.35."""
    assert parse_products("A/1 (x (y) \\) z)  B / 2", "server") == ("A/1", "(x (y) \\) z)", "B / 2")
    assert parse_products("", "server") == ()
    with pytest.raises(ParseError) as caught:
        parse_products("A/1 (x (y)", "server")
    assert caught.value.position == 4


def test_credentials_keep_their_order_and_their_bare_words() -> None:
    """MSG-3: RFC 3261 §25.1: what servers want without quotes is written without them."""
    text = 'Digest username="a", nc=00000001, algorithm=SHA-256, stale=true, userhash=true, x="y"'
    value = AuthValue.parse(text)
    assert str(value) == text
    assert (value.param("username"), value.param("z")) == ("a", None)
    assert str(AuthValue.parse("Negotiate")) == "Negotiate"
    assert str(AuthValue.parse('Digest nc="a b"')) == 'Digest nc="a b"'
    assert parse_auth_info('qop=auth, rspauth="1"') == (("qop", "auth"), ("rspauth", "1"))


def test_uri_parameters_stay_inside_the_brackets() -> None:
    """MSG-3: RFC 3261 §20.34."""
    (route,) = typed_values(having("Path", "<sip:p;lr;x=y>;z=1"), "path")
    assert isinstance(route, NameAddr)
    assert (str(route.uri), route.params) == ("sip:p;lr;x=y", (("z", "1"),))


def test_identity_of_other_people_is_kept_as_it_is() -> None:
    """MSG-3: RFC 8224 §4: whoever checks it reads it with `IdentityHeader`."""
    token = ".".join([base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", b"{}", b"sig")])
    (value,) = typed_values(having("y", f"{token};info=<https://a/b>"), "identity")
    assert isinstance(value, TokenValue)
    assert (value.token, value.param("info")) == (token, "<https://a/b>")
