"""RTCP packets to bytes (RFC 3550 §6.4 to §6.7)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import assert_never

from ..errors import LocalProtocolError
from .extended import ExtendedReport
from .extended_wire import extended_report_body
from .feedback import GenericNack, PictureLoss, feedback_body
from .packets import (
    APP,
    BYE,
    MAX_BLOCKS,
    RR,
    SDES,
    SR,
    XR,
    AppPacket,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SdesChunk,
    SenderReport,
    SourceDescription,
    UnknownRtcp,
)


def build_compound(packets: Iterable[RtcpPacket]) -> bytes:
    """Return the datagram that carries `packets` in their order.

    Raises:
        LocalProtocolError: A field is out of range, a text is over 255 octets, or more than 31 blocks stand
            in one packet.
    """
    try:
        return b"".join(_build(packet) for packet in packets)
    except struct.error as error:
        raise LocalProtocolError(f"RTCP field out of range: {error}") from None


def _build(packet: RtcpPacket) -> bytes:
    match packet:
        case SenderReport():
            return _sender_report(packet)
        case ReceiverReport():
            return _frame(RR, len(packet.reports), struct.pack("!I", packet.ssrc) + _blocks(packet.reports))
        case SourceDescription():
            return _frame(SDES, len(packet.chunks), b"".join(_chunk(chunk) for chunk in packet.chunks))
        case Goodbye():
            return _goodbye(packet)
        case AppPacket():
            name = packet.name.encode("ascii", "replace")
            return _frame(
                APP, packet.subtype, struct.pack("!I", packet.ssrc) + name[:4].ljust(4) + packet.data
            )
        case ExtendedReport():
            return _frame(XR, 0, extended_report_body(packet))
        case GenericNack() | PictureLoss():
            return _frame(*feedback_body(packet))
        case UnknownRtcp():
            return _frame(packet.packet_type, packet.count, packet.body)
        case _:
            assert_never(packet)


def _frame(packet_type: int, count: int, body: bytes) -> bytes:
    if not 0 <= count <= MAX_BLOCKS:
        raise LocalProtocolError(f"{count} entries in one RTCP packet, at most {MAX_BLOCKS} fit")
    if len(body) % 4:
        raise LocalProtocolError("RTCP body is not whole 32-bit words")
    return struct.pack("!BBH", 0x80 | count, packet_type, len(body) // 4) + body


def _sender_report(packet: SenderReport) -> bytes:
    # The counts wrap at 32 bits (§6.4.1).
    sender = struct.pack(
        "!IQIII",
        packet.ssrc,
        packet.ntp,
        packet.rtp_timestamp & 0xFFFFFFFF,
        packet.packet_count & 0xFFFFFFFF,
        packet.octet_count & 0xFFFFFFFF,
    )
    return _frame(SR, len(packet.reports), sender + _blocks(packet.reports))


def _blocks(reports: tuple[ReportBlock, ...]) -> bytes:
    return b"".join(_block(block) for block in reports)


def _block(block: ReportBlock) -> bytes:
    cumulative = min(max(block.cumulative_lost, -0x800000), 0x7FFFFF) & 0xFFFFFF  # clamped, not wrapped (A.3)
    return struct.pack(
        "!IIIIII",
        block.ssrc,
        (block.fraction_lost & 0xFF) << 24 | cumulative,
        block.highest_sequence & 0xFFFFFFFF,
        block.jitter & 0xFFFFFFFF,
        block.last_sr,
        block.delay_since_last_sr,
    )


def _chunk(chunk: SdesChunk) -> bytes:
    items = b"".join(bytes((kind,)) + _text(text) for kind, text in chunk.items)
    body = struct.pack("!I", chunk.ssrc) + items
    return body + bytes(4 - len(body) % 4)  # at least one null octet ends the list


def _goodbye(packet: Goodbye) -> bytes:
    body = struct.pack(f"!{len(packet.ssrcs)}I", *packet.ssrcs)
    if packet.reason is not None:
        body += _text(packet.reason)
        body += bytes(-len(body) % 4)
    return _frame(BYE, len(packet.ssrcs), body)


def _text(text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if len(octets) > 255:
        raise LocalProtocolError(f"RTCP text of {len(octets)} octets, at most 255 fit")
    return bytes((len(octets),)) + octets
