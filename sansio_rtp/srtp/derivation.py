"""Session keys from a master key (RFC 3711 §4.3, RFC 6188 §3, RFC 7714 §11)."""

from __future__ import annotations

from enum import IntEnum

from .backend import CipherBackend
from .counter_blocks import counter_blocks

AUTH_KEY_OCTETS = 20


class Label(IntEnum):
    """What a derived key is for."""

    RTP_ENCRYPTION = 0
    RTP_AUTHENTICATION = 1
    RTP_SALT = 2
    RTCP_ENCRYPTION = 3
    RTCP_AUTHENTICATION = 4
    RTCP_SALT = 5


def derive(backend: CipherBackend, master_key: bytes, master_salt: bytes, label: Label, octets: int) -> bytes:
    """Return one session key, with a key derivation rate of 0 (RFC 3711 §4.3.1, §4.3.3).

    Args:
        backend: Gives AES.
        master_key: 16, 24 or 32 octets.
        master_salt: 14 octets, or the 12 of AES-GCM, which count as filled up with zeros (RFC 7714 §11).
        label: What the key is for.
        octets: Length of the key.
    """
    # The label stands 56 bits from the right of 112; the 16 bits of the block counter follow.
    x = int.from_bytes(master_salt.ljust(14, b"\0"), "big") ^ label << 48
    return backend.ecb(master_key)(counter_blocks(x << 16, octets))[:octets]
