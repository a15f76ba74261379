"""How long packets should wait, chosen from how long they took."""

from __future__ import annotations

from .config import JitterConfig
from .histogram import BIN_MS, best_bins
from .transit import TransitHistory

_LEAST_NEWS = 4
"""Packets after which the delay is chosen first; then after twice as many each time, for it costs much."""
_MOST_NEWS = 100
"""Packets after which it is chosen anew at the latest: 2 s."""
_LATE_NEWS = 20
"""The same when one came too late for it."""
_PATH_STEP_MS = 20.0
_MAX_PATH_MS = 1_000.0
_GUARD_MS = 3
"""Added to the chosen delay, so that drift is seen before a packet is late."""


class DelayChoice:
    """Chooses the delay from measured transit times; all units are timestamp units.

    A packet is in time when its transit time is at most the offset (see `DelayControl`). The aim lies above
    the fastest packet by the delay that gives the highest rating of the E-model: what it costs to wait
    against what it costs to miss the late packets.
    """

    __slots__ = ("_config", "_delay", "_ground", "_history", "_max", "_min", "_path_ms", "_patience",
                 "_per_ms", "_seen", "_unlearnt")  # fmt: skip

    def __init__(self, config: JitterConfig, *, clock_rate: int, transit: float) -> None:
        """Begin with the transit time of the first packet."""
        self._config = config
        self._path_ms = config.path_delay_ms
        self._per_ms = clock_rate / 1000
        self._min = self._delay = config.min_delay_ms * self._per_ms
        self._max = config.max_delay_ms * self._per_ms
        self._history = TransitHistory(transit, clock_rate=clock_rate, max_delay_ms=config.max_delay_ms)
        self._unlearnt = self._seen = 0
        self._patience = _LEAST_NEWS
        self._ground = transit

    @property
    def fastest(self) -> float:
        """Transit time of the fastest packet of the last seconds."""
        return self._history.fastest

    @property
    def limit(self) -> float:
        """The largest transit time that the buffer waits for."""
        return self._history.fastest + self._max

    @property
    def aim(self) -> float:
        """The offset that the buffer wants."""
        return self._history.fastest + self._delay

    def observe(self, transit: float, loss: float) -> None:
        """Take a transit time into the history, and the share of packets that the network lost so far.

        One beyond all waiting does not count: a straggler would cost seconds of long delay.
        """
        if transit > self.limit:
            return
        if transit > self.aim:
            self._patience = min(self._patience, _LATE_NEWS)
        turns = not self._history.room
        self._history.add(transit)
        self._seen += 1
        self._unlearnt += 1
        moved = turns and abs(self._history.fastest - self._ground) > BIN_MS * self._per_ms
        if moved or self._unlearnt >= self._patience:
            self._learn(loss)

    def expect_path(self, delay_ms: float) -> None:
        """Choose the delay from now on for a call that takes so many milliseconds besides."""
        # In steps, because the ratings of each delay are kept; the rating hardly differs within one.
        self._path_ms = min(round(delay_ms / _PATH_STEP_MS) * _PATH_STEP_MS, _MAX_PATH_MS)

    @property
    def reach(self) -> float:
        """How far `aim` lies above the fastest packet: others change nothing so far, for `lease` packets."""
        return self._delay

    @property
    def lease(self) -> int:
        """How many packets within `reach` leave the delay as it is, and the past."""
        return min(self._history.room, self._patience - self._unlearnt - 1)

    def follow(self, transits: list[float]) -> None:
        """Take transit times that change nothing: within `reach`, and no more than `lease`."""
        self._history.extend(transits)
        self._seen += len(transits)
        self._unlearnt += len(transits)

    def _learn(self, loss: float) -> None:
        self._unlearnt = 0
        self._patience = min(max(self._seen, _LEAST_NEWS), _MOST_NEWS)
        self._ground = self._history.fastest
        if not self._config.adaptive:
            return
        counts = self._history.counts()[None, :]
        best = int(best_bins(counts, self._path_ms, loss=loss)[0])
        wanted = ((best + 1) * BIN_MS + _GUARD_MS) * self._per_ms
        self._delay = min(max(self._min, wanted), self._max)
