"""WebSocket: one message a frame, text or binary (RFC 7118)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.errors import ParseError
from sansio_sip.framing import PING, PONG, SUBPROTOCOL, WebSocketFramer, receive_datagram, to_websocket
from sansio_sip.message import Request
from tests.sip.vectors import EXAMPLES, INVITE, octets


def read(*frames: bytes | str) -> list[bytes]:
    framer = WebSocketFramer()
    found: list[bytes] = []
    for frame in frames:
        framer.receive_data(frame)
        while (message := framer.next_message()) is not None:
            found.append(message.to_bytes())
    return found


def test_examples_come_out_of_text_and_binary_frames() -> None:
    """TRN-4 (RFC 7118 §4.2): both kinds are accepted."""
    count = 0
    for vector in EXAMPLES:
        try:
            message = receive_datagram(octets(vector))
        except ParseError:
            continue
        assert message is not None
        data = message.to_bytes()
        frame = to_websocket(data)
        assert isinstance(frame, str)
        assert read(frame, data) == [data, data], vector["id"]
        count += 1
    assert count > 280


def test_content_length_may_be_missing() -> None:
    """TRN-4 (RFC 7118 §5): the body goes to the end of the frame."""
    (message,) = read(INVITE.replace(b"Content-Length: 5\r\n", b""))
    assert message.endswith(b"Content-Length: 5\r\n\r\nv=0\r\n")


def test_a_message_that_is_not_all_utf_8_goes_into_a_binary_frame() -> None:
    """TRN-4 (RFC 7118 §4.2)."""
    odd = INVITE.replace(b"v=0", b"v\xff0")
    assert to_websocket(odd) == odd
    assert read(odd)[0].endswith(b"v\xff0\r\n")
    assert to_websocket(INVITE) == INVITE.decode()


def test_two_messages_in_one_frame_are_refused() -> None:
    """TRN-4 (RFC 7118 §5): the first can still be answered, and the next frame is read."""
    framer = WebSocketFramer()
    framer.receive_data(INVITE + INVITE)
    framer.receive_data(INVITE)
    assert framer.pending == 2
    with pytest.raises(ParseError) as caught:
        framer.next_message()
    assert caught.value.error_class == "framing"
    assert isinstance(caught.value.partial, Request)
    assert framer.next_message() is not None
    assert framer.next_message() is None
    assert not framer.broken


def test_line_ends_behind_a_body_are_forgiven() -> None:
    """TRN-4."""
    assert read(INVITE + b"\r\n") == read(b"\r\n" + INVITE) == read(INVITE)


def test_a_frame_with_too_little_is_refused() -> None:
    """TRN-4."""
    with pytest.raises(ParseError):
        read(INVITE[:-2])


def test_line_ends_alone_are_keep_alives() -> None:
    """TRN-4 (RFC 7118 §6, RFC 5626 §3.5.1): ping and pong as on a stream."""
    framer = WebSocketFramer()
    framer.receive_data(PING.decode())
    assert framer.keep_alive.take_pongs() == PONG
    framer.keep_alive.ping()
    framer.receive_data(PONG)
    assert framer.keep_alive.pongs == 1
    framer.receive_data("")
    assert framer.next_message() is None


def test_the_subprotocol_is_sip() -> None:
    """TRN-4 (RFC 7118 §4.1)."""
    assert SUBPROTOCOL == "sip"


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.just("\udc80\ud800")))
def test_any_frame_gives_a_message_or_a_parse_error(frame: bytes | str) -> None:
    """TRN-4, law 5."""
    framer = WebSocketFramer()
    framer.receive_data(frame)
    try:
        framer.next_message()
    except ParseError:
        pass
    assert framer.pending == 0
