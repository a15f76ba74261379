"""Header lines to fields (RFC 3261 §7.3)."""

from __future__ import annotations

import re
from collections import Counter

from ..errors import ParseError
from ..limits import Limits
from .fields import Field
from .names import LIST_HEADERS, canonical_name, known_name

__all__ = ["check_lists", "read_fields"]

# A phone sends most of its lines again in every message; held messages share them too. The bounds are
# for the stranger who never repeats himself.
_MAX_REMEMBERED = 2_048
_LONGEST_REMEMBERED = 256
_ALWAYS_NEW = frozenset({"via", "from", "to", "call-id", "authorization", "proxy-authorization"})
_repeated: dict[str, Field] = {}
_NOTHING: dict[str, Field] = {}

_FOLD = re.compile("\r\n[ \t]+")


def read_fields(lines: list[str], fields: list[Field], limits: Limits) -> None:
    """Append the fields of header lines; the start line stands at index 0 and is skipped.

    Continuation lines are joined, each with one space (RFC 3261 §7.3.1).

    Raises:
        ParseError: A line is no header field or a limit is passed; what could be read is appended.
    """
    if not _read_known(lines, fields, limits.max_header_length):
        fields.clear()
        lines = _unfold(lines)
        error = _read_any(lines[1 : limits.max_headers + 1], fields, limits.max_header_length)
        if error is not None:
            raise error
    if len(lines) > limits.max_headers + 1:
        raise _too_large(f"a message of {len(lines) - 1} header fields")


def _unfold(lines: list[str]) -> list[str]:
    start, *rest = lines
    if rest and rest[0][:1] in (" ", "\t"):
        raise _bad("the start line is folded")
    return [start, *_FOLD.sub(" ", "\r\n".join(rest)).split("\r\n")] if rest else lines


def _read_known(lines: list[str], fields: list[Field], longest: int) -> bool:
    """Read lines as almost every message has them; False at the first unusual or continued one."""
    append = fields.append
    repeated = _repeated.get if longest >= _LONGEST_REMEMBERED else _NOTHING.get
    for line in lines[1:]:
        field = repeated(line)
        if field is None:
            raw, colon, value = line.partition(":")
            pair = known_name(raw)
            if pair is None or not colon or len(line) > longest:
                return False
            field = (pair[0], pair[1], value.strip(" \t"))
            if pair[0] not in _ALWAYS_NEW:
                _remember(line, field)
        append(field)
    return True


def _remember(line: str, field: Field) -> None:
    if len(line) <= _LONGEST_REMEMBERED:
        if len(_repeated) >= _MAX_REMEMBERED:
            _repeated.clear()
        _repeated[line] = field


def _read_any(lines: list[str], fields: list[Field], longest: int) -> ParseError | None:
    """Read all that can be read: a 400 needs Via, From, To, Call-ID and CSeq. Gives the first error."""
    error: ParseError | None = None
    for line in lines:
        raw, colon, value = line.partition(":")
        try:
            key, name = canonical_name(raw)
            if not colon:
                raise _bad("a header line has no colon")
            if len(line) > longest:
                raise _too_large(f"a {name} header of {len(line)} characters")
        except ParseError as caught:
            error = error or caught
        else:
            fields.append((key, name, value.strip(" \t")))
    return error


def check_lists(fields: list[Field], max_list: int) -> None:
    """Refuse a list header of more elements than somebody should walk through.

    Raises:
        ParseError: A list is too long.
    """
    counts: Counter[str] = Counter()
    for key, _, value in fields:
        if key in LIST_HEADERS:
            counts[key] += value.count(",") + 1
    for key, count in counts.items():
        if count > max_list:
            raise _too_large(f"a {key} list of {count} elements", key)


def _bad(message: str) -> ParseError:
    return ParseError(message, error_class="header-syntax", rule="RFC 3261 §7.3.1")


def _too_large(what: str, header: str | None = None) -> ParseError:
    return ParseError(
        f"{what} is too large", error_class="framing", rule="limit", header=header, status_hint=513
    )
