"""The telephone-event payload: four octets an event (RFC 4733 §2.3)."""

from __future__ import annotations

import struct
from typing import NamedTuple

from ..errors import PacketError

MAX_DURATION = 0xFFFF
"""Largest duration of one event or segment, in RTP timestamp units."""

MAX_VOLUME = 63
"""Largest value of the volume field: -63 dBm0, the softest tone."""

_EVENT = struct.Struct("!BBH")
_END = 0x80


class TelephoneEvent(NamedTuple):
    """One event report.

    Attributes:
        event: Event code, 0 to 255.
        end: The E bit: the event is over.
        volume: Power level in -dBm0, 0 (loud) to 63.
        duration: How long the event has lasted since the packet's timestamp, in timestamp units.
    """

    event: int
    end: bool
    volume: int
    duration: int

    def to_bytes(self) -> bytes:
        """Return the four octets; the reserved bit is zero (§2.3.3)."""
        return _EVENT.pack(self.event, (_END if self.end else 0) | self.volume & MAX_VOLUME, self.duration)


def parse_telephone_events(payload: bytes) -> list[TelephoneEvent]:
    """Parse a payload with one event or several contiguous ones (§2.5.1.5).

    Raises:
        PacketError: The payload is empty or not a multiple of four octets.
    """
    if not payload or len(payload) % _EVENT.size:
        raise PacketError("telephone-event payload is not a multiple of 4 octets", len(payload))
    return [
        TelephoneEvent(event, bool(flags & _END), flags & MAX_VOLUME, duration)
        for event, flags, duration in _EVENT.iter_unpack(payload)
    ]
