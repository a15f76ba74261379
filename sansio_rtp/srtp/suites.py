"""The crypto-suites by the names that signalling uses."""

from __future__ import annotations

from enum import Enum

import attrs

from ..errors import LocalProtocolError


class Cipher(Enum):
    """How the payload is encrypted."""

    NULL = "null"
    AES_CM = "AES counter mode"
    AES_GCM = "AES Galois/counter mode"


@attrs.frozen
class Suite:
    """One crypto-suite: the transforms and the lengths of its keys.

    Attributes:
        name: Its name in `a=crypto` (RFC 4568 §6.2).
        cipher: The encryption.
        key_octets: Length of the master key, and of the session key.
        salt_octets: Length of the master salt, and of the session salt.
        rtp_tag_octets: Length of the tag of an RTP packet.
        rtcp_tag_octets: Length of the tag of an RTCP packet, never under 10 (RFC 3711 §5.2).
    """

    name: str
    cipher: Cipher
    key_octets: int
    salt_octets: int
    rtp_tag_octets: int
    rtcp_tag_octets: int

    @property
    def master_octets(self) -> int:
        """Length of master key and master salt together, as `inline:` carries them."""
        return self.key_octets + self.salt_octets


def _hmac_sha1(name: str, cipher: Cipher, key_octets: int, tag_bits: int) -> Suite:
    return Suite(f"{name}_HMAC_SHA1_{tag_bits}", cipher, key_octets, 14, tag_bits // 8, 10)


SUITES: dict[str, Suite] = {
    suite.name: suite
    for suite in (
        _hmac_sha1("AES_CM_128", Cipher.AES_CM, 16, 80),  # RFC 4568 §6.2
        _hmac_sha1("AES_CM_128", Cipher.AES_CM, 16, 32),
        _hmac_sha1("AES_192_CM", Cipher.AES_CM, 24, 80),  # RFC 6188 §4
        _hmac_sha1("AES_192_CM", Cipher.AES_CM, 24, 32),
        _hmac_sha1("AES_256_CM", Cipher.AES_CM, 32, 80),
        _hmac_sha1("AES_256_CM", Cipher.AES_CM, 32, 32),
        Suite("AEAD_AES_128_GCM", Cipher.AES_GCM, 16, 12, 16, 16),  # RFC 7714 §12
        Suite("AEAD_AES_256_GCM", Cipher.AES_GCM, 32, 12, 16, 16),
        _hmac_sha1("NULL", Cipher.NULL, 16, 80),  # RFC 5764 §4.1.2
        _hmac_sha1("NULL", Cipher.NULL, 16, 32),
    )
}
"""Every crypto-suite that is known, by its name."""


def get_suite(name: str) -> Suite:
    """Return the crypto-suite called `name`, written as in its registration.

    Raises:
        LocalProtocolError: There is no such suite.
    """
    try:
        return SUITES[name]
    except KeyError:
        raise LocalProtocolError(
            f"there is no crypto-suite {name!r}; known are {', '.join(SUITES)}"
        ) from None
