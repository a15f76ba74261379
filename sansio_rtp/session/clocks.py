"""Timestamps of payload types with other clocks, put on the one clock of the jitter buffer (RFC 7160)."""

from __future__ import annotations

from ..packet import seq_delta, timestamp_delta


class ClockBridge:
    """Counts the timestamps of the peer in the units of one clock.

    Where the clock changes in mid-stream, nothing says how the timestamps before and after belong together
    (RFC 7160 §3): the caller must begin a new segment then.

    Attributes:
        peer_rate: Clock of the peer's latest codec, in Hz.
    """

    __slots__ = ("_clock_rate", "_extended", "_sequence", "_timestamp", "peer_rate")

    def __init__(self, clock_rate: int) -> None:
        """Count in units of `clock_rate` Hz, which the peer uses too until it shows another one."""
        self._clock_rate = self.peer_rate = clock_rate
        self._sequence: int | None = None
        self._timestamp = self._extended = 0

    def changes(self, sequence: int, clock_rate: int) -> bool | None:
        """Tell whether this packet's clock is another one than before; None when it is old and unusable.

        A straggler of the time before a change has no place any more.
        """
        ahead = self._sequence is None or seq_delta(sequence, self._sequence) > 0
        if ahead:
            self._sequence = sequence
        if clock_rate == self.peer_rate:
            return False
        if not ahead:
            return None
        self.peer_rate = clock_rate
        return True

    @property
    def bridging(self) -> bool:
        """Whether the peer's clock is another one than ours."""
        return self.peer_rate != self._clock_rate

    def run_on(self, sequence: int) -> None:
        """Note that packets came in sequence with our clock, the last one with this number."""
        self._sequence = sequence

    def begin(self, timestamp: int) -> None:
        """Count from here on: this is the timestamp of the first packet with another clock."""
        self._timestamp = self._extended = timestamp

    def expect_new_source(self) -> None:
        """Compare the next sequence number with none before: it comes from another source."""
        self._sequence = None

    def place(self, timestamp: int, duration: int) -> tuple[int, int]:
        """Return the timestamp and the duration of a packet in our units, the timestamp modulo 2**32."""
        ours, theirs = self._clock_rate, self.peer_rate
        if ours == theirs:
            return timestamp, duration
        start = self._extended + timestamp_delta(timestamp, self._timestamp)
        if start > self._extended:
            self._extended, self._timestamp = start, timestamp
        # The end is rounded as the start of the next packet will be, so that none of them leaves a gap.
        first, end = start * ours // theirs, (start + duration) * ours // theirs
        return first & 0xFFFFFFFF, end - first
