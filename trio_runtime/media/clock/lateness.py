"""How late the media clock is, over a bounded window of its latest ticks."""

from __future__ import annotations

import math
from collections import deque

from trio_runtime.media.types import EngineStatistics

__all__ = ["Lateness"]


class Lateness:
    """The latest ticks: how late each began and how long it took."""

    __slots__ = ("_busy", "_late")

    def __init__(self, window: int = 3_000) -> None:
        """Remember `window` ticks; 3,000 are a minute."""
        self._late: deque[float] = deque(maxlen=window)
        self._busy: deque[float] = deque(maxlen=window)

    def note(self, late: float, busy: float) -> None:
        """Take note of one tick: seconds after its deadline, and seconds that it took."""
        self._late.append(late)
        self._busy.append(busy)

    @property
    def window(self) -> int:
        """How many ticks are remembered now."""
        return len(self._late)

    @property
    def busy_max_ms(self) -> float | None:
        """The longest tick in milliseconds, None before the first one."""
        return max(self._busy) * 1_000 if self._busy else None

    def statistics(
        self, *, streams: int, ticks: int, skipped: int, failed: int, shed: int
    ) -> EngineStatistics:
        """Return how well a media clock keeps time, with what it has counted itself."""
        return EngineStatistics(
            streams=streams,
            ticks=ticks,
            skipped=skipped,
            failed=failed,
            shed=shed,
            lateness_p50_ms=self.quantile_ms(0.50),
            lateness_p99_ms=self.quantile_ms(0.99),
            lateness_max_ms=self.quantile_ms(1.0),
            busy_max_ms=self.busy_max_ms,
            window=self.window,
        )

    def quantile_ms(self, share: float) -> float | None:
        """Return the lateness in milliseconds that `share` of the ticks keep to; None before the first."""
        if not self._late:
            return None
        ordered = sorted(self._late)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1_000
