"""Sequence numbers and timestamps that wrap and jump, put on one line that does neither."""

from __future__ import annotations

from ..packet.sequence import MAX_DROPOUT, MAX_MISORDER, seq_delta, timestamp_delta

_CONFIRM_SPAN = 5
"""A packet this near to a jump confirms it (RFC 3550 A.1 asks for the very next; loss may take that one)."""
_SEQUENCE_STEP = 1024
"""Room between the numbers of two segments, so that reordered packets never fall into the other one."""


class Timeline:
    """Maps the counters of packets to extended ones; a restart becomes a new segment of the same line.

    Attributes:
        segment: Lowest extended sequence number of the current segment.
    """

    __slots__ = ("_jump", "_raw_sequence", "_raw_timestamp", "_sequence", "_timestamp", "_transit", "segment")

    def __init__(self, sequence: int, timestamp: int, arrival: float, jump: float) -> None:
        """Begin at the first packet.

        Args:
            sequence: Its sequence number.
            timestamp: Its timestamp.
            arrival: When it came, in timestamp units.
            jump: Change of the transit time, in timestamp units, that no network makes.
        """
        self._jump = jump
        self._raw_sequence = self._raw_timestamp = self._sequence = self._timestamp = 0
        self._transit = 0.0
        self._set(sequence, timestamp, sequence + 0x10000, timestamp + (1 << 32), arrival)
        self.segment = self._sequence

    def locate(self, sequence: int, timestamp: int, arrival: float) -> tuple[int, int] | None:
        """Return the extended sequence number and timestamp, or None when the packet does not fit."""
        step = seq_delta(sequence, self._raw_sequence)
        place = self._timestamp + timestamp_delta(timestamp, self._raw_timestamp)
        if not (-MAX_MISORDER < step < MAX_DROPOUT and abs(arrival - place - self._transit) <= self._jump):
            return None
        number = self._sequence + step
        if step > 0:
            self._set(sequence, timestamp, number, place, arrival)
        elif number < self.segment:
            self.segment = number
        return number, place

    def pass_over(self, sequence: int) -> int | None:
        """Return the extended number of a packet that has no place in time, or None when it does not fit."""
        step = seq_delta(sequence, self._raw_sequence)
        if not -MAX_MISORDER < step < MAX_DROPOUT:
            return None
        number = self._sequence + step
        if step > 0:
            self._raw_sequence, self._sequence = sequence, number
        return number

    def restart(self, sequence: int, timestamp: int, place: int, arrival: float) -> tuple[int, int]:
        """Begin a new segment whose first packet stands at `place`; return its extended numbers."""
        self._set(sequence, timestamp, self._sequence + _SEQUENCE_STEP, place, arrival)
        self.segment = self._sequence
        return self._sequence, place

    @property
    def last(self) -> tuple[int, int]:
        """Extended sequence number and timestamp of the latest packet."""
        return self._sequence, self._timestamp

    @property
    def transit(self) -> float:
        """Arrival minus timestamp of the latest packet."""
        return self._transit

    def run_on(self, count: int, place: int, transit: float) -> int:
        """Note that the next `count` packets came in sequence, the last at `place`; return its number."""
        number = self._sequence + count
        # Both lines differ from the counters of the packets by multiples of what those wrap at.
        sequence = (self._raw_sequence + count) & 0xFFFF
        timestamp = (self._raw_timestamp + place - self._timestamp) & 0xFFFFFFFF
        self._raw_sequence, self._raw_timestamp = sequence, timestamp
        self._sequence, self._timestamp, self._transit = number, place, transit
        return number

    def _set(self, sequence: int, timestamp: int, number: int, place: int, arrival: float) -> None:
        self._raw_sequence, self._raw_timestamp = sequence, timestamp
        self._sequence, self._timestamp = number, place
        self._transit = arrival - place


def confirms(
    sequence: int, timestamp: int, earlier_sequence: int, earlier_timestamp: int, limit: float
) -> bool:
    """Tell whether two packets that did not fit the line belong together, so that the jump is real.

    Args:
        sequence: Sequence number of the second packet.
        timestamp: Its timestamp.
        earlier_sequence: Sequence number of the first.
        earlier_timestamp: Its timestamp.
        limit: Timestamp units that may lie between them.
    """
    step = seq_delta(sequence, earlier_sequence)
    return 0 < abs(step) <= _CONFIRM_SPAN and abs(timestamp_delta(timestamp, earlier_timestamp)) <= limit
