"""How long an Opus packet lasts, from its first octets (RFC 6716 §3)."""

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
