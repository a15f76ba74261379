"""Octets to messages: split once, keep raw values, type nothing."""

from __future__ import annotations

import re
from collections import Counter

from ..errors import ParseError
from ..limits import DEFAULT_LIMITS, Limits
from .content_length import cut_body
from .fields import Field
from .mode import ParseMode
from .names import LIST_HEADERS, canonical_name
from .request import Request
from .response import Response
from .start_line import parse_start_line

__all__ = ["parse_message"]

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile("\r\n[ \t]+")


def parse_message(
    data: bytes, *, limits: Limits = DEFAULT_LIMITS, mode: ParseMode = ParseMode.LENIENT, stream: bool = False
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
        raise _too_large(f"a message of {len(data)} octets")
    if data[:1] in b"\r\n":
        data = data.lstrip(b"\r\n")
    head, blank, rest = data.partition(b"\r\n\r\n")
    text = head.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    if not blank or text.count("\n") >= len(lines) or text.count("\r") >= len(lines):
        lines, rest = _split_unusual(data, mode, stream=stream)
    if "\r\n " in text or "\r\n\t" in text or (not blank and len(lines) > 1):
        lines = _unfold(lines)
    message, error = parse_start_line(lines[0], mode, limits.max_uri_length)
    return _fill(message, error, lines, rest, limits, mode, stream=stream)


def _fill(
    message: Request | Response, error: ParseError | None, lines: list[str], rest: bytes, limits: Limits,
    mode: ParseMode, *, stream: bool,
) -> Request | Response:  # fmt: skip
    try:
        _read_fields(lines, message.fields, limits)
        lengths = [value for key, _, value in message.fields if key == "content-length"]
        message.body = cut_body(rest, lengths, mode, stream=stream, max_body=limits.max_body)
    except ParseError as caught:
        error = error or caught
    if error is not None:
        error.partial = message
        raise error
    return message


def _read_fields(lines: list[str], fields: list[Field], limits: Limits) -> None:
    if len(lines) > limits.max_headers + 1:
        del lines[limits.max_headers + 1 :]
        _collect(lines, fields, limits)
        raise _too_large(f"more than {limits.max_headers} header fields")
    error = _collect(lines, fields, limits)
    if error is not None:
        raise error
    if sum([line.count(",") for line in lines]) >= limits.max_list:
        _check_lists(fields, limits)


def _collect(lines: list[str], fields: list[Field], limits: Limits) -> ParseError | None:
    error: ParseError | None = None
    longest = limits.max_header_length
    first = True
    for line in lines:
        if first:
            first = False
            continue
        raw, colon, value = line.partition(":")
        try:
            key, name = canonical_name(raw)
            if not colon:
                raise _bad("a header line has no colon")
            if len(line) > longest:
                raise _too_large(f"a {name} header of {len(line)} characters")
        except ParseError as caught:
            # The rest is still read: a 400 needs Via, From, To, Call-ID and CSeq.
            error = error or caught
            continue
        fields.append((key, name, value.strip(" \t")))
    return error


def _check_lists(fields: list[Field], limits: Limits) -> None:
    counts: Counter[str] = Counter()
    for key, _, value in fields:
        if key in LIST_HEADERS:
            counts[key] += value.count(",") + 1
    for key, count in counts.items():
        if count > limits.max_list:
            raise _too_large(f"a {key} list of {count} elements", header=key)


def _unfold(lines: list[str]) -> list[str]:
    start, *rest = lines
    if rest and rest[0][:1] in (" ", "\t"):
        raise _bad("the start line is folded")
    return [start, *_FOLD.sub(" ", "\r\n".join(rest)).split("\r\n")] if rest else lines


def _split_unusual(data: bytes, mode: ParseMode, *, stream: bool) -> tuple[list[str], bytes]:
    """Split what has bare LF, bare CR or no empty line."""
    if mode is ParseMode.STRICT or stream:
        raise _bad("the header does not end with CRLF CRLF, or its lines not with CRLF", "framing")
    match = _BLANK_LINE.search(data)
    head, rest = (data, b"") if match is None else (data[: match.start()], data[match.end() :])
    text = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n")
    if "\r" in text:
        # Some peers would end a line here and some not: a way to smuggle a header field.
        raise _bad("a carriage return stands alone")
    return text.split("\n"), rest


def _bad(message: str, error_class: str = "header-syntax") -> ParseError:
    return ParseError(message, error_class=error_class, rule="RFC 3261 §7.3.1")


def _too_large(what: str, header: str | None = None) -> ParseError:
    return ParseError(
        f"{what} is too large", error_class="framing", rule="limit", header=header, status_hint=513
    )
