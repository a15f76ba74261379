"""The digest computation (RFC 7616 §3.4, RFC 8760)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from ..errors import LocalProtocolError

__all__ = ["digest_response", "is_supported"]


def _md5(data: bytes) -> str:
    # A machine in FIPS mode still has to speak to the MD5 registrars of this world.
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha512_256(data: bytes) -> str:
    # FIPS 180-4 SHA-512/256 with its own start values, not SHA-512 cut off as in the example of
    # RFC 7616 §3.9.2.
    return hashlib.new("sha512_256", data).hexdigest()


_HASHES: dict[str, Callable[[bytes], str]] = {"md5": _md5, "sha-256": _sha256}
if "sha512_256" in hashlib.algorithms_available:
    _HASHES["sha-512-256"] = _sha512_256


def is_supported(algorithm: str | None) -> bool:
    """Tell whether a challenge's algorithm can be computed; None means MD5."""
    return (algorithm or "md5").lower().removesuffix("-sess") in _HASHES


def digest_response(
    *,
    username: str,
    realm: str,
    password: str,
    method: str,
    uri: str,
    nonce: str,
    algorithm: str | None = None,
    qop: str | None = None,
    nc: str = "",
    cnonce: str = "",
    body: bytes = b"",
) -> str:
    """Compute the ``response`` of digest credentials.

    Args:
        username: The user's name; hashed as UTF-8.
        realm: Text between the quotes of the challenge's realm.
        password: The password; hashed as UTF-8.
        method: Method of the request.
        uri: The ``uri`` parameter, normally the Request-URI.
        nonce: The server's nonce.
        algorithm: MD5, SHA-256 or SHA-512-256, each also with ``-sess``; None means MD5.
        qop: ``auth``, ``auth-int``, or None for the form of RFC 2069.
        nc: Eight hexadecimal digits that count the uses of the nonce; needed with a qop.
        cnonce: The client's nonce; needed with a qop or ``-sess``.
        body: The request's body, which ``auth-int`` protects.

    Raises:
        LocalProtocolError: The algorithm or qop is not known.
    """
    name = (algorithm or "md5").lower()
    hash_name = name.removesuffix("-sess")
    if hash_name not in _HASHES:
        raise LocalProtocolError(f"algorithm {algorithm!r} is not supported")
    if qop not in (None, "auth", "auth-int"):
        raise LocalProtocolError(f"qop {qop!r} is not supported")
    hash_bytes = _HASHES[hash_name]

    def hashed(*parts: str) -> str:
        return hash_bytes(":".join(parts).encode("utf-8", "surrogateescape"))

    secret = hashed(username, realm, password)
    if hash_name != name:
        secret = hashed(secret, nonce, cnonce)
    intent = hashed(method, uri, hash_bytes(body)) if qop == "auth-int" else hashed(method, uri)
    if qop is None:
        return hashed(secret, nonce, intent)
    return hashed(secret, nonce, nc, cnonce, qop, intent)
