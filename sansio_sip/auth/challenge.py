"""Challenges and credentials as header text (RFC 7616 §3.3, RFC 3261 §25.1)."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from ..errors import ParseError

__all__ = ["AuthParams", "Challenge", "build_challenge", "parse_auth_params", "parse_challenge"]

AuthParams: TypeAlias = dict[str, str]
"""Parameters by lower-case name; of a quoted string the text between the quotes, escapes kept."""

_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]++"
_SCHEME = re.compile(rf"({_TOKEN})(?:[ \t]++(.*+))?", re.DOTALL)
# The comma may be missing: even RFC 3665 §2.1 prints an example without one.
_PARAM = re.compile(
    rf'[ \t,]*+({_TOKEN})[ \t]*+=[ \t]*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^ \t,"]*+))[ \t,]*+', re.DOTALL
)


@attrs.frozen
class Challenge:
    """What a server wants to see credentials for.

    Attributes:
        scheme: Lower-case scheme, such as ``digest``.
        realm: Name of what is protected, shown to users.
        nonce: The server's nonce.
        opaque: Text to send back as it is, or None.
        algorithm: Algorithm as written, or None, which means MD5.
        qop: Offered qualities of protection in lower case; empty for the form of RFC 2069.
        stale: Whether only the nonce was too old, and the password is right.
        userhash: Whether the server takes the hash of a user's name in place of it (RFC 7616 §3.4.4).
    """

    scheme: str
    realm: str
    nonce: str = ""
    opaque: str | None = None
    algorithm: str | None = None
    qop: tuple[str, ...] = ()
    stale: bool = False
    userhash: bool = False


def parse_auth_params(value: str, header: str) -> tuple[str, AuthParams]:
    """Read the scheme and parameters of an authentication header.

    Args:
        value: The raw value.
        header: Key of the header field, for the error.

    Returns:
        The scheme in lower case, and its parameters.

    Raises:
        ParseError: There is no scheme, or a digest parameter cannot be read.
    """
    match = _SCHEME.fullmatch(value)
    if match is None:
        raise _bad("there is no scheme", header)
    scheme, text = match[1].lower(), match[2] or ""
    params: AuthParams = {}
    position = 0
    while position < len(text):
        param = _PARAM.match(text, position)
        if param is None:
            # Other schemes may carry one token instead of parameters.
            if scheme == "digest":
                raise _bad("a parameter cannot be read", header)
            break
        name, quoted, token = param.groups()
        params.setdefault(name.lower(), token if quoted is None else quoted)
        position = param.end()
    return scheme, params


def parse_challenge(value: str) -> Challenge:
    """Read a WWW-Authenticate or Proxy-Authenticate value.

    Raises:
        ParseError: It cannot be read, or a digest challenge has no realm or nonce.
    """
    scheme, params = parse_auth_params(value, "www-authenticate")
    if scheme == "digest" and not ("realm" in params and params.get("nonce")):
        raise _bad("a digest challenge needs realm and nonce", "www-authenticate")
    qop = params.get("qop", "").lower().replace(",", " ").split()
    return Challenge(
        scheme,
        params.get("realm", ""),
        params.get("nonce", ""),
        params.get("opaque"),
        params.get("algorithm"),
        tuple(qop),
        params.get("stale", "").lower() == "true",
        params.get("userhash", "").lower() == "true",
    )


def build_challenge(
    realm: str,
    nonce: str,
    *,
    algorithm: str,
    qops: tuple[str, ...],
    opaque: str = "",
    stale: bool = False,
    userhash: bool = False,
) -> str:
    """Write a WWW-Authenticate or Proxy-Authenticate value (RFC 7616 §3.3).

    Args:
        realm: Name of what is protected, without quotes and backslashes.
        nonce: The nonce.
        algorithm: The one algorithm of this challenge (RFC 8760 §2.3).
        qops: Offered qualities of protection; always sent (RFC 8760 §2.6, point 8).
        opaque: Text to send back, or empty for none.
        stale: Whether only the nonce was too old.
        userhash: Whether hashes of user names are taken.
    """
    parts = [
        f'Digest realm="{realm}"',
        f'nonce="{nonce}"',
        f"algorithm={algorithm}",
        f'qop="{",".join(qops)}"',
    ]
    if opaque:
        parts.append(f'opaque="{opaque}"')
    if stale:
        parts.append("stale=true")
    if userhash:
        parts.append("userhash=true")
    return ", ".join(parts)


def _bad(message: str, header: str) -> ParseError:
    return ParseError(message, error_class="header-syntax", rule="RFC 3261 §25.1 challenge", header=header)
