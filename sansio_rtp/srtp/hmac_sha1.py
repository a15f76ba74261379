"""HMAC-SHA1 from two kept states (RFC 2104 §4, RFC 3711 §4.2.1)."""

from __future__ import annotations

import hashlib
from typing import Protocol, Self

from .backend import Octets

_BLOCK_OCTETS = 64


class HashState(Protocol):
    """A hash that has taken some octets."""

    def copy(self) -> Self:
        """Return the same state once more."""
        ...

    def update(self, data: Octets, /) -> None:
        """Take more octets."""
        ...

    def digest(self) -> bytes:
        """Return the hash of what was taken."""
        ...


class HmacSha1:
    """HMAC-SHA1 with one key, which is hashed once and not for every packet.

    Attributes:
        inner: The hash that has taken the key for the text.
        outer: The hash that has taken the key for the inner digest.
    """

    __slots__ = ("inner", "outer")

    def __init__(self, key: bytes) -> None:
        """Take a `key` of at most 64 octets."""
        block = key.ljust(_BLOCK_OCTETS, b"\0")
        self.inner: HashState = hashlib.sha1(bytes(octet ^ 0x36 for octet in block))
        self.outer: HashState = hashlib.sha1(bytes(octet ^ 0x5C for octet in block))

    def digest(self, text: Octets, more: Octets = b"") -> bytes:
        """Return the 20 octets that authenticate `text` followed by `more`."""
        inner = self.inner.copy()
        inner.update(text)
        inner.update(more)
        outer = self.outer.copy()
        outer.update(inner.digest())
        return outer.digest()
