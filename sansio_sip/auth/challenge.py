"""Challenges and credentials as header text (RFC 7616 §3.3, RFC 3261 §25.1)."""

from __future__ import annotations

import attrs

from ..errors import ParseError
from ..headers.auth_params import AuthParams, parse_auth_params

__all__ = ["AuthParams", "Challenge", "build_challenge", "parse_auth_params", "parse_challenge"]


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
