"""Display name, URI and parameters: From, To, Contact, Route and their kind (RFC 3261 §20.10)."""

from __future__ import annotations

import functools
import re

import attrs

from ..errors import ParseError
from .names import is_token
from .params import (
    Params,
    find_param,
    format_params,
    parse_params,
    quote_string,
    replace_param,
    unquote_string,
)
from .uri import AbsoluteUri, AnyUri, parse_uri

__all__ = ["NameAddr", "read_tag"]

_NAME_ADDR = re.compile(
    r'(?:("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t]*+|([^"<]*+))<([^<>]*+)>[ \t]*+(?:;(.*+))?',
    re.DOTALL,
)
_NO_SCHEME = re.compile(r"[^@:\s<>\"]++@[A-Za-z0-9.\-]++", re.ASCII)


def _parse_address(text: str) -> AnyUri:
    # "alice@example.com" stands in examples of RFC 3261 itself, and in From headers of real phones.
    if ":" not in text and _NO_SCHEME.fullmatch(text) is not None:
        return AbsoluteUri("", text)
    return parse_uri(text)


# A caller's and a callee's address come in every message of their call, and in the next call too. A
# stranger can fill the memory with 1,024 short ones and no more.
_LONGEST_REMEMBERED = 256


@functools.lru_cache(maxsize=1_024)
def _read_bracketed(text: str) -> tuple[AnyUri, str] | None:
    """Read a ``name-addr`` without its last bracket; None where only the full grammar can tell."""
    match = _NAME_ADDR.fullmatch(f"{text}>")
    if match is None or match.end(3) != len(text):
        return None
    return _uri_and_name(match)


def _uri_and_name(match: re.Match[str]) -> tuple[AnyUri, str]:
    quoted, tokens, address, _ = match.groups()
    name = tokens.strip(" \t") if quoted is None else unquote_string(quoted)
    return _parse_address(address.strip(" \t")), name


def read_tag(text: str, header: str) -> str:
    """Check a From or To value and give its tag; empty when there is none.

    Raises:
        ParseError: The same as `NameAddr.parse`.
    """
    address, separator, tag = text.partition(">;tag=")
    if len(address) <= _LONGEST_REMEMBERED:
        if not separator:
            if address[-1:] == ">" and _read_bracketed(address[:-1]) is not None:
                return ""
        elif (tag.isalnum() or is_token(tag)) and _read_bracketed(address) is not None:
            return tag
    return NameAddr.parse(text, header).tag


@attrs.frozen
class NameAddr:
    """A ``name-addr`` or ``addr-spec`` with header parameters.

    Attributes:
        uri: The URI.
        display_name: The display name without quotes; empty when there is none.
        params: Header parameters in order; those of the URI are in the URI.
    """

    uri: AnyUri
    display_name: str = ""
    params: Params = ()

    @classmethod
    def parse(cls, text: str, header: str = "") -> NameAddr:
        """Read one element.

        Args:
            text: The raw value, without commas outside quotes and brackets.
            header: Key of the header field, for the error.

        Raises:
            ParseError: The brackets, quotes, parameters or the URI are damaged.
        """
        if "<" not in text and '"' not in text.partition(";")[0]:
            # Without brackets every parameter is the header's, not the URI's (RFC 3261 §20.10).
            address, _, params = text.partition(";")
            return cls(_parse_address(address.strip(" \t")), "", parse_params(params, header))
        address, _, rest = text.rpartition(">")
        known = _read_bracketed(address) if len(address) <= _LONGEST_REMEMBERED else None
        if known is not None and rest[:1] in ("", ";"):
            return cls(*known, parse_params(rest[1:], header))
        match = _NAME_ADDR.fullmatch(text)
        if match is None:
            raise ParseError(
                "quotes or angle brackets do not match",
                error_class="header-syntax",
                rule="RFC 3261 §25.1 name-addr",
                header=header,
            )
        return cls(*_uri_and_name(match), parse_params(match[4] or "", header))

    @property
    def tag(self) -> str:
        """The tag parameter; empty when there is none."""
        return find_param(self.params, "tag") or ""

    def param(self, name: str) -> str | None:
        """Give a header parameter by its lower-case name: None when absent, empty for a flag."""
        return find_param(self.params, name)

    def with_param(self, name: str, value: str | None) -> NameAddr:
        """Give a copy with one header parameter set."""
        return NameAddr(self.uri, self.display_name, replace_param(self.params, name, value))

    def __str__(self) -> str:
        name = f"{quote_string(self.display_name)} " if self.display_name else ""
        return f"{name}<{self.uri}>{format_params(self.params)}"
