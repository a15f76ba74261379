"""Bursts and gaps of loss: the Markov model of RFC 3611 (§4.7.2, appendix A.2)."""

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
    """Counts transitions between packets that came and packets that are missing, in constant time each.

    A burst begins and ends with a missing packet and holds fewer than `gmin` packets in a row that came; a
    single one between long rows that came belongs to the gap.
    """

    __slots__ = (
        "_c11",
        "_c13",
        "_c14",
        "_c22",
        "_c23",
        "_c33",
        "_discarded",
        "_gmin",
        "_lost",
        "_missing",
        "_received",
        "_row",
        "_runs",
        "_total",
    )

    def __init__(self, gmin: int = GMIN) -> None:
        """Begin before the first packet, with the threshold `gmin` of a gap."""
        self._gmin = gmin
        self._c11 = self._c13 = self._c14 = self._c22 = self._c23 = self._c33 = 0
        self._received = gmin  # packets since the last missing one; the stream begins in a gap
        self._row = 0  # missing packets in the current burst
        self._lost = self._discarded = self._missing = self._runs = self._total = 0

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

    def metrics(self, packet_ms: float) -> BurstMetrics | None:
        """Return what was measured so far, None before the first packet; `packet_ms` is one packet's length."""
        if not self._total:
            return None
        c11, c13, c14 = self._with_open_ends()
        c31, c32 = c13, self._c23
        in_bursts = c13 + c31 + self._c22 + self._c23 + c32 + self._c33
        bursts = max(c13, 1)
        p32 = c32 / (c31 + c32 + self._c33) if c31 + c32 + self._c33 else 0.0
        p23 = 1 - self._c22 / (self._c22 + self._c23) if self._c22 + self._c23 else 1.0
        share = (self._lost + self._discarded) / self._total
        return BurstMetrics(
            burst_density=p23 / (p23 + p32) if c13 else 0.0,
            gap_density=c14 / (c11 + c14) if c11 + c14 else 0.0,
            burst_ms=(in_bursts - c13) * packet_ms / bursts if c13 else 0.0,
            gap_ms=(c11 + c14 + c13) * packet_ms / bursts,
            loss_rate=self._lost / self._total,
            discard_rate=self._discarded / self._total,
            burst_ratio=max(1.0, self._missing / self._runs * (1 - share)) if self._runs else 1.0,
        )

    def _miss(self, count: int) -> None:
        self._total += count
        self._missing += count
        self._runs += 1 if self._received or not self._row else 0
        if self._received >= self._gmin:
            self._close()
            self._c11 += self._received if self._total > count or self._received > self._gmin else 0
            self._row = 1
        else:
            self._row += 1
            if self._received:
                self._c23 += 1
                self._c22 += self._received - 1
            else:
                self._c33 += 1
        self._row += count - 1
        self._c33 += count - 1
        self._received = 0

    def _close(self) -> None:
        """Tell a burst that is over from a single loss within a gap."""
        if self._row == 1:
            self._c14 += 1
        elif self._row:
            self._c13 += 1

    def _with_open_ends(self) -> tuple[int, int, int]:
        """Return c11, c13 and c14 as if the stream ended in a gap here."""
        c13 = self._c13 + (self._row > 1)
        return self._c11 + self._received, c13, self._c14 + (self._row == 1)
