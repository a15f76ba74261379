"""Every message of RFC 4475, RFC 5118, RFC 3665 and the examples, octet by octet through a stream."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sansio_sip.errors import ParseError
from sansio_sip.framing import StreamFramer, receive_datagram
from sansio_sip.message import Request, Response
from tests.sip.vectors import EXAMPLES, TORTURE, Vector, octets

# Where a stream says something else than a datagram does: the start lines and error classes that come
# out of it, in order; "waits" means that the octets so far are no whole message.
OTHERWISE: dict[str, tuple[str, ...]] = {
    "rfc4475/baddn": ("waits",),  # its octets end without the empty line
    "rfc4475/clerr": ("waits",),  # the body is longer than what came: there may be more
    # What a datagram drops is the next message here; its Content-Length leaves octets over that are none.
    "rfc4475/dblreq": (
        "REGISTER sip:example.com SIP/2.0",
        "INVITE sip:joe@example.com SIP/2.0",
        "content-length",
        "broken",
    ),
    "rfc4475/inv2543": ("content-length", "broken"),  # over a stream there has to be one
    "rfc4475/mcl01": ("content-length", "broken"),  # where the message ends nobody knows
    "rfc4475/ncl": ("content-length", "broken"),
}


class Fed(NamedTuple):
    """What came out of a framer."""

    messages: list[Request | Response]
    errors: list[ParseError]
    outcome: tuple[str, ...]


def name(vector: Vector) -> str:
    return str(vector["id"])


def feed(data: bytes, step: int) -> Fed:
    framer = StreamFramer()
    fed = Fed([], [], ())
    outcome: list[str] = []
    for start in range(0, len(data), step):
        framer.receive_data(data[start : start + step])
        while not framer.broken:
            try:
                message = framer.next_message()
            except ParseError as error:
                fed.errors.append(error)
                outcome.append(error.error_class)
                continue
            if message is None:
                break
            fed.messages.append(message)
            outcome.append(message.to_bytes().partition(b"\r\n")[0].decode("utf-8", "surrogateescape"))
    if framer.broken:
        outcome.append("broken")
    elif framer.pending:
        outcome.append("waits")
    return fed._replace(outcome=tuple(outcome))


def test_every_stated_difference_is_of_a_message_that_exists() -> None:
    """TRN-2, MSG-7: no stale entry."""
    assert set(OTHERWISE) <= {name(vector) for vector in TORTURE}
    assert len(TORTURE + EXAMPLES) == 62 + 119 + 177


@pytest.mark.parametrize("vector", TORTURE, ids=name)
def test_torture_message_gets_its_verdict_byte_by_byte(vector: Vector) -> None:
    """TRN-2, MSG-7 (RFC 4475, RFC 5118): the verdict of the datagram, or the one that is stated."""
    data = octets(vector)
    fed = feed(data, 1)
    assert fed.outcome == feed(data, len(data)).outcome
    if name(vector) in OTHERWISE:
        assert fed.outcome == OTHERWISE[name(vector)]
    elif vector["parse"] == "accept":
        whole = receive_datagram(data)
        assert whole is not None
        assert [message.to_bytes() for message in fed.messages] == [whole.to_bytes()]
        assert not fed.errors
    elif vector["parse"] == "reject":
        assert fed.outcome == (vector["error_class"],)
    else:
        assert len(fed.outcome) == 1
        assert not fed.errors or fed.errors[0].error_class == vector["error_class"]


@pytest.mark.parametrize("part", range(8))
def test_example_message_comes_out_of_a_stream_as_out_of_a_datagram(part: int) -> None:
    """TRN-2, MSG-3 (RFC 3261 §18.3): octets as printed; without Content-Length the stream ends."""
    for vector in EXAMPLES[part::8]:
        data = octets(vector)
        fed = feed(data, 1)
        assert fed.outcome == feed(data, len(data)).outcome, name(vector)
        if vector.get("no_content_length"):
            assert fed.outcome == ("content-length", "broken"), name(vector)
            continue
        whole = receive_datagram(data)
        assert whole is not None
        assert [message.to_bytes() for message in fed.messages] == [whole.to_bytes()], name(vector)
        assert not fed.errors, name(vector)


def test_request_without_content_length_can_still_be_refused() -> None:
    """TRN-2 (RFC 3261 §18.3): 400 goes out before the connection is closed."""
    refused = [vector for vector in EXAMPLES if vector.get("no_content_length")]
    assert refused
    for vector in refused:
        (error,) = feed(octets(vector), 1).errors
        assert isinstance(error.partial, Request | Response)
        assert error.status_hint == 400
        assert error.partial.get_all("via"), name(vector)


def test_dialogue_of_rfc_3665_in_one_stream_comes_out_in_order() -> None:
    """TRN-2: the messages behind each other, in pieces of 1, 7 and 1,500 octets."""
    flows = [v for v in EXAMPLES if name(v).startswith("rfc3665/") and not v.get("no_content_length")]
    data = b"".join(octets(vector) for vector in flows)
    expected = []
    for vector in flows:
        message = receive_datagram(octets(vector))
        assert message is not None
        expected.append(message.to_bytes())
    for step in (1, 7, 1_500):
        assert [message.to_bytes() for message in feed(data, step).messages] == expected
