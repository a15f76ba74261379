"""SIP, SIPS, tel and other URIs (RFC 3261 §19.1, RFC 3966)."""

from __future__ import annotations

import functools
import re
from typing import TypeAlias
from urllib.parse import quote, unquote

import attrs

from ..errors import ParseError

__all__ = ["AbsoluteUri", "AnyUri", "TelUri", "Uri", "UriParams", "escape_user", "parse_uri", "unescape"]

_USER = "-_.!~*'()&=+$,;?/"
"""What a user part may hold beside letters and digits."""

UriParams: TypeAlias = tuple[tuple[str, str | None], ...]
"""URI parameters or headers in order, spelled and escaped as received; None for a flag."""

# Only one "@" may stand in the whole: which part is the host is never a guess.
_SIP = re.compile(
    r"sips?:(?:([^@:\s<>\"]*+)(?::([^@\s<>\"]*+))?@)?"
    r"(?:\[([0-9A-Fa-f:.]++(?:%[0-9A-Za-z]++)?)\]|([A-Za-z0-9_.\-]++))(?::([0-9]{1,5}))?"
    r"((?:;[^;?@\s<>\"]*+)*+)(?:\?([^@\s<>\"]*+))?",
    re.IGNORECASE | re.ASCII,
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):([^\s<>\"]*+)", re.ASCII)
_TEL = re.compile(r"(\+?[0-9A-Fa-f*#().\-]++)((?:;[^;]++)*+)", re.ASCII)


def unescape(text: str) -> str:
    """Undo percent escapes, exactly once (RFC 3261 §19.1.2); octets that are not UTF-8 stay surrogates."""
    return unquote(text, errors="surrogateescape") if "%" in text else text


def escape_user(text: str) -> str:
    """Escape what a user part may not hold as it is (RFC 3261 §25.1 user); `unescape` undoes it."""
    return quote(text, safe=_USER, errors="surrogateescape")


def _find(params: UriParams, name: str) -> str | None:
    for key, value in params:
        if unescape(key).lower() == name:
            return "" if value is None else unescape(value)
    return None


def _pairs(text: str, separator: str) -> UriParams:
    pairs: list[tuple[str, str | None]] = []
    for part in text.split(separator):
        name, equals, value = part.partition("=")
        if name:
            pairs.append((name, value if equals else None))
    return tuple(pairs)


def _write(params: UriParams) -> str:
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params])


@attrs.frozen
class Uri:
    """A ``sip`` or ``sips`` URI.

    Attributes:
        scheme: ``sip`` or ``sips``.
        host: Name or address as received; an IPv6 address without its brackets.
        user: The user part, still escaped, or None.
        password: The password, still escaped, or None.
        port: The port, or None when none is written.
        params: URI parameters in order.
        headers: Header parts behind the question mark, in order.
    """

    scheme: str
    host: str
    user: str | None = None
    password: str | None = None
    port: int | None = None
    params: UriParams = ()
    headers: UriParams = ()

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Read a ``sip`` or ``sips`` URI.

        Raises:
            ParseError: The text is another URI or none (RFC 3261 §19.1.1).
        """
        uri = parse_uri(text)
        if not isinstance(uri, Uri):
            raise _bad(text, "SIP-URI")
        return uri

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is an IPv6 address."""
        return ":" in self.host

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case, or None."""
        value = self.param("transport")
        return None if value is None else value.lower()

    def param(self, name: str) -> str | None:
        """Give an unescaped parameter by its lower-case name: None when absent, empty for a flag."""
        return _find(self.params, name) if self.params else None

    def __str__(self) -> str:
        user = "" if self.user is None else self.user
        if self.password is not None:
            user = f"{user}:{self.password}"
        at = "@" if self.user is not None else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        text = f"{self.scheme}:{user}{at}{host}{port}{_write(self.params)}"
        if self.headers:
            text += "?" + "&".join(
                [name if value is None else f"{name}={value}" for name, value in self.headers]
            )
        return text


@attrs.frozen
class TelUri:
    """A ``tel`` URI: a number and its parameters (RFC 3966)."""

    number: str
    params: UriParams = ()
    scheme: str = attrs.field(default="tel", init=False)

    def param(self, name: str) -> str | None:
        """Give an unescaped parameter by its lower-case name: None when absent, empty for a flag."""
        return _find(self.params, name)

    def __str__(self) -> str:
        return f"tel:{self.number}{_write(self.params)}"


@attrs.frozen
class AbsoluteUri:
    """A URI of a scheme that SIP does not look into (RFC 3261 §25.1 ``absoluteURI``).

    Attributes:
        scheme: The scheme as received; empty where a peer left it out.
        rest: All behind the colon.
    """

    scheme: str
    rest: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}" if self.scheme else self.rest


AnyUri: TypeAlias = Uri | TelUri | AbsoluteUri


def _bad(text: str, rule: str) -> ParseError:
    return ParseError(f"{text[:80]!r} is not a URI", error_class="uri", rule=f"RFC 3261 §25.1 {rule}")


# The same few URIs come in every message of a call; the bound keeps a stranger from filling memory.
@functools.lru_cache(maxsize=1_024)
def parse_uri(text: str) -> AnyUri:
    """Read a URI into the class of its scheme.

    Raises:
        ParseError: The text is no URI, or breaks the grammar of its scheme.
    """
    match = _SIP.fullmatch(text)
    if match is not None:
        user, password, ipv6, host, port, params, headers = match.groups()
        number = None if port is None else int(port)
        if number is not None and number > 65_535:
            raise _bad(text, "port")
        return Uri(
            text.partition(":")[0].lower(), ipv6 or host, user, password, number,
            _pairs(params, ";") if params else (), _pairs(headers, "&") if headers else (),
        )  # fmt: skip
    return _parse_other(text)


def _parse_other(text: str) -> TelUri | AbsoluteUri:
    match = _SCHEME.fullmatch(text)
    if match is None:
        raise _bad(text, "absoluteURI")
    scheme, rest = match[1].lower(), match[2]
    if scheme in ("sip", "sips"):
        raise _bad(text, "SIP-URI")
    if scheme != "tel":
        return AbsoluteUri(match[1], rest)
    tel = _TEL.fullmatch(rest)
    if tel is None:
        raise _bad(text, "telephone-uri (RFC 3966 §3)")
    return TelUri(tel[1], _pairs(tel[2], ";"))
