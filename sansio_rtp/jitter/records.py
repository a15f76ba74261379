"""Packets and positions inside the jitter buffer."""

from __future__ import annotations

from typing import NamedTuple

import attrs


class Arrival(NamedTuple):
    """A packet as it came, with wrapping counters."""

    sequence: int
    timestamp: int
    payload: bytes
    payload_type: int
    duration: int
    clock: float


class Waiting(NamedTuple):
    """A packet that waits for its turn, with extended counters."""

    timestamp: int
    sequence: int
    end: int
    payload: bytes
    payload_type: int
    clock: float


@attrs.define
class Playhead:
    """Where playing stands.

    Attributes:
        due: The timestamp that is played next, None before the start.
        played_end: End of the last packet that was played.
    """

    due: int | None = None
    played_end: int = 0
