"""Bursts and gaps of loss: the definitions of RFC 3611 §4.7.2."""

from __future__ import annotations

import attrs

GMIN = 16
"""Packets that must come between two losses for them to be apart (RFC 3611 §4.7.2)."""


@attrs.frozen
class BurstMetrics:
    """How losses and discards of a stream cluster.

    Attributes:
        burst_density: Share of the packets within bursts that were lost or discarded, 0 to 1.
        gap_density: The same within gaps.
        burst_ms: Mean length of a burst, 0 when there was none.
        gap_ms: Mean length of a gap.
        loss_rate: Share of all packets that were lost.
        discard_rate: Share of all packets that came too late, or were dropped.
        burst_ratio: Mean length of a run of missing packets over that of random loss (ITU-T G.107 §7.4); 1
            without loss.
    """

    burst_density: float
    gap_density: float
    burst_ms: float
    gap_ms: float
    loss_rate: float
    discard_rate: float
    burst_ratio: float


class BurstMeter:
    """Counts what RFC 3611 defines, in constant time and memory.

    A burst begins and ends with a missing packet, holds at least two of them, and never `gmin` packets in a
    row that came; all else is a gap. The Markov counts of appendix A.2 approximate the same.
    """

    __slots__ = (
        "_clusters",
        "_discarded",
        "_gmin",
        "_in_bursts",
        "_lost",
        "_missing_in_bursts",
        "_open",
        "_open_length",
        "_received",
        "_runs",
        "_total",
    )

    def __init__(self, gmin: int = GMIN) -> None:
        """Begin before the first packet, with the threshold `gmin` of a gap."""
        self._gmin = gmin
        self._clusters = self._in_bursts = self._missing_in_bursts = 0
        self._open = self._open_length = 0  # missing packets and all packets of the newest cluster
        self._received = gmin  # packets that came since the last missing one
        self._lost = self._discarded = self._runs = self._total = 0

    @property
    def bursts(self) -> int:
        """Bursts so far; one that may still grow counts as it stands."""
        return self._clusters + (self._open > 1)

    def receive(self, count: int = 1) -> None:
        """Note `count` packets in a row that came and were played."""
        self._received += count
        self._total += count

    def lose(self, count: int = 1) -> None:
        """Note `count` packets in a row that never came."""
        self._lost += count
        self._miss(count)

    def discard(self, count: int = 1) -> None:
        """Note `count` packets in a row that came, but too late or only to be dropped."""
        self._discarded += count
        self._miss(count)

    def excuse(self) -> None:
        """Note that a packet that counted as lost came after all, too late to be played."""
        if self._lost:
            self._lost -= 1
            self._discarded += 1

    def metrics(self, packet_ms: float) -> BurstMetrics | None:
        """Return what was measured so far, None before the first packet; one packet lasts `packet_ms`."""
        if not self._total:
            return None
        open_burst = self._open > 1
        in_bursts = self._in_bursts + (self._open_length if open_burst else 0)
        missing = self._missing_in_bursts + (self._open if open_burst else 0)
        all_missing = self._lost + self._discarded
        in_gaps = self._total - in_bursts
        return BurstMetrics(
            burst_density=missing / in_bursts if in_bursts else 0.0,
            gap_density=(all_missing - missing) / in_gaps if in_gaps else 0.0,
            burst_ms=in_bursts * packet_ms / self.bursts if in_bursts else 0.0,
            gap_ms=in_gaps * packet_ms / max(1, self.bursts),
            loss_rate=self._lost / self._total,
            discard_rate=self._discarded / self._total,
            burst_ratio=max(1.0, all_missing / self._runs * (1 - all_missing / self._total))
            if self._runs
            else 1.0,
        )

    def _miss(self, count: int) -> None:
        if self._received >= self._gmin:
            self._close()
        else:
            self._open_length += self._received
        if self._received or not self._runs:
            self._runs += 1
        self._open += count
        self._open_length += count
        self._received = 0
        self._total += count

    def _close(self) -> None:
        if self._open > 1:
            self._clusters += 1
            self._in_bursts += self._open_length
            self._missing_in_bursts += self._open
        self._open = self._open_length = 0
