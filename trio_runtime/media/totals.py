"""Sums over all streams, open and over."""

from __future__ import annotations

from collections.abc import Iterable

from sansio_rtp.session import RtpCounts
from trio_runtime.media.types import MediaStatistics, RtpTotals

__all__ = ["TotalsOfStreams"]


class TotalsOfStreams:
    """Remembers what streams had counted that are over.

    Open streams are counted as of their last measurement: asking each of thousands how it stands would hold
    the media clock up.
    """

    def __init__(self) -> None:
        """Begin at zero."""
        self._over = RtpCounts()

    def end(self, statistics: MediaStatistics) -> MediaStatistics:
        """Add what a stream had counted that is over, and return it."""
        rtp = statistics.rtp
        if rtp is not None:
            last = RtpCounts(rtp.packets_sent, rtp.packets_received, rtp.lost, rtp.late, rtp.discarded)
            self._over = _sum((self._over, last))
        return statistics

    def totals(self, open_streams: Iterable[RtpCounts]) -> RtpTotals:
        """Return the sum of what is over and of what is open."""
        return RtpTotals(**_sum((self._over, *open_streams))._asdict())


def _sum(counts: Iterable[RtpCounts]) -> RtpCounts:
    return RtpCounts(*map(sum, zip(*counts, strict=True)))
