"""Every message of RFC 4475, RFC 5118 and the examples of twelve RFCs, with its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from sansio_sip.errors import ParseError
from sansio_sip.framing import receive_datagram
from sansio_sip.message import NameAddr, ParseMode, Request, Response, Uri, Via, parse_message, unescape
from tests.sip.vectors import EXAMPLES, TORTURE, Vector, octets

# Their layer is above the parser, yet no layer could use them: the check refuses them already.
CHECKED_EARLY = {"rfc4475/insuf", "rfc4475/multi01"}

# Printed in RFCs against their own grammar: placeholders for URIs, lines of dots, stray semicolons,
# addresses without scheme. Lenient reading takes them.
STRICTLY_WRONG = {
    "rfc3261/x/032",
    "rfc3515/4/004",
    "rfc3515/4/010",
    "rfc7118/8.2/002",
    "rfc7118/8.2/004",
    "rfc3608/6.4.1/000",
    "rfc3608/6.4.1/001",
    "rfc3608/6.4.1/002",
    "rfc3608/6.4.2/006",
    "rfc3608/6.4.2/007",
    "rfc3608/6.4.2/008",
    "rfc3608/6.4.2/009",
    "rfc5626/3.2/000",
    "rfc5626/9.1/001",
}

# Where the page of the RFC breaks a value itself (a line of dots, a fold inside a URI) that header
# raises when it is typed; the message as a whole is still good for the other layers.
BROKEN_BY_PRINT = {"rfc3608": ("contact", "route", "record_route"), "rfc7118": ("contact",)}

ACCEPTED = [vector for vector in TORTURE + EXAMPLES if vector["parse"] == "accept"]
REFUSED = [vector for vector in TORTURE if vector["parse"] == "reject"]
OPEN = [vector for vector in TORTURE + EXAMPLES if vector["parse"] == "either"]


def name(vector: Vector) -> str:
    return str(vector["id"])


def read(vector: Vector, mode: ParseMode) -> Request | Response:
    message = receive_datagram(octets(vector), mode=mode)
    assert message is not None
    return message


def test_no_torture_message_is_left_out() -> None:
    """MSG-7: 50 of RFC 4475 and 12 of RFC 5118."""
    assert len(TORTURE) == 62
    assert {vector["parse"] for vector in TORTURE} == {"accept", "reject", "either"}


@pytest.mark.parametrize("vector", ACCEPTED, ids=name)
def test_a_right_message_is_accepted_leniently_and_read_right(vector: Vector) -> None:
    """MSG-1, MSG-3, MSG-6, MSG-7: compared with every field that the vector gives."""
    skipped = (
        BROKEN_BY_PRINT.get(name(vector).partition("/")[0], ()) if name(vector) in STRICTLY_WRONG else ()
    )
    message = read(vector, ParseMode.LENIENT)
    compare(message, {key: value for key, value in vector["fields"].items() if key not in skipped})


@pytest.mark.parametrize("vector", [v for v in ACCEPTED if v["id"] not in STRICTLY_WRONG], ids=name)
def test_a_right_message_is_accepted_strictly(vector: Vector) -> None:
    """MSG-6, MSG-7."""
    compare(read(vector, ParseMode.STRICT), vector["fields"])


@pytest.mark.parametrize("vector", [v for v in ACCEPTED if v["id"] in STRICTLY_WRONG], ids=name)
def test_an_example_against_the_grammar_is_refused_strictly(vector: Vector) -> None:
    """MSG-6: what lenient mode forgives is what strict mode refuses."""
    with pytest.raises(ParseError):
        read(vector, ParseMode.STRICT)


@pytest.mark.parametrize("mode", list(ParseMode))
@pytest.mark.parametrize("vector", REFUSED, ids=name)
def test_a_wrong_message_is_refused_with_the_right_class(vector: Vector, mode: ParseMode) -> None:
    """MSG-6, MSG-7: the error carries class, rule, status and what could be read."""
    with pytest.raises(ParseError) as caught:
        read(vector, mode)
    error = caught.value
    assert error.error_class == vector["error_class"]
    assert error.rule
    expected = vector.get("uas_answer", "drop")
    if expected != "drop":
        assert error.status_hint in expected
        assert isinstance(error.partial, Request)
        assert error.partial.get_all("via")


@pytest.mark.parametrize("mode", list(ParseMode))
@pytest.mark.parametrize("vector", OPEN, ids=name)
def test_a_doubtful_message_is_accepted_or_refused_but_never_crashes(vector: Vector, mode: ParseMode) -> None:
    """MSG-6, MSG-7."""
    if mode is ParseMode.STRICT:
        with pytest.raises(ParseError):
            read(vector, mode)
        return
    try:
        message = read(vector, mode)
    except ParseError:
        return
    assert message.call_id
    assert not isinstance(message, Request) or not {"<", ">"} & set(message.uri)


@pytest.mark.parametrize("vector", ACCEPTED, ids=name)
def test_what_is_written_reads_back_the_same(vector: Vector) -> None:
    """MSG-1: serialising keeps every value and the body, octet for octet."""
    message = parse_message(octets(vector))
    again = parse_message(message.to_bytes())
    assert again.body == message.body
    kept = [field for field in again.fields if field[0] != "content-length"]
    assert kept == [field for field in message.fields if field[0] != "content-length"]
    assert again.content_length == len(message.body)
    assert parse_message(again.to_bytes()).to_bytes() == again.to_bytes()


def compare(message: Request | Response, fields: Vector) -> None:
    for key, expected in fields.items():
        check = CHECKS.get(key)
        if check is not None:
            check(message, expected)
    if "body_len" in fields:
        assert len(message.body) == fields["body_len"]


def _request(message: Request | Response, expected: Vector) -> None:
    assert isinstance(message, Request)
    uri = message.request_uri
    if isinstance(uri, Uri):
        assert (uri.scheme, uri.user, uri.port) == (expected["scheme"], expected["user"], expected["port"])
        assert (f"[{uri.host}]" if uri.is_ipv6 else uri.host) == expected["host"]
        assert dict(uri.params) == expected["params"]
        assert uri.password == expected.get("password")
        if "user_decoded" in expected:
            assert unescape(uri.user or "") == expected["user_decoded"]
    else:
        assert uri.scheme.lower() == expected["scheme"]


def _address(found: NameAddr, expected: Vector) -> None:
    assert found.display_name == (expected["display"] or "")
    assert str(found.uri) == expected["uri"]
    if "tag" in expected:
        assert found.tag == (expected["tag"] or "")
    for key, value in expected.get("params", {}).items():
        assert found.param(key) == ("" if value is None else value.strip('"'))


def _contacts(message: Request | Response, expected: list[Any]) -> None:
    if expected == ["*"]:
        assert message.contact_is_star
        return
    assert len(message.contacts) == len(expected)
    for found, value in zip(message.contacts, expected, strict=True):
        _address(found, value)


def _vias(message: Request | Response, expected: list[Vector]) -> None:
    assert len(message.vias) == len(expected)
    assert message.via == message.vias[0]
    for found, value in zip(message.vias, expected, strict=True):
        assert (f"[{found.host}]" if ":" in found.host else found.host) == value["host"]
        assert (found.transport, found.port) == (value["transport"].upper(), value["port"])
        assert found.branch == (value["branch"] or "")
        if "received" in value:
            assert found.received == value["received"].strip("[]")
        assert Via.parse(str(found)) == found


def _routes(found: list[str], expected: list[str]) -> None:
    # An empty list element, as in an example of RFC 7118, is no route.
    assert [str(NameAddr.parse(value).uri) for value in found] == [uri for uri in expected if uri]


def _from(message: Request | Response, expected: Vector) -> None:
    _address(message.from_, expected)
    assert message.from_tag == message.from_.tag


def _to(message: Request | Response, expected: Vector) -> None:
    _address(message.to, expected)
    assert message.to_tag == message.to.tag


def _equal(found: object, expected: object) -> None:
    assert found == expected


def _method(message: Request | Response, expected: str) -> None:
    assert isinstance(message, Request)
    assert message.method == expected


def _status(message: Request | Response, expected: int) -> None:
    assert isinstance(message, Response)
    assert message.status_code == expected


def _reason(message: Request | Response, expected: str) -> None:
    assert isinstance(message, Response)
    assert message.reason == expected


CHECKS: dict[str, Callable[[Request | Response, Any], None]] = {
    "method": _method,
    "status": _status,
    "reason": _reason,
    "ruri": _request,
    "from": _from,
    "to": _to,
    "contact": _contacts,
    "via": _vias,
    "call_id": lambda m, e: _equal(m.call_id, e),
    "cseq": lambda m, e: _equal([m.cseq.number, m.cseq.method], e),
    "max_forwards": lambda m, e: _equal(m.max_forwards, e),
    "content_length": lambda m, e: _equal(m.content_length, e),
    "header_count": lambda m, e: _equal(len(m.fields), e),
    "header_names": lambda m, e: _equal(
        [field[1].lower() for field in m.fields], [name.lower() for name in e]
    ),
    "contact_count": lambda m, e: _equal(len(m.contacts), e),
    "route": lambda m, e: _routes(m.routes, e),
    "record_route": lambda m, e: _routes(m.record_routes, e),
    "require": lambda m, e: _equal(list(m.require), [tag.lower() for tag in e]),
    "header_values": lambda m, e: _equal({key: m.get(key) for key in e}, e),
    "body_sha256": lambda m, e: _equal(hashlib.sha256(m.body).hexdigest(), e),
    "via_count": lambda m, e: _equal(len(m.vias), e),
}
