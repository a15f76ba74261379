"""AES in counter mode, or no cipher, with HMAC-SHA1 (RFC 3711 §4.1.1, §4.1.3, §4.2)."""

from __future__ import annotations

from hmac import compare_digest

from .backend import EcbCipher
from .counter_blocks import counter_blocks
from .hmac_sha1 import HmacSha1

_RTCP_HEADER = 8


class CounterMode:
    """Secures the packets of one session key, of RTP or of RTCP.

    Attributes:
        cipher: AES with the session key, or None for the NULL cipher.
        salt: The session salt, moved to the place that it has in the initial value.
        mac: HMAC-SHA1 with the session authentication key.
        tag_octets: Length of the authentication tag.
        after_mki: Octets that follow the MKI: the tag.
    """

    __slots__ = ("after_mki", "cipher", "mac", "salt", "tag_octets")

    def __init__(self, cipher: EcbCipher | None, salt: bytes, auth_key: bytes, tag_octets: int) -> None:
        """Take session keys."""
        self.cipher = cipher
        self.salt = int.from_bytes(salt, "big") << 16
        self.mac = HmacSha1(auth_key)
        self.tag_octets = self.after_mki = tag_octets

    def seal_rtp(self, packet: bytes, body: int, ssrc: int, index: int, mki: bytes) -> bytes:
        """Return the SRTP packet of an RTP packet whose payload begins at `body`."""
        secured = packet[:body] + self._crypt(packet[body:], ssrc, index)
        return secured + mki + self._rtp_tag(secured, index)

    def open_rtp(self, packet: bytes, body: int, ssrc: int, index: int, mki_octets: int) -> bytes | None:
        """Return the RTP packet of an SRTP packet, or None when it is not authentic."""
        tag = len(packet) - self.tag_octets
        secured = packet[: tag - mki_octets]
        # Authenticity first: nothing is decrypted for a stranger (RFC 3711 §3.3).
        if not compare_digest(self._rtp_tag(secured, index), packet[tag:]):
            return None
        return secured[:body] + self._crypt(secured[body:], ssrc, index)

    def seal_rtcp(self, packet: bytes, ssrc: int, index: int, mki: bytes, *, encrypt: bool) -> bytes:
        """Return the SRTCP packet of a compound RTCP packet (RFC 3711 §3.4)."""
        encrypt = encrypt and self.cipher is not None
        if encrypt:
            packet = packet[:_RTCP_HEADER] + self._crypt(packet[_RTCP_HEADER:], ssrc, index)
        secured = packet + (encrypt << 31 | index).to_bytes(4, "big")
        return secured + mki + self.mac.digest(secured)[: self.tag_octets]

    def open_rtcp(self, packet: bytes, ssrc: int, word: int, mki_octets: int) -> bytes | None:
        """Return the RTCP packet of an SRTCP packet, or None; `word` is its E bit and index."""
        tag = len(packet) - self.tag_octets
        secured = packet[: tag - mki_octets]
        if not compare_digest(self.mac.digest(secured)[: self.tag_octets], packet[tag:]):
            return None
        plain = secured[:-4]
        if word >> 31:
            plain = plain[:_RTCP_HEADER] + self._crypt(plain[_RTCP_HEADER:], ssrc, word & 0x7FFFFFFF)
        return plain

    def _rtp_tag(self, secured: bytes, index: int) -> bytes:
        return self.mac.digest(secured, (index >> 16).to_bytes(4, "big"))[: self.tag_octets]

    def _crypt(self, data: bytes, ssrc: int, index: int) -> bytes:
        if self.cipher is None or not data:
            return data
        size = len(data)
        stream = self.cipher(counter_blocks(self.salt ^ ssrc << 64 ^ index << 16, size))
        mixed = int.from_bytes(data, "big") ^ int.from_bytes(stream[:size], "big")
        return mixed.to_bytes(size, "big")
