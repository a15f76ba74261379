"""Bodies of several parts (RFC 2046 §5.1, RFC 5621): reading, finding a part, writing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..errors import LocalProtocolError, ParseError
from ..limits import DEFAULT_LIMITS
from .base import Message
from .body_part import BodyPart, disposition_of
from .field_lines import read_fields
from .media_type import MediaType

__all__ = ["MAX_PARTS", "build_multipart", "find_part", "parse_multipart"]

MAX_PARTS = 32
"""Parts that one body may have; real ones have two or three."""

_MAX_DEPTH = 4  # of multipart bodies inside each other
_BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,\-./:=? ]{0,69}[A-Za-z0-9'()+_,\-./:=?]")
_LINE_END = re.compile(rb"\r?\n")
_BLANK_LINE = re.compile(rb"\A\r?\n|\r?\n\r?\n")


def _bad(message: str, rule: str = "RFC 2046 §5.1.1") -> ParseError:
    return ParseError(message, error_class="header-syntax", rule=rule, header="content-type")


def _boundary_of(content_type: str) -> bytes:
    media_type = MediaType.parse(content_type)
    boundary = media_type.param("boundary") or ""
    if media_type.type != "multipart" or _BOUNDARY.fullmatch(boundary) is None:
        raise _bad("no multipart body, or no boundary that there could be")
    return boundary.encode()


def parse_multipart(body: bytes, content_type: str) -> tuple[BodyPart, ...]:
    """Read a body of several parts; linear in its length.

    What stands before the first and behind the last boundary is left out. A body whose last boundary
    is missing ends its last part where it ends.

    Args:
        body: The octets.
        content_type: Value of Content-Type, with the boundary.

    Raises:
        ParseError: It is no multipart body, has no or too many parts, or a part's header is damaged.
    """
    return tuple(_read_part(part) for part in _cut(body, _boundary_of(content_type)))


def _cut(body: bytes, boundary: bytes) -> list[bytes]:
    delimiter = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*+(?=\r?\n|\Z)"
    )  # the line end behind it may be the one before the next
    parts: list[bytes] = []
    start: int | None = None
    for match in delimiter.finditer(body):
        if start is not None:
            parts.append(body[start : match.start()])
        start = None if match[1] else match.end()
        if match[1]:
            break
        if len(parts) >= MAX_PARTS:
            raise _bad(f"more than {MAX_PARTS} parts", "limit")
    if start is not None:
        parts.append(body[start:])
    if not parts:
        raise _bad("the boundary does not stand in the body")
    return parts


def _read_part(data: bytes) -> BodyPart:
    line_end = _LINE_END.match(data)
    data = data[line_end.end() :] if line_end is not None else data
    blank = _BLANK_LINE.search(data)
    head, body = (data, b"") if blank is None else (data[: blank.start()], data[blank.end() :])
    part = BodyPart(body=body)
    if head:
        text = head.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
        if "\r" in text or "\0" in text:
            raise _bad("a carriage return or NUL in the header of a part", "RFC 3261 §7.3.1")
        read_fields(["", *text.rstrip("\n").split("\n")], part.fields, DEFAULT_LIMITS)
    return part


def find_part(
    message: Message | BodyPart, media_type: str, *, disposition: str = ""
) -> Message | BodyPart | None:
    """Find what carries a media type: the message itself or a part of its body.

    Of alternatives the last one is taken, which is the sender's favourite (RFC 2046 §5.1.4).

    Args:
        message: Message, or part of one.
        media_type: Type and subtype in lower case.
        disposition: When given, what a part has to be for, if it says so at all.

    Raises:
        ParseError: A multipart body on the way cannot be read.
    """
    return next(_walk(message, media_type, disposition, _MAX_DEPTH), None)


def _walk(
    message: Message | BodyPart, media_type: str, disposition: str, depth: int
) -> Iterator[Message | BodyPart]:
    own = message.content_type or ""
    if own == media_type and (not disposition or disposition_of(message) in ("", disposition)):
        yield message
    elif own.startswith("multipart/") and depth:
        parts = parse_multipart(message.body, message.get("content-type") or "")
        for part in reversed(parts) if own == "multipart/alternative" else parts:
            yield from _walk(part, media_type, disposition, depth - 1)


def build_multipart(parts: Iterable[BodyPart], boundary: str, subtype: str = "mixed") -> tuple[str, bytes]:
    """Write a body of several parts.

    Args:
        parts: The parts, at least one.
        boundary: Text that stands in none of them; random text does.
        subtype: ``mixed``, ``alternative`` or ``related``.

    Returns:
        Value of Content-Type, and the octets.

    Raises:
        LocalProtocolError: There is no part, or the boundary is none or stands in a part.
    """
    pieces = [_write_part(part) for part in parts]
    delimiter = b"--" + boundary.encode("ascii", "replace")
    if not pieces or _BOUNDARY.fullmatch(boundary) is None:
        raise LocalProtocolError(f"no parts, or {boundary!r} is no boundary")
    if any(delimiter in piece for piece in pieces):
        raise LocalProtocolError(f"boundary {boundary!r} stands in a part")
    body = b"".join(delimiter + b"\r\n" + piece + b"\r\n" for piece in pieces) + delimiter + b"--\r\n"
    return f'multipart/{subtype};boundary="{boundary}"', body


def _write_part(part: BodyPart) -> bytes:
    head = "".join([f"{name}: {value}\r\n" for _, name, value in part.fields])
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + part.body
