"""The elements inside a header extension, one-byte and two-byte form (RFC 8285)."""

from __future__ import annotations

from ..errors import PacketError

ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000
"""Profile of the two-byte form; its low four bits are `appbits` and are ignored here."""


def parse_elements(profile: int, data: bytes) -> dict[int, bytes]:
    """Read the elements of a header extension (RFC 8285 §4.2, §4.3).

    Args:
        profile: The 16 bits that select the form.
        data: The extension's data, whole words.

    Returns:
        Element data by local identifier; empty for a profile that is not of RFC 8285. Of a repeated
        identifier the first counts.

    Raises:
        PacketError: An element runs past the end.
    """
    if profile == ONE_BYTE_PROFILE:
        return _one_byte(data)
    if profile & 0xFFF0 == TWO_BYTE_PROFILE:
        return _two_byte(data)
    return {}


def _one_byte(data: bytes) -> dict[int, bytes]:
    elements: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        head = data[position]
        if head >> 4 == 15:  # reserved: everything after it is ignored (§4.2)
            break
        if head >> 4 == 0:  # padding octet
            position += 1
            continue
        position = _take(elements, head >> 4, data, position + 1, (head & 0x0F) + 1)
    return elements


def _two_byte(data: bytes) -> dict[int, bytes]:
    elements: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        if data[position] == 0:
            position += 1
            continue
        if position + 1 >= len(data):
            raise PacketError("extension element has no length", position, error_class="truncated")
        position = _take(elements, data[position], data, position + 2, data[position + 1])
    return elements


def _take(elements: dict[int, bytes], identifier: int, data: bytes, start: int, length: int) -> int:
    end = start + length
    if end > len(data):
        raise PacketError(f"extension element {identifier} is cut", start, error_class="truncated")
    elements.setdefault(identifier, data[start:end])
    return end
