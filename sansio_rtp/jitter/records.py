"""Packets and positions inside the jitter buffer."""

from __future__ import annotations

from collections import deque
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


def enqueue(queue: deque[Waiting], packet: Waiting) -> None:
    """Put a packet into a queue that is sorted by timestamp; nearly always it is the last one."""
    if not queue or packet > queue[-1]:
        queue.append(packet)
        return
    index = len(queue) - 1
    while index > 0 and packet[:2] < queue[index - 1][:2]:
        index -= 1
    queue.insert(index, packet)


def follow_on(queue: deque[Waiting], number: int, due: int, frame: int) -> tuple[int, int] | None:
    """Return the last number and the end of packets of `frame` units that follow on `number` without a gap.

    None where they do not: one is missing, has another length, or does not begin where the one before ends.
    """
    for waiting in queue:
        number += 1
        if (waiting.sequence, waiting.timestamp, waiting.end) != (number, due, due + frame):
            return None
        due += frame
    return number, due
