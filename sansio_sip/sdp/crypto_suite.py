"""The crypto suites that keys in descriptions are for (RFC 4568 §6.2, RFC 6188 §3, RFC 7714 §14)."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CRYPTO_SUITES", "DEFAULT_SUITES", "CryptoSuite"]


class CryptoSuite(NamedTuple):
    """Sizes of one suite.

    Attributes:
        name: Name in ``a=crypto``, in capitals.
        key_length: Octets of the master key.
        salt_length: Octets of the master salt.
        tag_length: Octets of the authentication tag of an SRTP packet.
        usable: Whether the suite is agreed to; the others are only read.
    """

    name: str
    key_length: int
    salt_length: int
    tag_length: int
    usable: bool = True

    @property
    def material_length(self) -> int:
        """Octets of master key and salt together."""
        return self.key_length + self.salt_length


CRYPTO_SUITES: dict[str, CryptoSuite] = {
    suite.name: suite
    for suite in (
        CryptoSuite("AES_CM_128_HMAC_SHA1_80", 16, 14, 10),
        CryptoSuite("AES_CM_128_HMAC_SHA1_32", 16, 14, 4),
        CryptoSuite("AES_256_CM_HMAC_SHA1_80", 32, 14, 10),
        CryptoSuite("AES_256_CM_HMAC_SHA1_32", 32, 14, 4),
        CryptoSuite("AEAD_AES_128_GCM", 16, 12, 16),
        CryptoSuite("AEAD_AES_256_GCM", 32, 12, 16),
        CryptoSuite("F8_128_HMAC_SHA1_80", 16, 14, 10, usable=False),
    )
}
"""Suites by name; keys of others are kept but never agreed to."""

DEFAULT_SUITES: tuple[str, ...] = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
"""What every peer with SRTP has, the longer tag first (SDP-10)."""
