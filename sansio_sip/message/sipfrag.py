"""Pieces of SIP messages as a body: ``message/sipfrag`` (RFC 3420)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ..errors import ParseError
from ..limits import DEFAULT_LIMITS
from .field_lines import read_fields
from .fields import FieldList, checked_field, checked_text
from .mode import ParseMode
from .reason import reason_phrase
from .request import Request
from .start_line import parse_start_line

__all__ = ["SIPFRAG_TYPE", "SipFragment", "build_sipfrag", "parse_sipfrag"]

SIPFRAG_TYPE: Final = "message/sipfrag"

_REQUEST_LINE = re.compile(r"[^ :]++ .* SIP/[0-9.]++", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\A\r?\n|\r?\n\r?\n|\Z")


class SipFragment(FieldList):
    """A message of which anything may have been left out.

    Attributes:
        status_code: Status of its status line, ``None`` when it has none.
        reason: Phrase of its status line.
        method: Method of its request line, empty when it has none.
        uri: Request-URI of its request line.
        body: Body octets.
    """

    __slots__ = ("body", "method", "reason", "status_code", "uri")

    def __init__(self) -> None:
        self.fields = []
        self._first = None
        self.status_code: int | None = None
        self.reason = ""
        self.method = ""
        self.uri = ""
        self.body = b""


def parse_sipfrag(data: bytes) -> SipFragment:
    """Read a piece of a message.

    Args:
        data: The octets; lines may end in LF alone.

    Raises:
        ParseError: It is not what could be left of a message (§2).
    """
    blank = _BLANK_LINE.search(data)
    end, rest = (len(data), b"") if blank is None else (blank.start(), data[blank.end() :])
    text = data[:end].decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    if "\r" in text or "\0" in text:
        raise ParseError("a stray CR or NUL", error_class="header-syntax", rule="RFC 3420 §2")
    lines = text.split("\n")
    while lines and not lines[-1]:
        lines.pop()
    fragment = SipFragment()
    fragment.body = rest
    if lines and not _take_start_line(fragment, lines[0]):
        lines.insert(0, "")
    read_fields(lines or [""], fragment.fields, DEFAULT_LIMITS)
    return fragment


def _take_start_line(fragment: SipFragment, line: str) -> bool:
    if line[:4].upper() != "SIP/" and _REQUEST_LINE.fullmatch(line) is None:
        return False
    start, error = parse_start_line(line, ParseMode.LENIENT, DEFAULT_LIMITS.max_uri_length)
    if error is not None:
        raise error
    if isinstance(start, Request):
        fragment.method, fragment.uri = start.method, start.uri
    else:
        fragment.status_code, fragment.reason = start.status_code, start.reason
    return True


def build_sipfrag(status_code: int, reason: str = "", fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """Write the piece of a response that a NOTIFY about a REFER carries (RFC 3515 §2.4.5).

    Args:
        status_code: 100 to 699.
        reason: Phrase; the registered one when empty.
        fields: Header fields, such as Warning.

    Raises:
        LocalProtocolError: A value cannot stand in a message.
    """
    phrase = checked_text(reason, "reason") or reason_phrase(status_code)
    lines = [f"SIP/2.0 {status_code} {phrase}"]
    lines += [f"{name}: {value}" for _, name, value in (checked_field(*field) for field in fields)]
    return "".join([f"{line}\r\n" for line in lines]).encode("utf-8", "surrogateescape")
