"""Identity: tokens as they are written, signed requests, and what is wrong with those that prove nothing."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.auth import (
    Claims,
    IdentityFault,
    IdentityHeader,
    Passport,
    canonical_json,
    parse_passport,
    read_identities,
    sign_identity,
    verify_identity,
)
from sansio_sip.auth.identity_claims import destination_of, media_keys, originator_of
from sansio_sip.auth.passport import signing_input, write_passport
from sansio_sip.errors import LocalProtocolError, ParseError, RemoteProtocolError
from sansio_sip.message import Request
from tests.sip.auth import p256

NOW = 1_443_208_345.0
INFO = "https://cert.example.org/passport.cer"
KEY = 0xC0FFEE
PUBLIC = p256.multiply(KEY, p256.G)

# RFC 8225, appendix A.
HEADER = {"alg": "ES256", "typ": "passport", "x5u": "https://cert.example.org/passport.cer"}
PAYLOAD: dict[str, Any] = {
    "dest": {"uri": ["sip:alice@example.com"]},
    "iat": 1471375418,
    "orig": {"tn": "12155551212"},
}
SIGNED = (
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9"
    ".eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6MTQ3MTM3NTQxOCwib3JpZyI6eyJ0biI6IjEyMTU1"
    "NTUxMjEyIn19"
)
SIGNATURE = "VLBCIVDCaeK6M4hLJb6SHQvacAQVvoiiEOWQ_iUkqk79UD81fHQ0E1b3_GluIkba7UWYRM47ZbNFdOJquE35cw"


def sign(data: bytes) -> bytes:
    return p256.sign(KEY, data)


def check(data: bytes, signature: bytes) -> bool:
    return p256.verify(PUBLIC, data, signature)


def fast_sign(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def fast_check(data: bytes, signature: bytes) -> bool:
    return signature == fast_sign(data)


def invite(
    from_: str = "<sip:12155551212@example.com;user=phone>;tag=1",
    to: str = "<sip:alice@example.com>",
    body: bytes = b"",
) -> Request:
    """The request of RFC 8224 §5.1."""
    request = Request("INVITE", "sip:alice@example.com", body=body)
    request.add("From", from_)
    request.add("To", to)
    request.add("Date", "Fri, 25 Sep 2015 19:12:25 GMT")
    return request


def signed(request: Request | None = None, **how: Any) -> Request:
    request = invite() if request is None else request
    sign_identity(
        request, how.pop("signer", fast_sign), info=INFO, wall_time=how.pop("wall_time", NOW), **how
    )
    return request


def verdict(request: Request, **how: Any) -> Claims | IdentityFault:
    (identity,) = read_identities(request)
    return verify_identity(
        request, identity, how.pop("check", fast_check), wall_time=how.pop("wall_time", NOW), **how
    )


# RFC 8225


def test_the_token_of_the_rfc_is_written() -> None:
    """SEC-2, RFC 8225 §6, §9, appendix A: canonical JSON, base64url, the dots."""
    assert signing_input(HEADER, PAYLOAD) == SIGNED
    octets = base64.urlsafe_b64decode(SIGNATURE + "==")
    assert write_passport(SIGNED, octets, compact=False) == f"{SIGNED}.{SIGNATURE}"
    assert write_passport(SIGNED, octets, compact=True) == f"..{SIGNATURE}"  # §7


def test_the_token_of_the_rfc_is_read() -> None:
    """SEC-2, RFC 8225 appendix A and §7.1."""
    passport = parse_passport(f"{SIGNED}.{SIGNATURE}")
    assert (passport.header, passport.payload, passport.signed) == (HEADER, PAYLOAD, SIGNED)
    assert len(passport.signature) == 64
    assert not passport.compact
    compact = parse_passport(f"..{SIGNATURE}")
    assert compact.compact
    assert compact == Passport(None, None, passport.signature)


def test_json_has_one_form() -> None:
    """SEC-2, RFC 8225 §9, §9.1: keys in order at every depth, no white space, lower-case literals."""
    value: Any = {"b": [{"z": 1, "a": True}], "a": {"d": None, "c": "é"}}
    assert canonical_json(value) == '{"a":{"c":"é","d":null},"b":[{"a":true,"z":1}]}'


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "..", ".a.b", "a..b", "%.%.%", "e30.e30.=", "e30.W10.AA", "e30.e3.AA", "a.b.c.d",
     "e30.e30.A", "é.é.é", ".." + "A" * 9000,
     "e30." + base64.urlsafe_b64encode(b"[" * 3000).decode() + ".AA"],
)  # fmt: skip
def test_a_token_that_cannot_be_read_is_a_parse_error(text: str) -> None:
    """SEC-2, law 5: nesting without end too."""
    with pytest.raises(ParseError) as caught:
        parse_passport(text)
    assert caught.value.status_hint == 438


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='abeyJ0._-=/ ;<>é"', max_size=60))
def test_no_text_gives_another_error(text: str) -> None:
    """SEC-2, law 5."""
    try:
        IdentityHeader.parse(text)
    except ParseError:
        pass


def test_media_keys_are_sorted() -> None:
    """SEC-2, RFC 8225 §5.2.2: the example of the RFC; equal ones once."""
    first = b"4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1"
    second = (
        b"02:1a:CC:54:27:AB:EB:9C:53:3F:3E:4B:65:2E:7D:46:3F:54:42:CD:54:F1:7A:03:A2:7D:F9:B0:7F:46:19:B2"
    )
    body = b"v=0\r\n" + b"".join(
        b"a=fingerprint:%s %s\r\n" % pair
        for pair in ((b"sha-256", first), (b"SHA-256", second), (b"sha-256", first))
    )
    assert media_keys(body) == [
        {"alg": "sha-256", "dig": "021ACC5427ABEB9C533F3E4B652E7D463F5442CD54F17A03A27DF9B07F4619B2"},
        {"alg": "sha-256", "dig": "4AADB9B13F82183B540212DF3E5D496B19E57CAB3E4B652E7D463F5442CD54F1"},
    ]
    assert media_keys(b"") == []


# RFC 8224 §8


@pytest.mark.parametrize(
    ("uri", "claim"),
    [
        ("sip:12155551212@example.com;user=phone", {"tn": "12155551212"}),
        ("sip:+1-215-555-1212@example.com", {"tn": "12155551212"}),
        ("sip:+1(215)555.1212;ext=3@example.com;user=phone", {"tn": "12155551212"}),
        ("tel:+1-215-555-1212", {"tn": "12155551212"}),
        ("tel:*67#;phone-context=+1", {"tn": "*67#"}),
        ("sip:5551212@example.com;user=phone", {"tn": "12155551212"}),
        ("sip:5551212@example.com", {"uri": "sip:5551212@example.com"}),
        ("sip:Alice:pw@EXAMPLE.com:5070;transport=tcp?a=b", {"uri": "sip:alice@example.com"}),
        ("sips:%61%2Fb%c3%a9@h", {"uri": "sips:a%2Fb%C3%A9@h"}),
        ("sip:example.com", {"uri": "sip:example.com"}),
        ("sip:a@[2001:DB8::1]:5060", {"uri": "sip:a@[2001:db8::1]"}),
        ("sip:phone@h;user=phone", {"uri": "sip:phone@h"}),
        ("mailto:a@b", {"uri": "mailto:a@b"}),
    ],
)
def test_addresses_have_one_form(uri: str, claim: dict[str, str]) -> None:
    """SEC-2, RFC 8224 §8.1, §8.3, §8.5: numbers and addresses, in From and in To."""

    def rule(digits: str) -> str:
        return f"1215{digits}" if len(digits) == 7 else digits

    request = invite(f"<{uri}>;tag=1", f"<{uri}>")
    assert originator_of(request, rule) == claim
    ((kind, value),) = claim.items()
    assert destination_of(request, rule) == {kind: [value]}


# Signing and checking


def test_the_example_of_the_rfc() -> None:
    """SEC-2, RFC 8224 §4.1, §5.1: header and payload from From, To and Date."""
    seen: list[bytes] = []

    def signer(data: bytes) -> bytes:
        seen.append(data)
        return b"s"

    request = signed(signer=signer, compact=True)
    header, _, payload = seen[0].decode().partition(".")
    assert base64.urlsafe_b64decode(header + "==").decode() == (
        '{"alg":"ES256","typ":"passport","x5u":"https://cert.example.org/passport.cer"}'
    )
    assert base64.urlsafe_b64decode(payload + "==").decode() == (
        '{"dest":{"uri":["sip:alice@example.com"]},"iat":1443208345,"orig":{"tn":"12155551212"}}'
    )
    assert request.get("identity") == f"..cw;info=<{INFO}>;alg=ES256"


@pytest.mark.parametrize("compact", [False, True])
def test_a_signed_request_is_proved(compact: bool) -> None:
    """SEC-2, RFC 8224 §6.1, §6.2: ES256 with a real key; another key proves nothing."""
    request = signed(signer=sign, compact=compact)
    claims = verdict(request, check=check)
    assert claims == {
        "orig": {"tn": "12155551212"},
        "dest": {"uri": ["sip:alice@example.com"]},
        "iat": 1443208345,
    }
    other = p256.multiply(KEY + 1, p256.G)
    fault = verdict(request, check=lambda data, signature: p256.verify(other, data, signature))
    assert fault == IdentityFault(438, "Invalid Identity Header")


def test_a_date_is_added_where_there_is_none() -> None:
    """SEC-2, RFC 8224 §6.1, step 3."""
    request = invite()
    request.remove("date")
    signed(request, compact=True)
    assert request.get("date") == "Fri, 25 Sep 2015 19:12:25 GMT"
    assert not isinstance(verdict(request), IdentityFault)


@pytest.mark.parametrize("offset", [-61, 61])
def test_a_request_with_a_wrong_date_is_not_signed(offset: int) -> None:
    """SEC-2, RFC 8224 §4.1, §6.1: a minute."""
    with pytest.raises(RemoteProtocolError) as caught:
        signed(wall_time=NOW + offset)
    assert caught.value.status_hint == 403


@pytest.mark.parametrize("how", [{"compact": True, "ppt": "shaken"}, {"compact": True, "claims": {"a": 1}}])
def test_extensions_need_the_full_form(how: dict[str, Any]) -> None:
    """SEC-2, RFC 8224 §6.1, RFC 8225 §8.1."""
    with pytest.raises(LocalProtocolError):
        signed(**how)


@pytest.mark.parametrize("info", ["", "https://a>b", "a b", 'a"b', "https://a\r\nX: y"])
def test_an_info_that_breaks_the_header_is_refused(info: str) -> None:
    """SEC-2, MSG-9."""
    request = invite()
    with pytest.raises(LocalProtocolError):
        sign_identity(request, fast_sign, info=info, wall_time=NOW)
    assert request.get("identity") is None


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize(("offset", "fresh"), [(-60, True), (60, True), (61, False), (-61, False)])
def test_a_stale_date_proves_nothing(compact: bool, offset: int, fresh: bool) -> None:
    """SEC-2, RFC 8224 §6.2, step 4, §6.2.2: 403 "Stale Date"."""
    found = verdict(signed(compact=compact), wall_time=NOW + offset)
    assert (found == IdentityFault(403, "Stale Date")) is not fresh


def test_a_date_changed_on_the_way_is_mended_by_the_full_form() -> None:
    """SEC-2, RFC 8224 §6.2, step 4: iat counts while it is fresh."""
    for compact, proved in ((False, True), (True, False)):
        request = signed(compact=compact)
        request.set("Date", "Fri, 25 Sep 2015 19:12:30 GMT")
        assert isinstance(verdict(request), IdentityFault) is not proved
    request.set("Date", "yesterday")
    assert verdict(request) == IdentityFault(438, "Invalid Identity Header")
    request.remove("date")
    assert verdict(request) == IdentityFault(438, "Invalid Identity Header")
    full = signed()
    full.remove("date")
    assert not isinstance(verdict(full), IdentityFault)


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("From", "<sip:+19995551212@example.com>;tag=1"),
        ("To", "<sip:mallory@example.com>"),
        ("To", "<sip:+12155551213@example.com>"),
        ("From", "<<"),
    ],
)
def test_another_caller_or_callee_is_found_out(compact: bool, header: str, value: str) -> None:
    """SEC-2, RFC 8224 §6.2.4, RFC 8225 §10.1: cut and paste; the caller is the one of SIP."""
    request = signed(signer=sign, compact=compact)
    request.set(header, value)
    assert verdict(request, check=check) == IdentityFault(438, "Invalid Identity Header")


@pytest.mark.parametrize("compact", [False, True])
def test_media_keys_are_covered(compact: bool) -> None:
    """SEC-2, RFC 8224 §4.1: a changed fingerprint proves nothing."""
    body = b"a=fingerprint:sha-256 AA:BB\r\n"
    request = signed(invite(body=body), signer=sign, compact=compact)
    claims = verdict(request, check=check)
    assert not isinstance(claims, IdentityFault)
    assert claims["mky"] == [{"alg": "sha-256", "dig": "AABB"}]
    request.body = b"a=fingerprint:sha-256 AA:CC\r\n"
    assert isinstance(verdict(request, check=check), IdentityFault)
    request.body = b""
    assert isinstance(verdict(request, check=check), IdentityFault)


SHAKEN = {"attest": "A", "origid": "123e4567-e89b-12d3-a456-426655440000"}


def test_shaken_claims_are_proved() -> None:
    """SEC-2, RFC 8588 §4, §5: attest and origid."""
    request = signed(signer=sign, ppt="shaken", claims=SHAKEN)
    assert (request.get("identity") or "").endswith(';alg=ES256;ppt="shaken"')
    claims = verdict(request, check=check)
    assert not isinstance(claims, IdentityFault)
    assert (claims["attest"], claims["origid"]) == ("A", SHAKEN["origid"])


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"attest": "A"},
        {"attest": "D", "origid": "x"},
        {"attest": "A", "origid": 1},
        {"attest": "A", "origid": ""},
    ],
)
def test_shaken_without_its_claims_is_invalid(claims: dict[str, Any]) -> None:
    """SEC-2, RFC 8224 §6.2.2, RFC 8588 §4."""
    assert verdict(signed(ppt="shaken", claims=claims)) == IdentityFault(438, "Invalid PASSporT")


def test_claims_of_the_request_cannot_be_replaced() -> None:
    """SEC-2, RFC 8225 §8.3: baseline claims are never removed."""
    claims = verdict(signed(claims={"orig": {"tn": "1"}, "x": 1}))
    assert not isinstance(claims, IdentityFault)
    assert (claims["orig"], claims["x"]) == ({"tn": "12155551212"}, 1)


def test_an_unknown_extension_is_not_used() -> None:
    """SEC-2, RFC 8224 §6.2, step 1, RFC 8225 §8.1; one that is known to the caller is."""
    request = signed(ppt="div", claims={"div": {"tn": "1"}})
    assert verdict(request) == IdentityFault(428, "Use Supported PASSporT Format")
    assert not isinstance(verdict(request, extensions=("div",)), IdentityFault)
    value = request.get("identity") or ""
    request.set("Identity", ".." + value.split(".", 2)[2])
    assert verdict(request, extensions=("div",)) == IdentityFault(438, "Invalid PASSporT")


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ({"alg": "none"}, {}),
        ({"typ": "jwt"}, {}),
        ({"x5u": "https://evil"}, {}),
        ({"ppt": "shaken"}, {}),
        ({}, {"iat": "1443208345"}),
        ({}, {"iat": True}),
        ({}, {"dest": {"uri": "sip:alice@example.com"}}),
        ({}, {"dest": []}),
        ({}, {"dest": {"uri": []}}),
        ({}, {"orig": None}),
        ({}, {"mky": []}),
    ],
)
def test_a_token_that_does_not_mirror_the_request_is_invalid(
    header: dict[str, Any], payload: dict[str, Any]
) -> None:
    """SEC-2, RFC 8224 §4.1, §6.2: alg, typ, x5u, ppt and each claim, however well it is signed."""
    claims = {
        "orig": {"tn": "12155551212"},
        "dest": {"uri": ["sip:alice@example.com"]},
        "iat": 1443208345,
        **payload,
    }
    text = signing_input({"alg": "ES256", "typ": "passport", "x5u": INFO, **header}, claims)
    request = invite()
    request.add("Identity", f"{write_passport(text, fast_sign(text.encode()), compact=False)};info=<{INFO}>")
    found = verdict(request)
    assert isinstance(found, IdentityFault)
    assert found.status_code == 438


def test_a_conference_may_have_more_destinations() -> None:
    """SEC-2, RFC 8224 §4.1: ours is among them."""
    claims: dict[str, Any] = {
        "orig": {"tn": "12155551212"},
        "dest": {"uri": ["sip:bob@example.com", "sip:alice@example.com"], "tn": ["1"]},
        "iat": 1443208345,
    }
    text = signing_input({"alg": "ES256", "typ": "passport", "x5u": INFO}, claims)
    request = invite()
    request.add("Identity", f"{write_passport(text, fast_sign(text.encode()), compact=False)};info=<{INFO}>")
    assert verdict(request) == claims


def test_damaged_headers_are_passed_over() -> None:
    """SEC-2, RFC 8224 §4, §6.2.1: one good header among bad ones is enough."""
    request = signed()
    good = request.get("identity")
    for value in ("x", "..AA", "..AA;info=", "..AA;info=<>", '..AA;info="x', "a.b.c;info=<x>"):
        request.insert_first("Identity", value)
    assert len(read_identities(request)) == 1
    assert good is not None
    assert (
        IdentityHeader.parse(good.replace("alg=ES256", "ALG=ES384").replace(";info", " ; info")).alg
        == "ES384"
    )
    with pytest.raises(ParseError) as caught:
        IdentityHeader.parse("..AA")
    assert caught.value.status_hint == 436


def test_the_curve_of_these_tests_is_right() -> None:
    """SEC-2: RFC 6979 §A.2.5, SHA-256, message "sample"."""
    key = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    nonce = 0xA6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60
    signature = p256.sign(key, b"sample", nonce)
    assert signature.hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )
    assert p256.verify(p256.multiply(key, p256.G), b"sample", signature)
