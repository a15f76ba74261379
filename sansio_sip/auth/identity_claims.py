"""Who calls whom, in the form that is signed (RFC 8224 §4.1, §8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ..message import TelUri, Uri, unescape

if TYPE_CHECKING:
    from ..message import AnyUri, Request
    from .passport import Json

__all__ = ["NumberRule", "destination_of", "media_keys", "originator_of"]

NumberRule: TypeAlias = Callable[[str], str]
"""Turns digits as dialled into an international number without ``+`` (RFC 8224 §8.3)."""

_NOT_NUMBER = re.compile(r"[^0-9#*]")
_LOOKS_LIKE_NUMBER = re.compile(r"\+[0-9.()\-]+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_FINGERPRINT = re.compile(
    rb"^a=fingerprint:[ \t]*([A-Za-z0-9\-]+)[ \t]+([0-9A-Fa-f:]+)[ \t]*\r?$", re.MULTILINE
)
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")


def originator_of(request: Request, number_rule: NumberRule | None = None) -> Json:
    """Return the ``orig`` claim: the From address.

    Raises:
        ParseError: From cannot be read.
    """
    kind, value = _identity(request.from_.uri, number_rule)
    return {kind: value}


def destination_of(request: Request, number_rule: NumberRule | None = None) -> Json:
    """Return the ``dest`` claim: the To address.

    Raises:
        ParseError: To cannot be read.
    """
    kind, value = _identity(request.to.uri, number_rule)
    return {kind: [value]}


def media_keys(body: bytes) -> list[Json]:
    """Return the ``mky`` claim of a session description, empty without fingerprints (RFC 8225 §5.2.2)."""
    pairs = {
        (algorithm.decode().lower(), digest.decode().replace(":", "").upper())
        for algorithm, digest in _FINGERPRINT.findall(body)
    }
    keys: list[Json] = []
    for algorithm, digest in sorted(pairs, key="".join):
        keys.append({"alg": algorithm, "dig": digest})
    return keys


def _identity(uri: AnyUri, number_rule: NumberRule | None) -> tuple[str, str]:
    """Return ``tn`` and the number, or ``uri`` and the canonical address (RFC 8224 §8.1)."""
    number = _number(uri)
    if number is None:
        return "uri", _canonical(uri)
    digits = _NOT_NUMBER.sub("", number)
    if number_rule is not None and not number.startswith("+"):
        digits = number_rule(digits)
    return ("tn", digits) if digits else ("uri", _canonical(uri))


def _number(uri: AnyUri) -> str | None:
    """Return a telephone number as written, ``None`` when the address is none."""
    if isinstance(uri, TelUri):
        return uri.number
    if not isinstance(uri, Uri) or uri.user is None:
        return None
    user = unescape(uri.user).partition(";")[0]
    named = (uri.param("user") or "").lower() == "phone"
    return user if named or _LOOKS_LIKE_NUMBER.fullmatch(user) else None


def _canonical(uri: AnyUri) -> str:
    """Return an address as scheme, user and host only, in lower case (RFC 8224 §8.5)."""
    if not isinstance(uri, Uri):
        return str(uri)
    host = f"[{uri.host}]" if uri.is_ipv6 else uri.host
    user = "" if uri.user is None else f"{uri.user}@"
    text = f"{uri.scheme}:{user}{host}"
    return _ESCAPE.sub(lambda match: match[0].upper(), _ESCAPE.sub(_decoded, text).lower())


def _decoded(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0]
