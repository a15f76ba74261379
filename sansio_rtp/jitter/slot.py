"""What the jitter buffer hands out: the next stretch of the timeline."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import attrs


class SlotKind(Enum):
    """Why a stretch of the timeline has a payload, or has none."""

    PACKET = "packet"
    """A payload to decode."""
    LOST = "lost"
    """A packet is missing here although a later one came: conceal."""
    GAP = "gap"
    """The sender was silent here (DTX, a digit): nothing is missing."""
    EMPTY = "empty"
    """Nothing came yet: lost, late, or the sender is silent. Conceal, which fades out."""
    HOLD = "hold"
    """The buffer grows by one frame: conceal."""
    BUFFERING = "buffering"
    """The stream has not begun."""


class Slot(NamedTuple):
    """One stretch of the timeline.

    Attributes:
        kind: What it is.
        duration: Length in timestamp units, after `skip`.
        payload: The payload of a `PACKET`. With `LOST` it is that of the packet right behind, which comes in
            the next slot and may hold something of what is missing. Else empty.
        payload_type: Its payload type, else -1.
        skip: Timestamp units at the beginning of the payload that were played already, nearly always 0.
        stretch: By how many timestamp units a `PACKET` would better last longer, or shorter when negative. It
            is a wish: who grants it in part, or not at all, just pops sooner or later.
    """

    kind: SlotKind
    duration: int
    payload: bytes = b""
    payload_type: int = -1
    skip: int = 0
    stretch: int = 0


@attrs.frozen
class JitterStatistics:
    """Counters of a jitter buffer.

    Attributes:
        played: Packets handed out.
        lost: Packets that never came, seen from the packets that were played.
        late: Packets that came after their turn and were dropped.
        duplicates: Packets that came twice, or are too old to tell.
        reordered: Packets that came after a later one, in time or not.
        discarded: Good packets dropped to shorten the delay, on overflow, or as a jump nobody confirmed.
        bursts: Runs of lost packets.
        restarts: Jumps of sequence or timestamp that were followed.
        held: Frames inserted to lengthen the delay.
        concealed: Slots to conceal since the stream began: lost, held, or empty for whatever reason.
        depth: Packets that wait now.
        delay_ms: Mean time that a packet waits for its turn.
        target_ms: Delay that the buffer aims at, above the fastest packet.
    """

    played: int
    lost: int
    late: int
    duplicates: int
    reordered: int
    discarded: int
    bursts: int
    restarts: int
    held: int
    concealed: int
    depth: int
    delay_ms: float
    target_ms: float
