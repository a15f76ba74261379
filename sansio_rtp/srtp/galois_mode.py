"""AES-GCM, which encrypts and authenticates in one (RFC 7714)."""

from __future__ import annotations

from .backend import GcmCipher

TAG_OCTETS = 16
_RTCP_HEADER = 8


class GaloisMode:
    """Secures the packets of one session key, of RTP or of RTCP.

    Attributes:
        cipher: AES-GCM with the session key.
        salt: The session salt, 96 bits.
        encrypt: False when RTP is authenticated only.
        tag_octets: Length of the tag.
        after_mki: Octets that follow the MKI: none, the tag stands before it.
    """

    __slots__ = ("after_mki", "cipher", "encrypt", "salt", "tag_octets")

    def __init__(self, cipher: GcmCipher, salt: bytes, *, encrypt: bool = True) -> None:
        """Take session key and salt; without `encrypt` RTP payloads stay readable."""
        self.cipher = cipher
        self.salt = int.from_bytes(salt, "big")
        self.encrypt = encrypt
        self.tag_octets = TAG_OCTETS
        self.after_mki = 0

    def seal_rtp(self, packet: bytes, body: int, ssrc: int, index: int, mki: bytes) -> bytes:
        """Return the SRTP packet of an RTP packet whose payload begins at `body` (RFC 7714 §8)."""
        if not self.encrypt:
            body = len(packet)
        header = packet[:body]
        return header + self.cipher.encrypt(self._nonce(ssrc, index), packet[body:], header) + mki

    def open_rtp(self, packet: bytes, body: int, ssrc: int, index: int, mki_octets: int) -> bytes | None:
        """Return the RTP packet of an SRTP packet, or None when it is not authentic."""
        end = len(packet) - mki_octets
        if not self.encrypt:
            body = end - TAG_OCTETS
        header = packet[:body]
        plain = self.cipher.decrypt(self._nonce(ssrc, index), packet[body:end], header)
        return None if plain is None else header + plain

    def seal_rtcp(self, packet: bytes, ssrc: int, index: int, mki: bytes, *, encrypt: bool) -> bytes:
        """Return the SRTCP packet of a compound RTCP packet (RFC 7714 §9)."""
        word = (encrypt << 31 | index).to_bytes(4, "big")
        body = _RTCP_HEADER if encrypt else len(packet)
        header = packet[:body]
        return (
            header + self.cipher.encrypt(self._nonce(ssrc, index), packet[body:], header + word) + word + mki
        )

    def open_rtcp(self, packet: bytes, ssrc: int, word: int, mki_octets: int) -> bytes | None:
        """Return the RTCP packet of an SRTCP packet, or None; `word` is its E bit and index."""
        end = len(packet) - mki_octets - 4
        body = _RTCP_HEADER if word >> 31 else end - TAG_OCTETS
        header = packet[:body]
        plain = self.cipher.decrypt(
            self._nonce(ssrc, word & 0x7FFFFFFF), packet[body:end], header + packet[end : end + 4]
        )
        return None if plain is None else header + plain

    def _nonce(self, ssrc: int, index: int) -> bytes:
        return (self.salt ^ ssrc << 48 ^ index).to_bytes(12, "big")
