"""What the first octets of an Opus packet tell: how long it lasts, what it holds (RFC 6716 §3, §4.2)."""

from __future__ import annotations

CLOCK_RATE = 48_000
"""RTP clock of Opus at every sample rate, in Hz (RFC 7587 §4.1)."""
_MAX_MS = 120  # RFC 6716 §3.4, rule 5
_SILK, _HYBRID = 12, 16  # first configuration numbers above SILK-only and above hybrid (RFC 6716 table 2)
_SILK_MS = (10, 20, 40, 60)
_HYBRID_MS = (10, 20)


def frame_units(toc: int) -> int:
    """Return the length of one frame in timestamp units, from the first octet of a packet (§3.1)."""
    configuration = toc >> 3
    if configuration < _SILK:
        return _SILK_MS[configuration & 3] * CLOCK_RATE // 1000
    if configuration < _HYBRID:
        return _HYBRID_MS[configuration & 1] * CLOCK_RATE // 1000
    return CLOCK_RATE // 400 << (configuration & 3)


def packet_units(payload: bytes) -> int:
    """Return how long a packet lasts in timestamp units; 0 when it cannot be an Opus packet."""
    if not payload:
        return 0
    units = _frames(payload) * frame_units(payload[0])
    return units if units <= _MAX_MS * CLOCK_RATE // 1000 else 0


def _frames(payload: bytes) -> int:
    code = payload[0] & 3
    if code < 3:
        return 2 if code else 1
    return payload[1] & 0x3F if len(payload) > 1 else 0  # §3.2.5: the number stands in the second octet


def holds_copy(payload: bytes) -> bool:
    """Tell whether a packet holds a copy of the frame before it (the LBRR flag, RFC 6716 §4.2.4).

    Only the voice coder makes copies. Its first octet begins with a bit of voice activity for every 20 ms and
    then the flag, and for stereo the same once more.
    """
    toc = payload[0]
    start = _first_frame(payload)
    if toc >> 3 >= _HYBRID or start >= len(payload):
        return False
    parts = max(1, frame_units(toc) * 50 // CLOCK_RATE)
    first = payload[start]
    side = bool(toc & 4) and bool(first >> 6 - 2 * parts & 1)
    return bool(first >> 7 - parts & 1) or side


def _first_frame(payload: bytes) -> int:
    """Return where the first frame begins (§3.2)."""
    code = payload[0] & 3
    if code < 2:
        return 1
    if code == 2:
        return 1 + _length_octets(payload, 1)
    at = 2
    if payload[1] & 0x40:  # padding: octets of 255 and the one that ends them
        at += len(payload[2:]) - len(payload[2:].lstrip(b"\xff")) + 1
    if payload[1] & 0x80:  # the lengths of all frames but the last
        for _ in range((payload[1] & 0x3F) - 1):
            at += _length_octets(payload, at)
    return at


def _length_octets(payload: bytes, at: int) -> int:
    return 2 if payload[at : at + 1] >= b"\xfc" else 1  # §3.2.1
