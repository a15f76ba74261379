"""The fields of RTP and RTCP that SRTP reads before a packet is authentic."""

from __future__ import annotations

import struct

from ..errors import PacketError

_RTP = struct.Struct("!BxHxxxxI")
_RTCP = struct.Struct("!BxxxI")
_unpack_rtp = _RTP.unpack_from


def rtp_fields_untrusted(packet: bytes, overhead: int) -> tuple[int, int, int]:
    """Return SSRC, sequence number, and where the payload of an RTP packet begins.

    Args:
        packet: The packet.
        overhead: Octets at its end that SRTP has added.

    Raises:
        PacketError: It is no RTP packet, or shorter than it says.
    """
    end = len(packet) - overhead
    if end < _RTP.size:
        raise PacketError("SRTP packet is cut", len(packet), error_class="truncated")
    first, sequence, ssrc = _unpack_rtp(packet)
    if first == 0x80:
        return ssrc, sequence, 12
    if first >> 6 != 2:
        raise PacketError(f"RTP version is {first >> 6}, not 2", 0, error_class="version")
    body = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if body + 4 > end:
            raise PacketError("header extension is cut", end, error_class="truncated")
        body += 4 + 4 * int.from_bytes(packet[body + 2 : body + 4], "big")
    if body > end:
        raise PacketError("header is longer than the packet", end, error_class="truncated")
    return ssrc, sequence, body


def rtcp_ssrc_untrusted(packet: bytes, overhead: int) -> int:
    """Return the SSRC of the first packet of a compound.

    Args:
        packet: The compound packet.
        overhead: Octets at its end that SRTCP has added.

    Raises:
        PacketError: It is no RTCP packet.
    """
    if len(packet) - overhead < _RTCP.size:
        raise PacketError("SRTCP packet is cut", len(packet), error_class="truncated")
    first, ssrc = _RTCP.unpack_from(packet)
    if first >> 6 != 2:
        raise PacketError(f"RTCP version is {first >> 6}, not 2", 0, error_class="version")
    return int(ssrc)
