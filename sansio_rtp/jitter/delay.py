"""How long packets should wait: the aim of the jitter buffer, and when to move towards it."""

from __future__ import annotations

import math

from .config import JitterConfig
from .histogram import BIN_MS, best_bins
from .transit import TransitHistory

_DEEP_POPS = 15
"""Pops in a row that must find the delay too long before it is shortened: 0.3 s of 20 ms."""
_DROP_POPS = 50
"""The same before a packet is dropped, because nobody has stretched the audio in the meantime."""
_FAR_TOO_DEEP_POPS = 5
"""The same beyond `max_delay_ms`: more than one, because a runtime that woke up late may catch up at once."""
_SHALLOW_POPS = 25
"""Pops in a row that must find the delay half a frame too short before a frame is inserted."""
_TOLERANCE = 0.5
"""Timestamp units that floating-point time may be off."""
_ROUNDING = 0.01
"""Timestamp units by which a limit is narrower than the comparison that it stands for."""
_SLACK_MS = 5
"""The delay is left alone up to a frame and so much above the aim: it does not follow every change."""
_STRETCH_EVERY = 3
"""Packets from one stretch to the next: a speed that is hardly heard."""
_LEAST_NEWS = 4
"""Packets after which the delay may be chosen anew, at the earliest: it costs as much as reading them."""
_PATH_STEP_MS = 20.0
_MAX_PATH_MS = 1_000.0
_GUARD_MS = 3
"""Added to the chosen delay, so that drift is seen before a packet is late."""


class DelayControl:
    """Chooses the delay from measured transit times; all units are timestamp units.

    The *offset* is the playout clock minus the timestamp that is due. A packet is in time when its transit
    time is at most the offset. The aim lies above the fastest packet by the delay that gives the highest
    rating of the E-model: what it costs to wait against what it costs to miss the late packets.
    """

    __slots__ = ("_clock", "_config", "_deep", "_delay", "_frame", "_history", "_mark", "_max", "_min",
                 "_path_ms", "_per_ms", "_seen", "_shallow", "_since_stretch", "_slack",
                 "_unlearnt")  # fmt: skip

    def __init__(self, config: JitterConfig, *, clock_rate: int, frame: int, transit: float) -> None:
        """Begin with the transit time of the first packet."""
        self._config = config
        self._path_ms = config.path_delay_ms
        self._per_ms = clock_rate / 1000
        self._min = self._delay = config.min_delay_ms * self._per_ms
        self._max = config.max_delay_ms * self._per_ms
        self._slack = _SLACK_MS * self._per_ms + _TOLERANCE
        self._frame = frame
        self._history = TransitHistory(transit, clock_rate=clock_rate, max_delay_ms=config.max_delay_ms)
        self._deep = self._shallow = self._unlearnt = self._seen = self._since_stretch = 0
        self._clock = self._mark = float("-inf")

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
        # Usually the delay is chosen anew with each bucket of the history; more often at the beginning.
        full = not self._history.room
        self._history.add(transit)
        self._seen += 1
        self._unlearnt += 1
        if full or self._unlearnt > max(_LEAST_NEWS, self._seen // 10):
            self._learn(loss)

    def expect_path(self, delay_ms: float) -> None:
        """Choose the delay from now on for a call that takes so many milliseconds besides."""
        # In steps, because the ratings of each delay are kept; the rating hardly differs within one.
        self._path_ms = min(round(delay_ms / _PATH_STEP_MS) * _PATH_STEP_MS, _MAX_PATH_MS)

    def offset_limits(self, grain: int) -> tuple[float, float]:
        """Return the offsets between which a packet of `grain` units is simply played, as it is."""
        aim = self.aim
        return aim - self._frame / 8 - _TOLERANCE, aim + max(self._frame, grain) + self._slack - _ROUNDING

    @property
    def transit_limits(self) -> tuple[float, float]:
        """The transit times between which a packet changes nothing, for `lease` packets."""
        return self._history.fastest, self.limit

    @property
    def lease(self) -> int:
        """How many packets within `transit_limits` leave the aim as it is."""
        return min(self._history.room, max(_LEAST_NEWS, self._seen // 10) - self._unlearnt)

    def run_on(self, transits: list[float], played: int, clock: float, due: int) -> None:
        """Take packets and pops that changed nothing, and the playout clock and `due` of the last pop."""
        for transit in transits:
            self._history.add(transit)
        self._seen += len(transits)
        self._unlearnt += len(transits)
        if played:
            self._clock, self._mark = clock, clock - due
            self._deep = self._shallow = 0
            self._since_stretch += played

    def ready(self, offset: float) -> bool:
        """Tell whether playing may begin: near the aim, so that a little jitter makes it wait for no frame.

        Without room between this and `shallow`, whoever reads sockets every 5 ms would sooner or later hear a
        frame made up on a perfect network: when the packets drift past the moment of reading.
        """
        return offset >= self.aim - self._frame / 8 - _TOLERANCE

    def shallow(self, offset: float) -> bool:
        """Tell whether a frame must be inserted: the offset was short by half a frame or more for long."""
        if offset >= self.aim - self._frame / 2 - _TOLERANCE:
            self._shallow = 0
            return False
        self._shallow += 1
        if self._shallow < _SHALLOW_POPS:
            return False
        self._shallow = 0
        return True

    def too_deep(self, offset: float) -> bool:
        """Tell whether the offset is beyond `max_delay_ms`."""
        return offset > self.limit + self._frame

    def excess(self, offset: float, clock: float, grain: int) -> int:
        """Return how many timestamp units to skip now, in whole packets of `grain` units; usually 0."""
        elapsed = clock - self._clock
        self._clock = clock
        surplus = offset - self.aim - max(self._frame, grain)
        if surplus <= self._slack:
            self._deep = 0
            self._mark = offset
            return 0
        if elapsed < self._frame / 2:  # the runtime catches up: the offset falls by itself
            return 0
        if offset <= self._mark - self._frame:  # the audio is being stretched
            self._deep = min(self._deep, _DEEP_POPS)
            self._mark = offset
        self._deep += 1
        if self._deep >= _FAR_TOO_DEEP_POPS and self.too_deep(offset):
            amount = offset - self.aim
        elif self._deep >= _DROP_POPS:
            amount = float(grain)
        else:
            return 0
        self._deep = _DROP_POPS - _DEEP_POPS
        return int(amount // grain) * grain

    def stretch(self, offset: float, ahead: int, grain: int) -> int:
        """Return by how many timestamp units the next packet should be lengthened (or shortened, below 0).

        Packets are popped once a frame, so the offset moves in whole frames: after stretching that makes up
        one. What is played `ahead` in the meantime is delay that saves no packet, but for the part of a frame
        that packets of another length than a frame leave over.
        """
        self._since_stretch += 1
        if self._since_stretch < _STRETCH_EVERY:
            return 0
        frames = 0
        if not self.ready(offset):
            frames = math.ceil((self.aim - offset) / self._frame)
        elif self._deep >= _DEEP_POPS:
            frames = -int((offset - self.aim) // self._frame)
        wish = frames * self._frame - ahead % math.gcd(self._frame, grain)
        if wish:
            self._since_stretch = 0
        return wish

    def _learn(self, loss: float) -> None:
        self._unlearnt = 0
        if not self._config.adaptive:
            return
        counts = self._history.counts()[None, :]
        best = int(best_bins(counts, self._path_ms, loss=loss)[0])
        wanted = ((best + 1) * BIN_MS + _GUARD_MS) * self._per_ms
        self._delay = min(max(self._min, wanted), self._max)
