"""How the losses of a stream cluster, since its beginning and lately (RFC 3611 §4.7.2)."""

from __future__ import annotations

from ..quality import BurstMeter, BurstMetrics


class LossRecord:
    """Tells two meters what was missing when its turn came; all packets in between were played.

    Only what is missing costs anything: how many packets were played since the last loss is the difference of
    two counts of the ledger.
    """

    __slots__ = ("_noted", "_recent", "_whole")

    def __init__(self) -> None:
        """Begin before the first packet."""
        self._noted = 0
        self._whole, self._recent = BurstMeter(), BurstMeter()

    def lose(self, played: int, count: int) -> None:
        """Note `count` packets in a row that have not come, after `played` packets were played in all."""
        self._note(played)
        self._whole.lose(count)
        self._recent.lose(count)

    def discard(self, played: int) -> None:
        """Note a packet that came and is not played, after `played` packets were played in all."""
        self._note(played)
        self._whole.discard()
        self._recent.discard()

    def excuse(self) -> None:
        """Note that a packet that counted as lost came after all, too late."""
        self._whole.excuse()
        self._recent.excuse()

    def whole(self, played: int, packet_ms: float) -> BurstMetrics | None:
        """Return what was measured since the beginning, None before the first packet.

        Args:
            played: Packets played in all.
            packet_ms: How long a packet lasts.
        """
        self._note(played)
        return self._whole.metrics(packet_ms)

    def recent(self, played: int, packet_ms: float) -> BurstMetrics | None:
        """Return what was measured since this was last asked for, None without a packet since then."""
        self._note(played)
        metrics, self._recent = self._recent.metrics(packet_ms), BurstMeter()
        return metrics

    def _note(self, played: int) -> None:
        count, self._noted = played - self._noted, played
        if count:
            self._whole.receive(count)
            self._recent.receive(count)
