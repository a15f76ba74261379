"""Octets to messages: split once, keep raw values, type nothing."""

from __future__ import annotations

import re

from ..errors import ParseError
from ..limits import DEFAULT_LIMITS, Limits
from .content_length import cut_body
from .field_lines import check_lists, read_fields
from .mode import ParseMode
from .request import Request
from .response import Response
from .start_line import parse_start_line

__all__ = ["parse_message"]

_BARE_NUL = re.compile(r"(?<!\\)\0")  # behind a backslash, in a quoted string, the grammar allows it
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def parse_message(
    data: bytes,
    *,
    limits: Limits = DEFAULT_LIMITS,
    mode: ParseMode = ParseMode.LENIENT,
    stream: bool = False,
) -> Request | Response:
    """Read one whole message (RFC 3261 §7); linear in its length.

    Empty lines before the message are skipped (§7.5). Header values are unfolded and stripped but
    not looked into: `check_request`, `check_response` and the typed properties do that.

    Args:
        data: A datagram, or one message cut from a stream.
        limits: What a peer may send at most.
        mode: Whether the deviations in `DEVIATIONS` are forgiven.
        stream: Whether the message came from a byte stream.

    Raises:
        ParseError: The only exception, for any octets; ``partial`` holds what could be read.
    """
    if len(data) > limits.max_message:
        raise ParseError(
            f"a message of {len(data)} octets", error_class="framing", rule="limit", status_hint=513
        )
    if data[:1] in b"\r\n":
        data = data.lstrip(b"\r\n")
    head, blank, rest = data.partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    breaks = len(lines) - 1
    deviation = None
    if not blank or text.count("\n") != breaks or text.count("\r") != breaks:
        text, rest = _normalise(data)
        lines = text.split("\r\n")
        if mode is ParseMode.STRICT or stream:
            deviation = _bad("the header does not end with CRLF CRLF, or its lines not with CRLF", "framing")
    message, error = parse_start_line(lines[0], mode, limits.max_uri_length)
    error = deviation or error
    try:
        read_fields(lines, message.fields, limits)
        if "\0" in text and _BARE_NUL.search(text) is not None:
            # What holds it is not repeated in the answer: NUL ends strings in many peers.
            message.fields = [field for field in message.fields if _BARE_NUL.search(field[2]) is None]
            raise _bad("a NUL in the header that is not quoted", "header-syntax")
        if text.count(",") >= limits.max_list:
            check_lists(message.fields, limits.max_list)
        message.body = cut_body(rest, message, mode, stream=stream, max_body=limits.max_body)
    except ParseError as caught:
        error = error or caught
    if error is not None:
        error.partial = message
        raise error
    return message


def _normalise(data: bytes) -> tuple[str, bytes]:
    """Give header text with CRLF line ends, and the octets behind it, where LF or no blank line came."""
    match = _BLANK_LINE.search(data)
    head, rest = (data, b"") if match is None else (data[: match.start()], data[match.end() :])
    text = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n")
    if "\r" in text:
        # Some peers would end a line here and some not: a way to smuggle a header field.
        raise _bad("a carriage return stands alone", "header-syntax")
    return text.replace("\n", "\r\n"), rest


def _bad(message: str, error_class: str) -> ParseError:
    return ParseError(message, error_class=error_class, rule="RFC 3261 §7.3.1")
