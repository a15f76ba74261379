"""Sums over all streams, open and over."""

from __future__ import annotations

from collections.abc import Iterable

from sansio_rtp.session import RtpCounts, RtpStatistics
from trio_runtime.media.types import RtpTotals

__all__ = ["TotalsOfStreams"]


class TotalsOfStreams:
    """Remembers what streams had counted that are over.

    Open streams are counted as of their last measurement: asking each of thousands how it stands would hold
    the media clock up.
    """

    def __init__(self) -> None:
        """Begin at zero."""
        self._over = RtpCounts()

    def end(self, statistics: RtpStatistics | None) -> None:
        """Add a stream that is over; None for one that had no media."""
        if statistics is not None:
            self._over = _sum(
                (
                    self._over,
                    RtpCounts(
                        statistics.packets_sent,
                        statistics.packets_received,
                        statistics.lost,
                        statistics.late,
                        statistics.discarded,
                    ),
                )
            )

    def totals(self, open_streams: Iterable[RtpCounts]) -> RtpTotals:
        """Return the sum of what is over and of what is open."""
        return RtpTotals(**_sum((self._over, *open_streams))._asdict())


def _sum(counts: Iterable[RtpCounts]) -> RtpCounts:
    return RtpCounts(*map(sum, zip(*counts, strict=True)))
