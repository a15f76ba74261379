"""Equality of URIs (RFC 3261 §19.1.4)."""

from __future__ import annotations

import ipaddress
import re

from .uri import AnyUri, TelUri, Uri, UriParams

__all__ = ["uris_equal"]

_RESERVED = frozenset(";/?:@&=+$,")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_NEVER_IN_ONE_ONLY = ("user", "ttl", "method", "maddr", "transport")


def _normal(text: str | None) -> str | None:
    """Undo the escapes that mean the same as their character; a reserved character does not."""

    def replace(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return match[0].upper() if character in _RESERVED or character > "~" else character

    return None if text is None else _ESCAPE.sub(replace, text)


def _folded(pairs: UriParams) -> dict[str, str | None]:
    result: dict[str, str | None] = {}
    for name, value in pairs:
        normal = _normal(value)
        result.setdefault((_normal(name) or "").lower(), None if normal is None else normal.lower())
    return result


def uris_equal(a: AnyUri, b: AnyUri) -> bool:
    """Tell whether two URIs are equivalent. The relation is not transitive, by its definition.

    ``tel`` URIs compare by digits without visual separators and by parameters (RFC 3966 §4), other
    schemes by text. Header parts compare as text without case, not by the rules of each header.
    """
    if isinstance(a, Uri) and isinstance(b, Uri):
        return _same_address(a, b) and _same_params(a, b) and _folded(a.headers) == _folded(b.headers)
    if isinstance(a, TelUri) and isinstance(b, TelUri):
        return _digits(a.number) == _digits(b.number) and _folded(a.params) == _folded(b.params)
    return a == b


def _same_address(a: Uri, b: Uri) -> bool:
    return (
        a.scheme == b.scheme
        and _normal(a.user) == _normal(b.user)
        and _normal(a.password) == _normal(b.password)
        and (a.host.lower() == b.host.lower() or _same_ipv6(a.host, b.host))
        and a.port == b.port
    )


def _same_ipv6(one: str, two: str) -> bool:
    """Compare IPv6 references as the addresses they mean (RFC 5954 §4.2)."""
    if ":" not in one or ":" not in two:
        return False
    try:
        return ipaddress.IPv6Address(one) == ipaddress.IPv6Address(two)
    except ValueError:
        return False  # no address at all is equal to its own spelling only


def _same_params(a: Uri, b: Uri) -> bool:
    one, two = _folded(a.params), _folded(b.params)
    if any((name in one) != (name in two) for name in _NEVER_IN_ONE_ONLY):
        return False
    return all(one[name] == two[name] for name in one.keys() & two.keys())


def _digits(number: str) -> str:
    return re.sub(r"[\-.()]", "", number).lower()
