"""Which protocol a datagram on a media port belongs to (RFC 7983 §7, RFC 5761 §4)."""

from __future__ import annotations

from enum import Enum


class PacketKind(Enum):
    """The protocols that share a media port."""

    RTP = "rtp"
    RTCP = "rtcp"
    STUN = "stun"
    DTLS = "dtls"
    UNKNOWN = "unknown"


def classify(data: bytes) -> PacketKind:
    """Tell the protocol of a datagram by its first two octets, without reading further.

    Args:
        data: The datagram; may be empty.

    Returns:
        The kind. RTCP is told from RTP by its packet type 192 to 223, which are the RTP payload types 64 to
        95 with the marker set (RFC 5761 §4).
    """
    if len(data) < 2:
        return PacketKind.UNKNOWN
    first = data[0]
    if 128 <= first <= 191:
        return PacketKind.RTCP if 192 <= data[1] <= 223 else PacketKind.RTP
    if first <= 3:
        return PacketKind.STUN
    return PacketKind.DTLS if 20 <= first <= 63 else PacketKind.UNKNOWN
