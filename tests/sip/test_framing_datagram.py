"""Datagrams: keep-alives are no messages, and messages are checked."""

from __future__ import annotations

import pytest

from sansio_sip.errors import ParseError
from sansio_sip.framing import receive_datagram
from sansio_sip.message import Request
from tests.sip.vectors import INVITE

STUN = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\r\n", b"\0", b"\0\0\0\0", b"\r\n\0", b" ", STUN])
def test_keep_alives_are_ignored(data: bytes) -> None:
    """MSG-1 (RFC 5626 §3.5)."""
    assert receive_datagram(data) is None


def test_a_message_behind_line_ends_is_read() -> None:
    """MSG-1."""
    assert isinstance(receive_datagram(b"\r\n" + INVITE), Request)


@pytest.mark.parametrize(
    ("old", "new", "error_class"),
    [
        (b"Call-ID: 3848276298220188511@client.example.com\r\n", b"", "missing-header"),
        (b"Call-ID: 3848276298220188511@client.example.com", b"Call-ID:", "missing-header"),
        (b"Via: SIP/2.0/UDP 198.51.100.23:5060;branch=z9hG4bK74bf9;rport\r\n", b"", "missing-header"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 INVITE\r\nCSeq: 1 INVITE", "duplicate-header"),
        (b"Max-Forwards: 70", b"Max-Forwards: 70\r\nMax-Forwards: 70", "duplicate-header"),
        (b"CSeq: 1 INVITE", b"CSeq: 1 BYE", "method-mismatch"),
        (b"CSeq: 1 INVITE", b"CSeq: 2147483648 INVITE", "number-range"),
        (b"Max-Forwards: 70", b"Max-Forwards: 256", "number-range"),
        (b'To: "Bob"', b'To: "Bob', "header-syntax"),
        (b"sip:bob@example.net;transport=udp SIP", b"bob SIP", "uri"),
        (b"sip:bob@example.net;transport=udp SIP", b"sip:bob@example.net?Subject=x SIP", "uri"),
    ],
)
def test_a_message_that_no_layer_could_handle_is_refused(old: bytes, new: bytes, error_class: str) -> None:
    """MSG-3, MSG-6: the error carries the request, so that it can be answered."""
    assert old in INVITE
    with pytest.raises(ParseError) as caught:
        receive_datagram(INVITE.replace(old, new, 1))
    assert caught.value.error_class == error_class
    assert caught.value.status_hint == 400
    assert isinstance(caught.value.partial, Request)


def test_max_forwards_may_be_missing() -> None:
    """MSG-7: as in RFC 2543."""
    assert receive_datagram(INVITE.replace(b"Max-Forwards: 70\r\n", b"")) is not None


def test_a_response_without_cseq_is_refused() -> None:
    """MSG-6."""
    with pytest.raises(ParseError):
        receive_datagram(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\r\n")
