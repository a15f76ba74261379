"""Bytes to RTCP packets (RFC 3550 §6.4, A.2)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

from ..errors import PacketError
from .extended_wire import read_extended_report
from .feedback import PSFB, RTPFB, read_feedback
from .packets import (
    APP,
    BYE,
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

_BLOCK = struct.Struct("!IIIIII")
_SENDER = struct.Struct("!IQIII")
_MAX_PACKETS = 64
"""Packets in one compound; a phone sends two or three, and a datagram of 65,507 octets could hold 16,000."""


def parse_rtcp(data: bytes, *, reduced_size: bool = False) -> list[RtcpPacket]:
    """Read one datagram as compound RTCP.

    Args:
        data: The datagram.
        reduced_size: Accept a first packet that is no report; only when it was negotiated (RFC 5506 §4.1).

    Returns:
        The packets in their order, at least one. Types that are not read come back as `UnknownRtcp`.

    Raises:
        PacketError: A length, count, padding or version is wrong; then nothing of the datagram is used.
    """
    if not reduced_size and data[1:2] and data[1] not in (SR, RR):
        raise PacketError(f"compound RTCP begins with type {data[1]}, no report", 1)
    if not data:
        raise PacketError("RTCP datagram is empty", 0, error_class="truncated")
    packets: list[RtcpPacket] = []
    position = 0
    while position < len(data):
        if len(packets) == _MAX_PACKETS:
            raise PacketError(f"more than {_MAX_PACKETS} RTCP packets in one datagram", position)
        packet, position = _read_packet(data, position)
        packets.append(packet)
    return packets


def _read_packet(data: bytes, start: int) -> tuple[RtcpPacket, int]:
    if start + 4 > len(data):
        raise PacketError("RTCP header is cut", start, error_class="truncated")
    first, packet_type, words = struct.unpack_from("!BBH", data, start)
    if first >> 6 != 2:
        raise PacketError(f"RTCP version is {first >> 6}, not 2", start, error_class="version")
    if not 192 <= packet_type <= 223:
        raise PacketError(f"{packet_type} is no RTCP packet type", start + 1)
    end = start + 4 + 4 * words
    if end > len(data):
        raise PacketError(f"RTCP packet of {words + 1} words is cut", start, error_class="truncated")
    stop = end - _padding(data, start, end) if first & 0x20 else end
    body = data[start + 4 : stop]
    reader = _READERS.get(packet_type)
    if reader is None:
        return UnknownRtcp(packet_type, first & 0x1F, body), end
    try:
        return reader(first & 0x1F, body), end
    except (struct.error, IndexError):
        raise PacketError(
            f"RTCP packet type {packet_type} is shorter than it says", start, error_class="truncated"
        ) from None


def _padding(data: bytes, start: int, end: int) -> int:
    # Only the last packet of a compound may be padded (§6.4.1).
    padding = data[end - 1]
    if end != len(data) or padding == 0 or padding % 4 or padding > end - start - 4:
        raise PacketError(f"RTCP padding of {padding} is not possible here", end - 1, error_class="padding")
    return padding


def _report_blocks(count: int, body: bytes, position: int) -> tuple[ReportBlock, ...]:
    return tuple(_report_block(body, position + _BLOCK.size * index) for index in range(count))


def _report_block(body: bytes, position: int) -> ReportBlock:
    ssrc, loss, highest, jitter, last_sr, delay = _BLOCK.unpack_from(body, position)
    cumulative = loss & 0xFFFFFF
    if cumulative >= 0x800000:  # signed 24 bits: duplicates make it negative
        cumulative -= 0x1000000
    return ReportBlock(ssrc, loss >> 24, cumulative, highest, jitter, last_sr, delay)


def _read_sender_report(count: int, body: bytes) -> SenderReport:
    ssrc, ntp, timestamp, packets, octets = _SENDER.unpack_from(body)
    return SenderReport(ssrc, ntp, timestamp, packets, octets, _report_blocks(count, body, _SENDER.size))


def _read_receiver_report(count: int, body: bytes) -> ReceiverReport:
    (ssrc,) = struct.unpack_from("!I", body)
    return ReceiverReport(ssrc, _report_blocks(count, body, 4))


def _read_sdes(count: int, body: bytes) -> SourceDescription:
    chunks: list[SdesChunk] = []
    position = 0
    for _ in range(count):
        chunk, position = _read_chunk(body, position)
        chunks.append(chunk)
    return SourceDescription(tuple(chunks))


def _read_chunk(body: bytes, position: int) -> tuple[SdesChunk, int]:
    (ssrc,) = struct.unpack_from("!I", body, position)
    position += 4
    items: list[tuple[int, str]] = []
    while body[position] != 0:  # item 0 ends the chunk, which then is filled to a whole word
        kind, length = body[position], body[position + 1]
        items.append((kind, _text(body, position + 2, length)))
        position += 2 + length
    return SdesChunk(ssrc, tuple(items)), (position + 4) & ~3


def _read_bye(count: int, body: bytes) -> Goodbye:
    ssrcs = struct.unpack_from(f"!{count}I", body)
    reason = _text(body, 4 * count + 1, body[4 * count]) if len(body) > 4 * count else None
    return Goodbye(ssrcs, reason)


def _read_app(count: int, body: bytes) -> AppPacket:
    ssrc, name = struct.unpack_from("!I4s", body)
    return AppPacket(count, ssrc, name.decode("ascii", "replace"), body[8:])


def _read_extended(_count: int, body: bytes) -> RtcpPacket:
    return read_extended_report(body)


def _read_feedback(packet_type: int, message: int, body: bytes) -> RtcpPacket:
    return read_feedback(packet_type, message, body) or UnknownRtcp(packet_type, message, body)


def _text(body: bytes, start: int, length: int) -> str:
    if start + length > len(body):
        raise IndexError
    return body[start : start + length].decode("utf-8", "replace")


_READERS: dict[int, Callable[[int, bytes], RtcpPacket]] = {
    SR: _read_sender_report,
    RR: _read_receiver_report,
    SDES: _read_sdes,
    BYE: _read_bye,
    APP: _read_app,
    RTPFB: partial(_read_feedback, RTPFB),
    PSFB: partial(_read_feedback, PSFB),
    XR: _read_extended,
}
