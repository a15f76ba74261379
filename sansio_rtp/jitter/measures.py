"""What a jitter buffer has measured: counters, losses that cluster, delays."""

from __future__ import annotations

from ..quality import BurstMetrics
from .config import JitterConfig
from .lending import LendableBuffer
from .slot import JitterStatistics


class MeasuredBuffer(LendableBuffer):
    """The measuring half of `JitterBuffer`.

    Args:
        config: Limits of delay and memory.
        clock_rate: RTP timestamp units a second.
        frame: Timestamp units between two ticks of the playout.
    """

    def __init__(self, config: JitterConfig, *, clock_rate: int = 8000, frame: int = 160) -> None:
        super().__init__(config, clock_rate=clock_rate, frame=frame)
        self._held = self._concealed = 0

    def expect_path(self, delay_ms: float) -> None:
        """Take a measured delay of the call besides this buffer for the configured `path_delay_ms`.

        Before the first packet there is nothing to choose, and it is forgotten: tell it again as you measure.
        """
        control = self._arrivals.control
        if control is not None:
            control.expect_path(delay_ms)

    def losses(self) -> BurstMetrics | None:
        """Return how losses and discards clustered since the beginning, None before the first packet."""
        ledger = self._arrivals.ledger
        return ledger.losses.whole(ledger.played, self.packet_ms)

    def recent_losses(self, lent: int = 0) -> BurstMetrics | None:
        """Return the same since this was last asked for, None when nothing was played since then.

        Args:
            lent: Packets that were played since the buffer was lent, which it does not know of yet.
        """
        ledger = self._arrivals.ledger
        return ledger.losses.recent(ledger.played + lent, self.packet_ms)

    def milliseconds(self, units: float) -> float:
        """Return how long so many timestamp units last."""
        return units / (self._clock_rate / 1000)

    @property
    def packet_ms(self) -> float:
        """How long the last packet lasted, in milliseconds."""
        return self._grain * 1000 / self._clock_rate

    def statistics(self) -> JitterStatistics:
        """Return the counters as they are now."""
        arrivals, per_ms = self._arrivals, self._clock_rate / 1000
        ledger, control = arrivals.ledger, arrivals.control
        return JitterStatistics(
            played=ledger.played,
            lost=ledger.lost,
            late=ledger.late,
            duplicates=ledger.duplicates,
            reordered=ledger.reordered,
            discarded=arrivals.discarded + ledger.discarded,
            bursts=ledger.bursts,
            restarts=arrivals.restarts,
            held=self._held,
            concealed=self._concealed,
            depth=len(arrivals.queue),
            delay_ms=(self._delay or 0.0) / per_ms,
            target_ms=(control.aim - control.fastest) / per_ms if control else self._config.min_delay_ms,
        )
