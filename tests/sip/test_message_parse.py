"""Octets to messages: lines, folding, body length, limits, and nothing but ParseError."""

from __future__ import annotations

import random

import pytest

from sansio_sip.errors import ParseError
from sansio_sip.framing import receive_datagram
from sansio_sip.limits import Limits
from sansio_sip.message import DEVIATIONS, Message, ParseMode, Request, Response, parse_message
from tests.sip.vectors import EXAMPLES, INVITE, TORTURE, octets

HEAD, _, BODY = INVITE.partition(b"\r\n\r\n")


def with_line(line: bytes, at: int = 2) -> bytes:
    lines = HEAD.split(b"\r\n")
    return b"\r\n".join([*lines[:at], line, *lines[at:]]) + b"\r\n\r\n" + BODY


def without_length(body: bytes) -> bytes:
    return HEAD.replace(b"\r\nContent-Length: 5", b"") + b"\r\n\r\n" + body


def refused(data: bytes, **options: object) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse_message(data, **options)  # type: ignore[arg-type]
    return caught.value


def test_fields_keep_order_and_get_canonical_keys() -> None:
    """MSG-1: compact and odd spellings are sent in the standard spelling, unknown names as received."""
    message = parse_message(
        b"OPTIONS sip:h SIP/2.0\r\nv: a\r\nCALL-id : b\r\nX-oWn:c\r\nwww-AUTHENTICATE: d\r\n\r\n"
    )
    assert message.fields == [
        ("via", "Via", "a"),
        ("call-id", "Call-ID", "b"),
        ("x-own", "X-oWn", "c"),
        ("www-authenticate", "WWW-Authenticate", "d"),
    ]


def test_an_unknown_method_passes_through() -> None:
    """MSG-2."""
    message = parse_message(b"!odd.Method sip:h SIP/2.0\r\n\r\n")
    assert isinstance(message, Request)
    assert message.method == "!odd.Method"


@pytest.mark.parametrize("version", [b"SIP/2.0", b"sip/2.0", b"Sip/2.0"])
def test_the_version_has_no_case_and_is_sent_in_capitals(version: bytes) -> None:
    """MSG-1 (RFC 3261 §7.1): in requests and in responses."""
    request = receive_datagram(INVITE.replace(b" SIP/2.0\r\n", b" " + version + b"\r\n", 1))
    assert request is not None
    assert request.to_bytes().startswith(b"INVITE sip:bob@example.net;transport=udp SIP/2.0\r\n")
    response = parse_message(version + b" 200 OK\r\n" + INVITE.partition(b"\r\n")[2])
    assert response.to_bytes().startswith(b"SIP/2.0 200 OK\r\n")


def test_a_status_line_gives_code_and_phrase() -> None:
    """MSG-1, MSG-12."""
    message = parse_message("SIP/2.0 486 Besetzt für heute\r\n\r\n".encode())
    assert isinstance(message, Response)
    assert (message.status_code, message.reason) == (486, "Besetzt für heute")


def test_octets_that_are_not_utf8_survive_the_round_trip() -> None:
    """MSG-1."""
    data = b"OPTIONS sip:h SIP/2.0\r\nSubject: \xff\xfe caf\xe9\r\nContent-Length: 2\r\n\r\n\x00\xff"
    assert parse_message(data).to_bytes() == data


@pytest.mark.parametrize("line", [b"Subject: a\0b", b"Call-ID: a\0b"])
def test_a_nul_in_the_header_is_refused_and_not_repeated(line: bytes) -> None:
    """MSG-9: a 400 can be built from what is left where nothing that it needs held the NUL."""
    with pytest.raises(ParseError, match="NUL") as caught:
        parse_message(b"OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n" + line + b"\r\n\r\n")
    assert isinstance(caught.value.partial, Request)
    assert b"\0" not in caught.value.partial.to_bytes()


def test_continuation_lines_are_joined_with_one_space() -> None:
    """MSG-1: header folding."""
    message = parse_message(with_line(b"Subject: one\r\n \t two\r\n\tthree"))
    assert message.get("subject") == "one two three"


def test_empty_lines_before_a_message_are_skipped() -> None:
    """MSG-1 (RFC 3261 §7.5)."""
    assert parse_message(b"\r\n\r\n" + INVITE).to_bytes() == parse_message(INVITE).to_bytes()


@pytest.mark.parametrize("length", [b"0", b"3", b"5", b"0005"])
def test_a_datagram_body_is_cut_to_content_length(length: bytes) -> None:
    """MSG-1: octets behind the body are dropped."""
    data = INVITE.replace(b"Content-Length: 5", b"l: " + length)
    assert parse_message(data).body == BODY[: int(length)]


@pytest.mark.parametrize("value", [b"6", b"-1", b"x", b"", b"5 5", b"99999999999999999999999"])
def test_a_content_length_that_does_not_fit_is_refused(value: bytes) -> None:
    """MSG-1."""
    error = refused(INVITE.replace(b"Content-Length: 5", b"Content-Length: " + value))
    assert error.error_class in ("content-length", "number-range")
    assert isinstance(error.partial, Request)
    assert error.partial.call_id


def test_a_datagram_without_content_length_is_all_body_but_a_stream_needs_it() -> None:
    """MSG-1: the rule differs per transport."""
    data = without_length(b"v=0\r\nmore")
    assert parse_message(data).body == b"v=0\r\nmore"
    assert refused(data, stream=True).error_class == "content-length"
    assert refused(INVITE + b"x", stream=True).error_class == "content-length"
    assert parse_message(INVITE, stream=True).body == BODY


LENIENT_ONLY = {
    "bare-line-feed": INVITE.replace(b"\r\n", b"\n").replace(b"v=0\n", b"v=0\r\n"),
    "missing-blank-line": without_length(b"")[:-4],
    "start-line-spaces": INVITE.replace(b" SIP/2.0\r", b"  SIP/2.0 \r", 1),
    "bracketed-request-uri": INVITE.replace(
        b"sip:bob@example.net;transport=udp", b"<sip:bob@example.net>", 1
    ),
    "repeated-content-length": with_line(b"Content-Length: 5"),
    "stray-semicolon": INVITE.replace(b";rport", b";rport;"),
    "spaces-in-brackets": INVITE.replace(b"<sip:bob@example.net>", b"< sip:bob@example.net >"),
    "display-name-characters": INVITE.replace(b'"Bob"', b"Bob, Jr."),
    "uri-headers-without-brackets": INVITE.replace(b"Contact: ", b"Contact: sip:a@b?x=y\r\nContact: "),
    "missing-scheme": INVITE.replace(b"<sip:bob@example.net>", b"<bob@example.net>"),
    "three-colons": INVITE.replace(b"<sip:bob@example.net>", b"<sip:bob@[2001:db8:::192.0.2.1]>"),
    "uri-characters": INVITE.replace(b"<sip:bob@example.net>", b"<sip:b^b@example.net>"),
}


def test_every_deviation_has_an_example() -> None:
    """MSG-6: each deviation is named."""
    assert set(LENIENT_ONLY) == set(DEVIATIONS)


@pytest.mark.parametrize("deviation", LENIENT_ONLY)
def test_a_deviation_is_forgiven_leniently_and_refused_strictly(deviation: str) -> None:
    """MSG-6: the mode is an argument."""
    data = LENIENT_ONLY[deviation]
    message = receive_datagram(data)
    assert isinstance(message, Request)
    assert message.call_id == "3848276298220188511@client.example.com"
    with pytest.raises(ParseError):
        receive_datagram(data, mode=ParseMode.STRICT)
    assert receive_datagram(INVITE, mode=ParseMode.STRICT) is not None


@pytest.mark.parametrize(
    ("data", "error_class", "status"),
    [
        (b"", "start-line", 400),
        (b"INVITE", "start-line", 400),
        (b"INVITE sip:h HTTP/1.1\r\n\r\n", "start-line", 400),
        (b"IN@VITE sip:h SIP/2.0\r\n\r\n", "start-line", 400),
        (b"INVITE sip:h SIP/3.0\r\n\r\n", "version", 505),
        (b"SIP/3.0 200 OK\r\n\r\n", "version", 505),
        (b"SIP/2.0 99 Low\r\n\r\n", "status-code", 400),
        (b"SIP/2.0 700 High\r\n\r\n", "status-code", 400),
        (b"SIP/2.0 2x0 OK\r\n\r\n", "status-code", 400),
        (b"INVITE\r\n sip:h SIP/2.0\r\n\r\n", "start-line", 400),
        (b"INVITE sip:h SIP/2.0\r\n folded: x\r\n\r\n", "header-syntax", 400),
        (b"INVITE sip:h SIP/2.0\r\nTo\r\n\r\n", "header-syntax", 400),
        (b"INVITE sip:h SIP/2.0\r\nT o: x\r\n\r\n", "header-syntax", 400),
        (b"INVITE sip:h SIP/2.0\r\n: x\r\n\r\n", "header-syntax", 400),
        (b"INVITE sip:h SIP/2.0\r\nTo: a\rVia: b\r\n\r\n", "header-syntax", 400),
        (b"INVITE sip:" + b"h" * 3_000 + b" SIP/2.0\r\n\r\n", "uri", 414),
    ],
)
def test_what_is_no_message_is_refused_with_class_and_status(
    data: bytes, error_class: str, status: int
) -> None:
    """MSG-1, MSG-6."""
    error = refused(data)
    assert (error.error_class, error.status_hint) == (error_class, status)


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (Limits(max_message=len(INVITE) - 1), INVITE),
        (Limits(max_headers=11), INVITE),
        (Limits(max_header_length=100), with_line(b"Subject: " + b"x" * 100)),
        (Limits(max_body=4), INVITE),
        (Limits(max_list=3), INVITE),
        (Limits(max_uri_length=16), INVITE),
    ],
)
def test_limits_are_kept(limits: Limits, data: bytes) -> None:
    """MSG-9: each one is needed, and one more would pass."""
    parse_message(data)
    assert refused(data, limits=limits).error_class in ("framing", "uri")


def test_a_bad_line_does_not_hide_what_a_400_needs() -> None:
    """MSG-6: the error carries the rest of the message."""
    error = refused(with_line(b"no header at all", at=1))
    assert isinstance(error.partial, Message)
    assert error.partial.via.branch == "z9hG4bK74bf9"
    assert error.partial.cseq.method == "INVITE"


@pytest.mark.parametrize(
    "data",
    [
        b"INVITE sip:h SIP/2.0\r\n" + b"\r\n ".join([b"Subject: x"] + [b"y"] * 15_000) + b"\r\n\r\n",
        b"INVITE sip:h SIP/2.0\r\nFrom: " + b'"\\' * 4_000 + b"\r\nTo: " + b"<" * 8_000 + b"\r\n\r\n",
        b"INVITE sip:h SIP/2.0\r\nVia: " + b" " * 8_000 + b"x\r\nContact: " + b'"<' * 4_000 + b"\r\n\r\n",
        b"\r\n" * 32_000,
        b"\n" * 65_000,
    ],
)
def test_hostile_shapes_are_handled_in_linear_time(data: bytes) -> None:
    """MSG-9: a pattern that backtracks would make this test run for minutes."""
    assert exercise(data) in ("refused", "keep-alive")


def exercise(data: bytes) -> str:
    """Read a message and touch every typed header; any exception but ParseError fails the test."""
    outcome = "accepted"
    message: Message | None
    try:
        message = receive_datagram(data)
    except ParseError as error:
        outcome, message = "refused", error.partial if isinstance(error.partial, Message) else None
    if message is None:
        return outcome if outcome == "refused" else "keep-alive"
    for name in (
        "via",
        "vias",
        "from_",
        "to",
        "from_tag",
        "to_tag",
        "call_id",
        "cseq",
        "contacts",
        "contact_is_star",
        "routes",
        "record_routes",
        "max_forwards",
        "expires",
        "content_type",
        "content_length",
        "supported",
        "require",
        "allow",
    ):
        try:
            getattr(message, name)
        except ParseError:
            assert name not in ("via", "from_", "to", "call_id", "cseq") or outcome == "refused"
    assert isinstance(message.to_bytes(), bytes)
    return outcome


def mutate(data: bytes, rng: random.Random) -> bytes:
    octet_list = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(octet_list) + 1)
        match rng.randrange(5):
            case 0:
                octet_list[at:at] = rng.choice(
                    [b"\r\n", b"\n", b"\r", b"\0", b'"', b"<", b">", b";", b",", b"=", b" "]
                )
            case 1:
                del octet_list[at : at + rng.randint(1, 12)]
            case 2:
                octet_list[at : at + 1] = bytes([rng.randrange(256)])
            case 3:
                octet_list[at:at] = octet_list[max(0, at - rng.randint(1, 40)) : at] * rng.randint(1, 4)
            case _:
                octet_list[at:at] = rng.choice(
                    [b"%00", b"[::1]", b"99999999999", b"\xff\xfe", b"sip:", b"*", b"\r\n "]
                )
    return bytes(octet_list)


def test_mutants_raise_nothing_but_parse_errors() -> None:
    """MSG-9: seeded mutants of every vector, with every typed header touched."""
    rng = random.Random(4475)
    seeds = [octets(vector) for vector in TORTURE + EXAMPLES]
    outcomes = [exercise(mutate(rng.choice(seeds), rng)) for _ in range(4_000)]
    assert 500 < outcomes.count("refused") < 3_500


def test_every_prefix_of_a_message_is_refused_or_read() -> None:
    """MSG-9."""
    for end in range(len(INVITE)):
        exercise(INVITE[:end])
