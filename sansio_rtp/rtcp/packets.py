"""The packets of RTCP as data (RFC 3550 §6.4 to §6.7)."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from .extended import ExtendedReport
from .feedback import GenericNack, PictureLoss

SR = 200
RR = 201
SDES = 202
BYE = 203
APP = 204
XR = 207

MAX_BLOCKS = 31
"""Report blocks, SDES chunks or BYE sources that fit one packet: the count has five bits."""


@attrs.frozen
class ReportBlock:
    """What one receiver says about one source (RFC 3550 §6.4.1).

    Attributes:
        ssrc: The source the block is about.
        fraction_lost: Share lost since the last report, in 1/256.
        cumulative_lost: Packets lost since the beginning, -2**23 to 2**23 - 1; negative when duplicates came.
        highest_sequence: Extended highest sequence number, 32 bits.
        jitter: Interarrival jitter in timestamp units.
        last_sr: Middle bits of the source's last SR, 0 when none came.
        delay_since_last_sr: Time since that SR in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    cumulative_lost: int
    highest_sequence: int
    jitter: int
    last_sr: int = 0
    delay_since_last_sr: int = 0


@attrs.frozen
class SenderReport:
    """SR: what a sender has sent, and what it receives (RFC 3550 §6.4.1)."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    reports: tuple[ReportBlock, ...] = ()


@attrs.frozen
class ReceiverReport:
    """RR: what somebody who does not send receives (RFC 3550 §6.4.2)."""

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()


@attrs.frozen
class SdesChunk:
    """The items of one source; each item is its type (1 is CNAME) and its text (RFC 3550 §6.5)."""

    ssrc: int
    items: tuple[tuple[int, str], ...]

    @property
    def cname(self) -> str | None:
        """The canonical name, or None."""
        return next((text for kind, text in self.items if kind == 1), None)


@attrs.frozen
class SourceDescription:
    """SDES: who the sources are (RFC 3550 §6.5)."""

    chunks: tuple[SdesChunk, ...]


@attrs.frozen
class Goodbye:
    """BYE: sources that leave, and why (RFC 3550 §6.6)."""

    ssrcs: tuple[int, ...]
    reason: str | None = None


@attrs.frozen
class AppPacket:
    """APP: data of an application, four characters of name (RFC 3550 §6.7)."""

    subtype: int
    ssrc: int
    name: str
    data: bytes = b""


@attrs.frozen
class UnknownRtcp:
    """A packet whose type this package does not read (other feedback and what is to come), kept raw.

    Attributes:
        packet_type: 192 to 223.
        count: The five bits after the padding bit (`fmt` of feedback packets).
        body: Everything after the four octets of header, without padding.
    """

    packet_type: int
    count: int
    body: bytes


RtcpPacket: TypeAlias = (
    SenderReport
    | ReceiverReport
    | SourceDescription
    | Goodbye
    | AppPacket
    | ExtendedReport
    | GenericNack
    | PictureLoss
    | UnknownRtcp
)
"""Every packet that `parse_rtcp` returns and `build_compound` takes."""
