"""The digest computation (RFC 7616 §3.4, RFC 8760)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NotRequired, TypedDict, Unpack

from ..errors import LocalProtocolError

__all__ = [
    "DigestInput",
    "digest_from_hash",
    "digest_response",
    "hash_user",
    "hash_username",
    "is_supported",
]


def _md5(data: bytes) -> str:
    # A machine in FIPS mode still has to speak to the MD5 registrars of this world.
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha512_256(data: bytes) -> str:
    # FIPS 180-4 SHA-512/256 with its own start values, not SHA-512 cut off as in the example of
    # RFC 7616 §3.9.2.
    return hashlib.new("sha512_256", data).hexdigest()


_HASHES: dict[str, Callable[[bytes], str]] = {
    "md5": _md5,
    "sha-256": _sha256,
    **({"sha-512-256": _sha512_256} if "sha512_256" in hashlib.algorithms_available else {}),
}


def is_supported(algorithm: str | None) -> bool:
    """Tell whether a challenge's algorithm can be computed; None means MD5."""
    return (algorithm or "md5").lower().removesuffix("-sess") in _HASHES


def hash_user(username: str, realm: str, password: str, algorithm: str | None = None) -> str:
    """Compute what a server may keep in place of the password: H(A1) without ``-sess`` (§3.4.2).

    Args:
        username: The user's name; hashed as UTF-8.
        realm: Text between the quotes of the challenge's realm.
        password: The password; hashed as UTF-8.
        algorithm: MD5, SHA-256 or SHA-512-256, with or without ``-sess``; None means MD5.

    Raises:
        LocalProtocolError: The algorithm is not known.
    """
    return _hash_text(_hash_of(algorithm), username, realm, password)


def hash_username(username: str, realm: str, algorithm: str | None = None) -> str:
    """Compute what stands in place of the user's name where a server takes that (RFC 7616 §3.4.4).

    Args:
        username: The user's name; hashed as UTF-8.
        realm: Text between the quotes of the challenge's realm.
        algorithm: As for `hash_user`.

    Raises:
        LocalProtocolError: The algorithm is not known.
    """
    return _hash_text(_hash_of(algorithm), username, realm)


def digest_from_hash(
    user_hash: str,
    *,
    method: str,
    uri: str,
    nonce: str,
    algorithm: str | None = None,
    qop: str | None = None,
    nc: str = "",
    cnonce: str = "",
    body: bytes = b"",
) -> str:
    """Compute the ``response`` of digest credentials from what `hash_user` gave.

    Args:
        user_hash: See `hash_user`, made with the same algorithm.
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
    hash_bytes = _hash_of(algorithm)
    if qop not in (None, "auth", "auth-int"):
        raise LocalProtocolError(f"qop {qop!r} is not supported")
    secret = user_hash
    if algorithm is not None and algorithm.lower().endswith("-sess"):
        secret = _hash_text(hash_bytes, secret, nonce, cnonce)
    intent = (method, uri, hash_bytes(body)) if qop == "auth-int" else (method, uri)
    hashed_intent = _hash_text(hash_bytes, *intent)
    if qop is None:
        return _hash_text(hash_bytes, secret, nonce, hashed_intent)
    return _hash_text(hash_bytes, secret, nonce, nc, cnonce, qop, hashed_intent)


def _hash_of(algorithm: str | None) -> Callable[[bytes], str]:
    hash_bytes = _HASHES.get((algorithm or "md5").lower().removesuffix("-sess"))
    if hash_bytes is None:
        raise LocalProtocolError(f"algorithm {algorithm!r} is not supported")
    return hash_bytes


def _hash_text(hash_bytes: Callable[[bytes], str], *parts: str) -> str:
    return hash_bytes(":".join(parts).encode("utf-8", "surrogateescape"))


class DigestInput(TypedDict):
    """What a digest is made of besides the user's secret; see `digest_from_hash`."""

    method: str
    uri: str
    nonce: str
    algorithm: NotRequired[str | None]
    qop: NotRequired[str | None]
    nc: NotRequired[str]
    cnonce: NotRequired[str]
    body: NotRequired[bytes]


def digest_response(*, username: str, realm: str, password: str, **given: Unpack[DigestInput]) -> str:
    """Compute the ``response`` of digest credentials.

    Args:
        username: The user's name; hashed as UTF-8.
        realm: Text between the quotes of the challenge's realm.
        password: The password; hashed as UTF-8.
        given: All that `digest_from_hash` takes besides the hash.

    Raises:
        LocalProtocolError: The algorithm or qop is not known.
    """
    return digest_from_hash(hash_user(username, realm, password, given.get("algorithm")), **given)
