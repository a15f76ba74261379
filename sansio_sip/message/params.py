"""Header parameters, quoted strings and comma-separated lists (RFC 3261 §25.1)."""

from __future__ import annotations

import re
from typing import TypeAlias

from ..errors import ParseError

__all__ = [
    "Params",
    "find_param",
    "format_params",
    "has_stray_semicolon",
    "parse_params",
    "quote_string",
    "replace_param",
    "split_list",
    "unquote_string",
]

Params: TypeAlias = tuple[tuple[str, str | None], ...]
"""Parameters in order: lower-case name, value as written (with its quotes) or None for a flag."""

# Possessive quantifiers keep every pattern here linear: nothing is ever tried twice.
_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PARAM = re.compile(
    rf'[ \t]*+([^;="\s]++)[ \t]*+(?:=[ \t]*+({_QUOTED}|[^;"]*+))?[ \t]*+(?:;|\Z)',
    re.DOTALL,
)
_STRAY = re.compile(r"[ \t]*+(?:;|\Z)")
_ELEMENT = re.compile(rf'((?:[^,"<]++|{_QUOTED}|<[^>]*+>)*+)(,|\Z)', re.DOTALL)
_NOT_PARAMS = re.compile(rf"{_QUOTED}|<[^>]*+>", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


def _bad(message: str, rule: str, header: str) -> ParseError:
    return ParseError(message, error_class="header-syntax", rule=f"RFC 3261 §25.1 {rule}", header=header)


def parse_params(text: str, header: str) -> Params:
    """Read the parameters behind the first semicolon of a header value.

    Args:
        text: ``name=value;flag``, without the leading semicolon; empty for none.
        header: Key of the header field, for the error.

    Raises:
        ParseError: A name is missing more than once or a quoted string has no end.
    """
    if not text:
        return ()
    if '"' in text:
        return _parse_quoted_params(text, header)
    params: list[tuple[str, str | None]] = []
    spaced, stray = " " in text or "\t" in text, False
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if spaced:
            name, value = name.strip(" \t"), value.strip(" \t")
        if not name:
            # One stray semicolon is sent by real phones; more than that is damage.
            if equals or stray:
                raise _bad("a parameter has no name", "generic-param", header)
            stray = True
            continue
        params.append((name.lower(), value if equals else None))
    return tuple(params)


def _parse_quoted_params(text: str, header: str) -> Params:
    params: list[tuple[str, str | None]] = []
    position, end, stray = 0, len(text), False
    while position < end:
        match = _PARAM.match(text, position)
        if match is None:
            match = _STRAY.match(text, position)
            if match is None or stray:
                raise _bad("a parameter cannot be read", "generic-param", header)
            stray = True
        else:
            name, value = match.groups()
            params.append((name.lower(), value if value is None else value.rstrip(" \t")))
        position = match.end()
    return tuple(params)


def find_param(params: Params, name: str) -> str | None:
    """Give the value of a parameter: None when absent, empty for a flag, quotes removed."""
    for key, value in params:
        if key == name:
            return "" if value is None else unquote_string(value)
    return None


def replace_param(params: Params, name: str, value: str | None) -> Params:
    """Give the parameters with one of them set, in its old place or else at the end."""
    new = (name, value)
    if any(key == name for key, _ in params):
        return tuple(new if pair[0] == name else pair for pair in params)
    return (*params, new)


def format_params(params: Params) -> str:
    """Write parameters with their leading semicolons."""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params])


def split_list(value: str, header: str) -> list[str]:
    """Split a header value at the commas outside quotes and angle brackets.

    Empty elements are left out, as lists of the RFC 2616 tradition allow them.

    Raises:
        ParseError: A quoted string or an angle bracket has no end.
    """
    if "," not in value:
        return [value] if value else []
    parts: list[str] = []
    if '"' not in value and "<" not in value:
        parts = value.split(",")
    else:
        position, more = 0, ","
        while more:
            match = _ELEMENT.match(value, position)
            if match is None:
                raise _bad("a quoted string or angle bracket has no end", "quoted-string", header)
            part, more = match.groups()
            parts.append(part)
            position = match.end()
    return [stripped for part in parts if (stripped := part.strip(" \t"))]


def quote_string(text: str) -> str:
    """Write text as a ``quoted-string``."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def has_stray_semicolon(value: str) -> bool:
    """Tell whether a semicolon outside quotes and brackets has no parameter behind it."""
    outside = _NOT_PARAMS.sub("x", value)
    return any(not part.strip(" \t") for part in outside.split(";"))


def unquote_string(text: str) -> str:
    """Remove the quotes and backslashes of a ``quoted-string``; other text is returned as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner
