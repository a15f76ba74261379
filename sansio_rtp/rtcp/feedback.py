"""Feedback of the profile AVPF: generic NACK and picture loss (RFC 4585 §6)."""

from __future__ import annotations

import struct

import attrs

RTPFB = 205
PSFB = 206
_GENERIC_NACK = 1
_PICTURE_LOSS = 1


@attrs.frozen
class GenericNack:
    """Packets that a receiver misses (§6.2.1).

    Attributes:
        ssrc: Who misses them.
        media_ssrc: The source that sent them.
        lost: Sequence numbers, 16 bits each, in the order in which they are named.
    """

    ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]


@attrs.frozen
class PictureLoss:
    """PLI: a decoder has lost the picture and asks `media_ssrc` for a whole one (§6.3.1)."""

    ssrc: int
    media_ssrc: int


def read_feedback(packet_type: int, message: int, body: bytes) -> GenericNack | PictureLoss | None:
    """Read the body of a feedback packet, None for messages that are not known.

    Raises:
        struct.error: The packet is cut.
    """
    if packet_type == RTPFB and message == _GENERIC_NACK:
        ssrc, media_ssrc = struct.unpack_from("!II", body)
        pairs = struct.iter_unpack("!HH", body[8:])
        return GenericNack(ssrc, media_ssrc, tuple(number for pair in pairs for number in _numbers(*pair)))
    if packet_type == PSFB and message == _PICTURE_LOSS:
        return PictureLoss(*struct.unpack_from("!II", body))
    return None


def feedback_body(packet: GenericNack | PictureLoss) -> tuple[int, int, bytes]:
    """Return packet type, message type and body of a feedback packet.

    Raises:
        struct.error: A field is out of range.
    """
    head = struct.pack("!II", packet.ssrc, packet.media_ssrc)
    if isinstance(packet, PictureLoss):
        return PSFB, _PICTURE_LOSS, head
    return RTPFB, _GENERIC_NACK, head + b"".join(struct.pack("!HH", *pair) for pair in _pairs(packet.lost))


def _numbers(first: int, mask: int) -> list[int]:
    """Return the sequence numbers of one pair: the first, and those whose bit is set behind it."""
    return [first] + [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]


def _pairs(lost: tuple[int, ...]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for number in lost:
        step = (number - pairs[-1][0]) & 0xFFFF if pairs else 0
        if pairs and 1 <= step <= 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << (step - 1))
        else:
            pairs.append((number, 0))
    return pairs
