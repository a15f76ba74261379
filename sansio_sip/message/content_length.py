"""What Content-Length says about the octets behind the header (RFC 3261 §18.3, §20.14)."""

from __future__ import annotations

from ..errors import ParseError
from .fields import FieldList
from .mode import ParseMode
from .scalars import parse_number

__all__ = ["cut_body"]


def cut_body(rest: bytes, header: FieldList, mode: ParseMode, *, stream: bool, max_body: int) -> bytes:
    """Give the body out of the octets behind the header.

    In a datagram the octets behind the body are dropped and a missing length means "to the end"; on
    a stream the framer has cut the message, so both are errors.

    Args:
        rest: Octets behind the empty line.
        header: The header fields of the message.
        mode: Whether the same value twice is forgiven.
        stream: Whether the octets came from a byte stream.
        max_body: Octets allowed.

    Raises:
        ParseError: The length is missing where it is mandatory, is no number, or does not fit.
    """
    first = header.first_values()
    text = first.get("content-length")
    if text is None:
        if stream:
            raise _bad("a stream needs Content-Length")
        return _bounded(rest, max_body)
    if len(first) != len(header.fields):
        lengths = header.get_all("content-length")
        if len(lengths) > 1 and (mode is ParseMode.STRICT or len(set(lengths)) > 1):
            raise _bad("several Content-Length fields")
    length = parse_number(text, "content-length", 2**31 - 1)
    if length != len(rest):
        if length > len(rest):
            raise _bad(f"Content-Length is {length} but {len(rest)} octets came")
        if stream:
            raise _bad(f"Content-Length is {length} but the framer cut {len(rest)} octets")
        rest = rest[:length]
    return _bounded(rest, max_body) if rest else rest


def _bounded(body: bytes, max_body: int) -> bytes:
    if len(body) > max_body:
        raise ParseError(
            f"a body of {len(body)} octets is too large", error_class="framing", rule="limit", status_hint=513
        )
    return body


def _bad(message: str) -> ParseError:
    return ParseError(message, error_class="content-length", rule="RFC 3261 §18.3", header="content-length")
