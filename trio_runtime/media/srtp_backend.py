"""The ciphers of SRTP from the library `cryptography`, which is imported only when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import UnsupportedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from sansio_rtp.srtp import CipherBackend, EcbCipher, GcmCipher, Octets

__all__ = ["open_srtp_backend"]


def open_srtp_backend() -> CipherBackend:
    """Return the ciphers that SRTP is made with.

    Raises:
        UnsupportedError: `cryptography` is not installed; the text says how to install it.
    """
    try:
        return _Cryptography()
    except ImportError as error:
        raise UnsupportedError(
            "SRTP needs the library cryptography: pip install 'sansio-voip[srtp]'"
        ) from error


class _Cryptography:
    """AES of OpenSSL."""

    def __init__(self) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._invalid_tag: type[Exception] = InvalidTag
        self._aes_gcm = AESGCM
        self._cipher, self._aes, self._ecb_mode = Cipher, algorithms.AES, modes.ECB()

    def __repr__(self) -> str:
        return "<SRTP ciphers of cryptography>"

    def ecb(self, key: bytes, /) -> EcbCipher:
        """Return the encrypting direction of AES with `key`."""
        return self._cipher(self._aes(key), self._ecb_mode).encryptor().update

    def gcm(self, key: bytes, /) -> GcmCipher:
        """Return AES-GCM with `key`."""
        return _Gcm(self._aes_gcm(key), self._invalid_tag)


class _Gcm:
    """AES-GCM that tells of a wrong tag by a value, so that pure code knows no foreign exception."""

    __slots__ = ("_decrypt", "_invalid_tag", "encrypt")

    def __init__(self, cipher: AESGCM, invalid_tag: type[Exception]) -> None:
        self.encrypt = cipher.encrypt
        self._decrypt = cipher.decrypt
        self._invalid_tag = invalid_tag

    def decrypt(self, nonce: Octets, data: Octets, associated: Octets, /) -> bytes | None:
        """Return the plaintext, or None when the tag is wrong."""
        try:
            return self._decrypt(nonce, data, associated)
        except self._invalid_tag:
            return None
