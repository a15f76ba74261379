"""The block cipher as a port: AES comes from a library that the runtime has found, never from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

Octets: TypeAlias = bytes | bytearray | memoryview
"""Octets that are only read."""

EcbCipher: TypeAlias = Callable[[Octets], bytes]
"""Encrypts whole blocks of 16 octets, each on its own, with one key."""


class GcmCipher(Protocol):
    """AES-GCM with one key (NIST SP 800-38D), a tag of 16 octets at the end of the ciphertext."""

    def encrypt(self, nonce: Octets, data: Octets, associated: Octets, /) -> bytes:
        """Return the ciphertext of `data` and its tag; `associated` is authenticated only."""
        ...

    def decrypt(self, nonce: Octets, data: Octets, associated: Octets, /) -> bytes | None:
        """Return the plaintext of `data`, which ends with the tag, or None when the tag is wrong."""
        ...


class CipherBackend(Protocol):
    """Makes ciphers for keys of 16, 24 or 32 octets."""

    def ecb(self, key: bytes, /) -> EcbCipher:
        """Return the encrypting direction of AES with `key`."""
        ...

    def gcm(self, key: bytes, /) -> GcmCipher:
        """Return AES-GCM with `key`."""
        ...
