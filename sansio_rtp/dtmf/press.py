"""One press of a key as its telephone-event reports tell it, across segments (RFC 4733 §2.5.2)."""

from __future__ import annotations

import attrs

from .telephone_event import MAX_DURATION, TelephoneEvent

TIMESTAMP_MASK = 0xFFFFFFFF


@attrs.define
class Press:
    """A press that is going on or has been told.

    Attributes:
        event: Event code.
        timestamp: RTP timestamp of the current segment.
        duration: Longest duration reported for the current segment, in timestamp units.
        volume: Level in -dBm0.
        earlier: Length of the segments before the current one.
        told: True once it was reported: further reports of it are ignored.
        complete: True once a report with the E bit came.
    """

    event: int
    timestamp: int
    duration: int
    volume: int
    earlier: int = 0
    told: bool = False
    complete: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """What all reports of one segment share."""
        return self.event, self.timestamp

    @property
    def total(self) -> int:
        """Length of the whole press so far, in timestamp units (§2.5.2.3)."""
        return self.earlier + self.duration

    def extend(self, report: TelephoneEvent) -> None:
        """Take another report of the current segment; a late one does not shorten it."""
        self.duration = max(self.duration, report.duration)
        self.complete = self.complete or report.end

    def continues_at(self, event: int, timestamp: int) -> bool:
        """Say whether a report without marker goes on with this press instead of beginning another.

        The next segment begins where a full one ended (§2.5.2.3). Adjacency to a shorter one means the same
        while no E bit came (§2.5.2.3.1). A report that begins inside this press is no new press in any case:
        two cannot overlap, but some phones wrongly move the timestamp on with every packet.
        """
        if event != self.event:
            return False
        step = (timestamp - self.timestamp) & TIMESTAMP_MASK
        if self.complete:
            return 0 < step < self.duration
        return 0 < step <= self.duration or step == MAX_DURATION

    def begin_segment(self, report: TelephoneEvent, timestamp: int) -> None:
        """Go on with the segment that begins at `timestamp`."""
        self.earlier += (timestamp - self.timestamp) & TIMESTAMP_MASK
        self.timestamp, self.duration = timestamp, 0
        self.extend(report)
