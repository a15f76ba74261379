"""Streams: every message comes out as it went in, however the octets are cut; what breaks a stream."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import ParseError
from sansio_sip.framing import PING, PONG, StreamFramer, receive_datagram
from sansio_sip.limits import Limits
from sansio_sip.message import ParseMode, Request, Response
from tests.sip.vectors import EXAMPLES, INVITE, TORTURE, Vector, octets

Outcome = bytes | str


def readable() -> list[Vector]:
    """The example messages that can be read, as one would send them over a stream."""
    good: list[Vector] = []
    for vector in EXAMPLES:
        try:
            message = receive_datagram(octets(vector))
        except ParseError:
            continue
        assert message is not None
        good.append({"id": vector["id"], "data": message.to_bytes()})
    return good


GOOD = readable()


def drain(framer: StreamFramer) -> list[Outcome]:
    """All messages that are there now; errors by their class, a broken stream's only once."""
    found: list[Outcome] = []
    while not framer.broken:
        try:
            message = framer.next_message()
        except ParseError as error:
            found.append(error.error_class)
        else:
            if message is None:
                break
            found.append(message.to_bytes())
    return found


def feed(data: bytes, *cuts: int, framer: StreamFramer | None = None) -> list[Outcome]:
    framer = StreamFramer() if framer is None else framer
    found: list[Outcome] = []
    for start, end in pairwise((0, *cuts, len(data))):
        framer.receive_data(data[start:end])
        found += drain(framer)
    return found


def byte_by_byte(data: bytes) -> list[Outcome]:
    return feed(data, *range(1, len(data)))


def test_most_examples_can_be_read() -> None:
    """TRN-2: so that the tests below prove something."""
    assert len(GOOD) > 280


@pytest.mark.parametrize("part", range(8))
def test_example_messages_come_out_whole_and_byte_by_byte(part: int) -> None:
    """TRN-2 (RFC 3261 §7.5, §18.3)."""
    for vector in GOOD[part::8]:
        data = vector["data"]
        assert feed(data) == [data], vector["id"]
        assert byte_by_byte(data) == [data], vector["id"]


def test_pipelined_messages_come_out_in_order() -> None:
    """TRN-2: all examples in one piece, and in pieces that fit no message."""
    data = b"".join(vector["data"] for vector in GOOD)
    expected = [vector["data"] for vector in GOOD]
    assert feed(data) == expected
    assert feed(data, *range(701, len(data), 701)) == expected


@pytest.mark.parametrize("vector", TORTURE, ids=lambda vector: str(vector["id"]))
def test_torture_messages_give_the_same_whole_and_byte_by_byte(vector: Vector) -> None:
    """TRN-2, MSG-3 (RFC 4475, RFC 5118): over a stream, with a message behind that is read or not."""
    data = octets(vector) + INVITE
    assert byte_by_byte(data) == feed(data)


@settings(max_examples=40)
@given(st.binary(max_size=300), st.lists(st.integers(0, 700), max_size=6))
def test_any_octets_give_messages_or_parse_errors(data: bytes, cuts: list[int]) -> None:
    """TRN-2, law 5."""
    data = INVITE[:120] + data + INVITE
    framer = StreamFramer()
    found = feed(data, *sorted(min(cut, len(data)) for cut in cuts), framer=framer)
    assert found == feed(data)
    assert framer.broken or framer.pending <= len(data)


def test_line_ends_before_a_message_are_skipped() -> None:
    """TRN-2: RFC 3261 §7.5, whichever way they come."""
    for lead in (b"\r\n", b"\r\n\r\n", b"\r\n" * 7):
        assert feed(lead + INVITE + lead + INVITE) == byte_by_byte(lead + INVITE + lead + INVITE)
        assert len(feed(lead + INVITE)) == 1


@pytest.mark.parametrize("name", [b"Content-Length", b"content-LENGTH", b"l", b"L", b"Content-Length \t"])
@pytest.mark.parametrize("value", [b": 5", b":5", b" :5  ", b":\r\n 5", b": \r\n\t5\r\n ", b": 0005"])
def test_content_length_is_found_in_every_spelling(name: bytes, value: bytes) -> None:
    """TRN-2: compact form, case, white space, folding (RFC 3261 §7.3.1, §7.3.3)."""
    data = INVITE.replace(b"Content-Length: 5", name + value)
    assert [len(message) for message in feed(data + data)] == [len(INVITE)] * 2
    assert byte_by_byte(data) == feed(data)


def test_same_content_length_twice_is_forgiven_unless_strict() -> None:
    """TRN-2: `DEVIATIONS` has it."""
    data = INVITE.replace(b"Content-Length: 5", b"Content-Length: 5\r\nl: 5")
    assert len(feed(data)) == 1
    assert feed(data + INVITE, framer=StreamFramer(mode=ParseMode.STRICT))[0] == "content-length"


@pytest.mark.parametrize(
    ("old", "new", "error_class", "status"),
    [
        (b"Content-Length: 5\r\n", b"", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 6", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length: -5", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length: five", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length:", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length: 5 5", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length: \xb2", "content-length", 400),
        (b"Content-Length: 5", b"Content-Length: " + b"9" * 30, "number-range", 400),
        (b"Content-Length: 5", b"Content-Length: 99999", "framing", 513),
    ],
)
def test_a_stream_whose_message_has_no_known_end_is_broken(
    old: bytes, new: bytes, error_class: str, status: int
) -> None:
    """TRN-2 (RFC 3261 §18.3, §20.14): the request can be answered, then nothing more is read."""
    assert old in INVITE
    framer = StreamFramer()
    framer.receive_data(INVITE.replace(old, new) + INVITE)
    errors: list[ParseError] = []
    for _ in range(2):
        with pytest.raises(ParseError) as caught:
            framer.next_message()
        errors.append(caught.value)
    assert errors[0] is errors[1]
    assert (errors[0].error_class, errors[0].status_hint) == (error_class, status)
    assert isinstance(errors[0].partial, Request)
    assert errors[0].partial.call_id.startswith("3848")
    framer.receive_data(INVITE)
    assert framer.broken
    assert framer.pending == 0


@pytest.mark.parametrize("start", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01" + b"\r\n\r\n"])
def test_what_is_no_sip_breaks_the_stream_or_waits(start: bytes) -> None:
    """TRN-2: nothing to answer is left."""
    framer = StreamFramer()
    framer.receive_data(start)
    if not start:
        assert framer.next_message() is None
        return
    with pytest.raises(ParseError) as caught:
        framer.next_message()
    assert not isinstance(caught.value.partial, Response)


def test_an_error_inside_a_message_leaves_the_next_one_readable() -> None:
    """TRN-2: its end was known."""
    framer = StreamFramer()
    bad = INVITE.replace(b"CSeq: 1 INVITE", b"CSeq: one INVITE")
    assert feed(bad + INVITE, framer=framer) == ["cseq", feed(INVITE)[0]]
    assert not framer.broken


@pytest.mark.parametrize("limits", [Limits(max_message=len(INVITE) - 1), Limits(max_body=4)])
def test_a_message_that_is_announced_too_large_is_refused_before_it_came(limits: Limits) -> None:
    """TRN-2, MSG-12: 513 without waiting for the body."""
    framer = StreamFramer(limits)
    framer.receive_data(INVITE[:-5])
    with pytest.raises(ParseError) as caught:
        framer.next_message()
    assert caught.value.status_hint == 513


def test_a_header_without_an_end_is_refused_at_the_limit() -> None:
    """TRN-2, MSG-12: one octet at a time, and not before."""
    framer = StreamFramer(Limits(max_message=256))
    for count in range(256):
        framer.receive_data(b"x")
        assert framer.next_message() is None
        assert framer.pending == count + 1
    framer.receive_data(b"x")
    with pytest.raises(ParseError) as caught:
        framer.next_message()
    assert (caught.value.error_class, caught.value.status_hint, caught.value.partial) == (
        "framing",
        513,
        None,
    )


def test_a_ping_is_answered_with_one_pong() -> None:
    """TRN-2 (RFC 5626 §3.5.1, §5.4): also in pieces, and between messages."""
    for pieces in ([PING], [b"\r", b"\n", b"\r", b"\n"], [INVITE + PING + INVITE], [PONG, PONG]):
        framer = StreamFramer()
        for piece in pieces:
            framer.receive_data(piece)
            drain(framer)
        assert framer.keep_alive.take_pongs() == PONG
        assert framer.keep_alive.take_pongs() == b""
        assert framer.keep_alive.pings == 1


def test_several_pings_get_as_many_pongs() -> None:
    """TRN-2."""
    framer = StreamFramer()
    feed(PING * 3 + b"\r\n", framer=framer)
    assert framer.keep_alive.take_pongs() == PONG * 3
    feed(b"\r\n", framer=framer)
    assert framer.keep_alive.take_pongs() == PONG


def test_half_a_ping_before_a_message_is_none() -> None:
    """TRN-2: RFC 3261 §7.5 lets a line end stand before any message."""
    framer = StreamFramer()
    feed(b"\r\n" + INVITE + b"\r\n" + INVITE, framer=framer)
    assert framer.keep_alive.take_pongs() == b""


def test_a_pong_is_seen_by_who_sent_the_ping() -> None:
    """TRN-2 (RFC 5626 §4.4.1): one line end for each open ping; what is more is a ping of the peer."""
    framer = StreamFramer()
    awaited = [framer.keep_alive.awaits_pong]
    assert framer.keep_alive.ping() == PING
    awaited.append(framer.keep_alive.awaits_pong)
    feed(PONG, framer=framer)
    awaited.append(framer.keep_alive.awaits_pong)
    assert awaited == [False, True, False]
    assert framer.keep_alive.pongs == 1
    framer.keep_alive.ping()
    feed(PONG + PING + INVITE, framer=framer)
    assert (framer.keep_alive.pongs, framer.keep_alive.pings) == (2, 1)
    assert framer.keep_alive.take_pongs() == PONG


def test_no_message_is_found_in_a_body() -> None:
    """TRN-2: blank lines and whole messages in a body are body."""
    body = b"\r\n\r\n" + INVITE + b"\r\n"
    outer = INVITE.replace(
        b"Content-Length: 5\r\n\r\nv=0\r\n", b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    assert feed(outer + INVITE) == byte_by_byte(outer + INVITE)
    assert len(feed(outer + INVITE)) == 2
