"""Descriptions that go with decrypted media: whoever reads the capture must not take it for encrypted."""

from __future__ import annotations

import re

__all__ = ["describe_in_the_clear"]

_SECURED = re.compile(rb"^(m=[^\r\n]*? RTP/)S(AVPF?\b)", re.MULTILINE)
_KEYS = re.compile(rb"^a=crypto:[^\r\n]*\r?\n?", re.MULTILINE | re.IGNORECASE)
_LENGTH = re.compile(rb"^((?:content-length|l)[ \t]*:[ \t]*)\d+", re.MULTILINE | re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def describe_in_the_clear(data: bytes) -> bytes:
    """Return a message that describes RTP where it described SRTP, without keys, and with its length."""
    blank = _BLANK_LINE.search(data)
    if blank is None or not _SECURED.search(data, blank.end()):
        return data
    head, body = data[: blank.end()], data[blank.end() :]
    body = _KEYS.sub(b"", _SECURED.sub(rb"\1\2", body))
    return _LENGTH.sub(lambda found: found[1] + str(len(body)).encode(), head, count=1) + body
