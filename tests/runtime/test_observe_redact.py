"""Secrets are masked, lengths stay, and everything else stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trio_runtime.observe import redact, redact_text

MESSAGE = (
    b"REGISTER sip:example.com SIP/2.0\r\n"
    b"From: <sip:alice:TOPSECRET@example.com>;tag=1\r\n"
    b'Authorization: Digest username="alice", realm="x",\r\n'
    b'\tnonce="TOPSECRET", response="TOPSECRET"\r\n'
    b"proxy-authorization : Bearer TOPSECRET\r\n"
    b"Content-Length: 97\r\n\r\n"
    b"v=0\r\nk=clear:TOPSECRET\r\nm=audio 4000 RTP/SAVP 0\r\n"
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:TOPSECRET+/==|2^20|1:4\r\n"
)


def test_every_secret_of_a_message_is_masked_and_lengths_stay() -> None:
    """MET-2, OBS-2: credentials with continuation lines, keys of descriptions, passwords in URIs."""
    masked = redact(MESSAGE)
    assert b"SECRET" not in masked
    assert len(masked) == len(MESSAGE)
    assert masked.count(b"\r\n") == MESSAGE.count(b"\r\n")
    assert b"From: <sip:alice:*********@example.com>;tag=1\r\n" in masked
    assert b"Authorization: Digest *" in masked
    assert b"proxy-authorization : Bearer *********\r\n" in masked
    assert b"inline:AAAAAAAAAAA==|2^20|1:4\r\n" in masked
    assert b"k=clear:*********\r\n" in masked


@pytest.mark.parametrize(
    "text",
    [
        "INVITE sip:bob@example.com:5060;transport=udp SIP/2.0",
        "Contact: <sip:bob@10.0.0.1:5060>, <sip:carol@10.0.0.2>",
        "Route: <sip:10.0.0.1:5060;lr>, <sip:bob@x>",
        'WWW-Authenticate: Digest realm="a", nonce="b"',
        "the call needs authorization",
        "a=crypto:1 NULL",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """MET-2."""
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "sent b'Authorization: Digest SECRET\\r\\nCSeq: 1'",
            "sent b'Authorization: Digest ******\\r\\nCSeq: 1'",
        ),
        ("open(user='a', password='hunter2')", "open(user='a', password='*******')"),
        ('{"password": "hunter2"}', '{"password": "*******"}'),
        ("cannot call sips:a:b@c", "cannot call sips:a:*@c"),
    ],
)
def test_log_lines_are_masked_too(text: str, masked: str) -> None:
    """MET-2."""
    assert redact_text(text) == masked


@pytest.mark.parametrize("name", [r"a\name", r"a\r\nb", r"\\"])
def test_a_backslash_ends_no_credentials(name: str) -> None:
    """MET-2: a quoted string may hold any quoted pair (RFC 3261 §25.1)."""
    message = f'Authorization: Digest username="{name}", response="SECRET"\r\nCSeq: 1 BYE\r\n\r\n'.encode()
    assert b"SECRET" not in redact(message)
    assert redact(message).endswith(b"\r\nCSeq: 1 BYE\r\n\r\n")


def test_a_continuation_line_in_a_log_line_is_masked() -> None:
    """MET-2: as Python writes octets."""
    line = repr(b'Authorization: Digest a="\\n",\r\n\tb="SECRET",\r\n c="SECRET"\r\nCSeq: 1')
    assert "SECRET" not in redact_text(line)
    assert redact_text(line).endswith("\\r\\nCSeq: 1'")


@given(st.binary(max_size=300))
def test_any_octets_keep_their_length(data: bytes) -> None:
    """MET-2: and masking twice is masking once."""
    masked = redact(data)
    assert len(masked) == len(data)
    assert redact(masked) == masked


def test_long_lines_are_masked_in_linear_time() -> None:
    """MET-2: a quadratic search would not end within the test's time limit."""
    for word in (b"sip:", b"authorization:", b"inline:", b"password=", b"sip:a:", b"Authorization: \r\n "):
        redact(word * 20_000)
    redact(b"authorization:" + b" \t" * 300_000)
