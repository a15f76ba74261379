"""The numbers of a jitter buffer in the plane, one column each."""

from __future__ import annotations

import attrs

KINDS = {
    "place": "i8",
    "due": "i8",
    "frame": "i8",
    "payload_type": "i8",
    "octets": "i8",
    "delay": "f8",
    "fastest": "f8",
    "low_offset": "f8",
    "high_offset": "f8",
    "reach": "f8",
    "lease": "i8",
    "arrived": "i8",
    "logged": "i8",
    "transit": "f8",
    "played": "i8",
    "fresh": "i8",
    "played_at": "f8",
    "heard_at": "f8",
    "head": "i8",
    "waiting": "i8",
    "rest": "i8",
    "skipped": "i8",
    "fresh_skipped": "i8",
}


@attrs.define
class BufferRow:
    """The numbers of a run under the names of the columns."""

    place: int
    due: int
    frame: int
    payload_type: int
    octets: int
    delay: float
    fastest: float
    low_offset: float
    high_offset: float
    reach: float
    lease: int
    heard_at: float
    waiting: int
    rest: int
    arrived: int = 0
    logged: int = 0
    transit: float = 0.0
    played: int = 0
    fresh: int = 0
    played_at: float = 0.0
    head: int = 0
    skipped: int = 0
    fresh_skipped: int = 0
