"""Bodies of several parts, and pieces of messages as a body."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.message import (
    BodyPart,
    MediaType,
    Request,
    build_multipart,
    build_sipfrag,
    find_part,
    parse_message,
    parse_multipart,
    parse_sipfrag,
)
from tests.sip.vectors import EXAMPLES, octets

# RFC 2046 §5.1.1, with a preamble, an epilogue, a part without header and one without line end.
SIMPLE = (
    b"This is the preamble.  It is to be ignored, though it\r\nis a handy place for composition agents.\r\n"
    b"\r\n--simple boundary\r\n\r\nThis is implicitly typed plain US-ASCII text.\r\n"
    b"It does NOT end with a linebreak.\r\n--simple boundary\r\n"
    b"Content-type: text/plain; charset=us-ascii\r\n\r\n"
    b"This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n"
    b"\r\n--simple boundary--\r\n\r\nThis is the epilogue.  It is also to be ignored.\r\n"
)


def with_body(body: bytes, content_type: str) -> Request:
    request = Request("INVITE", "sip:bob@example.com", body=body)
    request.add("Content-Type", content_type)
    return request


def test_example_of_rfc_2046() -> None:
    """MSG-8."""
    one, two = parse_multipart(SIMPLE, 'multipart/mixed; boundary="simple boundary"')
    assert (one.content_type, one.fields) == ("text/plain", [])
    assert one.body.endswith(b"It does NOT end with a linebreak.")
    assert two.content_type == "text/plain"
    assert two.body.endswith(b"It DOES end with a linebreak.\r\n")


def test_line_ends_of_lf_alone_and_a_lost_last_boundary() -> None:
    """MSG-8: real senders."""
    one, two = parse_multipart(
        b"--x\nContent-Type: a/b\nContent-ID: <1>\n\nbody\n--x\n\nrest", "multipart/mixed;boundary=x"
    )
    assert (one.content_type, one.content_id, one.body) == ("a/b", "<1>", b"body")
    assert two.body == b"rest"


def test_empty_parts_share_their_line_ends() -> None:
    """MSG-8."""
    parts = parse_multipart(b"--x\r\n--x\r\n\r\n--x\r\nX-1: 1\r\n--x--", "multipart/mixed;boundary=x")
    assert [(part.body, part.fields) for part in parts] == [
        (b"", []),
        (b"", []),
        (b"", [("x-1", "X-1", "1")]),
    ]
    assert repr(parts[2]) == "<BodyPart text/plain 0 octets>"


def test_boundary_at_the_start_of_a_longer_line_is_none() -> None:
    """MSG-8: RFC 2046 §5.1.1."""
    (part,) = parse_multipart(b"--x\r\n\r\na--x\r\n--xy\r\n--x--", "multipart/mixed;boundary=x")
    assert part.body == b"a--x\r\n--xy"


SDP = BodyPart.of("application/sdp", b"v=0\r\n", [("Content-Disposition", "session;handling=required")])
TEXT = BodyPart.of("text/plain", b"hello")


@pytest.mark.parametrize("subtype", ["mixed", "alternative", "related"])
def test_built_body_is_read_back_and_the_description_found(subtype: str) -> None:
    """MSG-8: through the parser of messages."""
    content_type, body = build_multipart([TEXT, SDP], "b0undary", subtype)
    message = parse_message(with_body(body, content_type).to_bytes())
    parts = parse_multipart(message.body, message.get("content-type") or "")
    assert [(part.fields, part.body) for part in parts] == [(p.fields, p.body) for p in (TEXT, SDP)]
    found = find_part(message, "application/sdp", disposition="session")
    assert found is not None
    assert found.body == b"v=0\r\n"
    assert [part.disposition for part in parts] == ["", "session"]
    assert find_part(message, "application/isup") is None


def test_description_of_something_else_is_not_the_session() -> None:
    """MSG-8: RFC 5621 §5, RFC 3959: an early-session description is not the offer."""
    early = BodyPart.of("application/sdp", b"early", [("Content-Disposition", "early-session")])
    plain = BodyPart.of("Application/SDP;x=y", b"plain")
    content_type, body = build_multipart([early, plain], "x")
    message = with_body(body, content_type)
    found = find_part(message, "application/sdp", disposition="session")
    assert found is not None
    assert found.body == b"plain"
    any_found = find_part(message, "application/sdp")
    assert any_found is not None
    assert any_found.body == b"early"


def test_last_alternative_is_the_favourite() -> None:
    """MSG-8: RFC 2046 §5.1.4; nested bodies are searched."""
    alternatives = build_multipart([BodyPart.of("a/b", b"1"), BodyPart.of("a/b", b"2")], "y", "alternative")
    inner = BodyPart.of(*alternatives)
    content_type, body = build_multipart([TEXT, inner], "x")
    found = find_part(with_body(body, content_type), "a/b")
    assert found is not None
    assert found.body == b"2"


def test_nesting_has_a_limit() -> None:
    """MSG-8, SEC-2."""
    part = BodyPart.of("a/b", b"1")
    for depth in range(5):
        part = BodyPart.of(*build_multipart([part], f"x{depth}"))
    assert find_part(part, "a/b") is None
    assert find_part(parse_multipart(part.body, part.get("content-type") or "")[0], "a/b") is not None


def test_message_without_parts_is_its_own_part() -> None:
    """MSG-8."""
    message = with_body(b"v=0", "application/sdp")
    assert find_part(message, "application/sdp") is message
    assert find_part(message, "text/plain") is None
    assert find_part(Request("BYE", "sip:a@b"), "text/plain") is None


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--x\r\n\r\n--x--", "multipart/mixed"),
        (b"--x\r\n\r\n--x--", "text/plain;boundary=x"),
        (b"--x\r\n\r\n--x--", 'multipart/mixed;boundary=" "'),
        (b"--x\r\n\r\n--x--", "multipart;boundary=x"),
        (b"--x\r\n\r\n--x--", "multipart/mixed;boundary=y"),
        (b"--x--", "multipart/mixed;boundary=x"),
        (b"", "multipart/mixed;boundary=x"),
        (b"--x\r\nno header\r\n\r\n--x--", "multipart/mixed;boundary=x"),
        (b"--x\r\nA: 1\rB: 2\r\n\r\n--x--", "multipart/mixed;boundary=x"),
        (b"--x\r\nA: \0\r\n\r\n--x--", "multipart/mixed;boundary=x"),
        (b"--x\r\n" * 40, "multipart/mixed;boundary=x"),
        (b"", "?/?"),
        (b"", 'multipart/mixed;boundary="x'),
    ],
)
def test_damaged_body_is_a_parse_error(body: bytes, content_type: str) -> None:
    """MSG-8, SEC-2."""
    with pytest.raises(ParseError):
        parse_multipart(body, content_type)


@pytest.mark.parametrize(
    ("parts", "boundary"),
    [([], "x"), ([TEXT], ""), ([TEXT], "a\r\nb"), ([TEXT], "é"), ([BodyPart.of("a/b", b"--x")], "x")],
)
def test_body_that_could_not_be_read_is_not_built(parts: list[BodyPart], boundary: str) -> None:
    """MSG-8, MSG-9."""
    with pytest.raises(LocalProtocolError):
        build_multipart(parts, boundary)


def test_header_of_a_part_cannot_be_injected() -> None:
    """MSG-9."""
    with pytest.raises(LocalProtocolError):
        BodyPart.of("a/b\r\nX: y", b"")


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
@settings(max_examples=100)
def test_any_octets_survive(bodies: list[bytes]) -> None:
    """MSG-8: binary bodies."""
    content_type, body = build_multipart([BodyPart.of("a/b", each) for each in bodies], "0123456789abcdef")
    assert [part.body for part in parse_multipart(body, content_type)] == bodies


@given(
    st.lists(
        st.sampled_from([b"--x", b"--x--", b"\r\n", b"\n", b"a: b", b"\r", b" ", b"\0", b"\xff"]), max_size=20
    )
)
@settings(max_examples=200)
def test_any_octets_give_parts_or_a_parse_error(pieces: list[bytes]) -> None:
    """MSG-8, SEC-2."""
    try:
        parse_multipart(b"".join(pieces), "multipart/mixed;boundary=x")
    except ParseError:
        return


# Media types


def test_media_type() -> None:
    """MSG-3: RFC 3261 §20.15."""
    media_type = MediaType.parse('Text/HTML ; charset="ISO-8859-4"')
    assert media_type.essence == "text/html"
    assert media_type.param("charset") == "ISO-8859-4"
    assert media_type.param("x") is None
    assert str(media_type) == 'text/html;charset="ISO-8859-4"'


# message/sipfrag

VALID = [
    ("INVITE sip:alice@atlanta.com SIP/2.0", ("INVITE", None, 0)),
    ("SIP/2.0 603 Declined", ("", 603, 0)),
    (
        "REGISTER sip:atlanta.com SIP/2.0\r\nTo: sip:alice@atlanta.com\r\n"
        "Contact: <sip:alicepc@atlanta.com>;q=0.9,\r\n          <sip:alicemobile@atlanta.com>;q=0.1\r\n",
        ("REGISTER", None, 2),
    ),
    (
        "SIP/2.0 400 Bad Request\r\nWarning: 399 atlanta.com Your Event header field was malformed\r\n",
        ("", 400, 1),
    ),
    (
        "From: Alice <sip:alice@atlanta.com>\r\nTo: Bob <sip:bob@biloxi.com>\r\n"
        "Contact: <sip:alice@pc33.atlanta.com>\r\nDate: Thu, 21 Feb 2002 13:02:03 GMT\r\n"
        "Call-ID: a84b4c76e66710\r\nCseq: 314159 INVITE\r\n",
        ("", None, 6),
    ),
    ("", ("", None, 0)),
    ("\r\nbody", ("", None, 0)),
]


@pytest.mark.parametrize(("text", "expected"), VALID)
def test_valid_fragments(text: str, expected: tuple[str, int | None, int]) -> None:
    """MSG-3, SES-13: RFC 3420 §3.1."""
    fragment = parse_sipfrag(text.encode())
    assert (fragment.method, fragment.status_code, len(fragment.fields)) == expected


def test_fragment_with_a_body() -> None:
    """MSG-3: RFC 3420 §2, and lines that end in LF."""
    fragment = parse_sipfrag(b"SIP/2.0 200 OK\nContent-Type: a/b\n\nbody")
    assert (fragment.reason, fragment.get("content-type"), fragment.body) == ("OK", "a/b", b"body")
    assert parse_sipfrag(b"INVITE sip:a@b SIP/2.0\r\n").uri == "sip:a@b"


@pytest.mark.parametrize(
    "text",
    [
        "INVITE",
        "From Alice",
        "SIP/2.0 99 x",
        "SIP/3.0 200 OK",
        "A: b\rC: d",
        "A: \0",
        "IN(VITE x SIP/2.0",
        "X y SIP/3.0",
    ],
)
def test_what_is_left_of_no_message(text: str) -> None:
    """MSG-3, SEC-2: RFC 3420 §3.2."""
    with pytest.raises(ParseError):
        parse_sipfrag(text.encode())


def test_fragments_in_the_example_messages_of_rfc_3515() -> None:
    """SES-13: RFC 3515 §4.1, §4.2."""
    messages = [parse_message(octets(v)) for v in EXAMPLES if v["id"].startswith("rfc3515")]
    bodies = [message.body for message in messages if message.content_type == "message/sipfrag"]
    assert [parse_sipfrag(body).status_code for body in bodies] == [100, 200, 100, 200]
    assert bodies[0] == build_sipfrag(100)


def test_fragment_is_built_with_what_explains_it() -> None:
    """SES-13: RFC 3515 §2.4.5."""
    built = build_sipfrag(486, "Busy", [("Warning", '399 a "b"')])
    assert built == b'SIP/2.0 486 Busy\r\nWarning: 399 a "b"\r\n'
    with pytest.raises(LocalProtocolError):
        build_sipfrag(486, "Busy\r\nX: y")
