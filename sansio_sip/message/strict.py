"""The letter of the grammar: what strict mode checks beyond what can be understood."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from ..errors import ParseError
from .base import Message
from .name_addr import NameAddr
from .params import has_stray_semicolon
from .request import Request
from .uri import AnyUri, Uri
from .via import Via

__all__ = ["check_strictly"]

_TOKENS = re.compile(r"(?:[A-Za-z0-9\-.!%*_+`'~]++[ \t]*+)*+")
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "
    r"[0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
)
_URI_TEXT = re.compile(r"(?:[A-Za-z0-9\-_.!~*'();/?:@&=+$,\[\]#]|%[0-9A-Fa-f]{2})*+")
_BRACKETED = re.compile(r"<([^<>]*+)>")


def check_strictly(message: Message) -> None:
    """Check every header of which lenient mode forgives something (see `DEVIATIONS`).

    Raises:
        ParseError: The message deviates from the grammar.
    """
    if isinstance(message, Request):
        _check_uri(message.request_uri, message.uri, None)
    for value in message.values("via"):
        _check_semicolons(value, "via")
        Via.parse(value)
    for key in ("from", "to", "contact", "route", "record-route", "refer-to", "reply-to"):
        for value in message.values(key) if key not in ("from", "to") else message.get_all(key):
            if value != "*":
                _check_name_addr(value, key)
    for key, check in _OTHERS.items():
        for value in message.get_all(key):
            check(value)
    _ = message.expires


def _check_name_addr(value: str, key: str) -> None:
    typed = NameAddr.parse(value, key)
    _check_semicolons(value, key)
    match = _BRACKETED.search(value, value.rfind('"') + 1)
    bracketed = match or _BRACKETED.search(value)
    if bracketed is None:
        address = value.partition(";")[0].strip(" \t")
        # Without brackets a ? or comma would belong to nobody knows what (RFC 3261 §20.10).
        if "?" in address or "," in address:
            raise _bad("a URI with ? or comma needs angle brackets", "addr-spec", key)
    else:
        address = bracketed[1]
        if address != address.strip(" \t"):
            raise _bad("white space between bracket and URI", "name-addr", key, error_class="uri")
        name = value.partition("<")[0]
        if '"' not in name and _TOKENS.fullmatch(name.strip(" \t")) is None:
            raise _bad("a display name that needs quotes", "display-name", key)
    _check_uri(typed.uri, address, key)


def _check_uri(uri: AnyUri, text: str, header: str | None) -> None:
    if _URI_TEXT.fullmatch(text) is None:
        raise _bad("a character in a URI is not escaped", "SIP-URI", header, error_class="uri")
    if not uri.scheme:
        raise _bad("a URI needs a scheme", "absoluteURI", header, error_class="uri")
    if isinstance(uri, Uri) and uri.is_ipv6:
        try:
            ipaddress.IPv6Address(uri.host)
        except ValueError:
            raise _bad(
                "the IPv6 reference is no address", "IPv6reference", header, error_class="uri"
            ) from None


def _check_semicolons(value: str, key: str) -> None:
    if has_stray_semicolon(value):
        raise _bad("a semicolon with nothing behind it", "generic-param", key)


def _check_date(value: str) -> None:
    if _DATE.fullmatch(value) is None:
        raise _bad("not a date in GMT", "SIP-date", "date")


_OTHERS: dict[str, Callable[[str], None]] = {"date": _check_date}


def _bad(message: str, rule: str, header: str | None, *, error_class: str = "header-syntax") -> ParseError:
    return ParseError(message, error_class=error_class, rule=f"RFC 3261 §25.1 {rule}", header=header)
