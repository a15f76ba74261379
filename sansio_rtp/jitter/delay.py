"""How long packets should wait: the aim of the jitter buffer, and when to move towards it."""

from __future__ import annotations

from .config import JitterConfig
from .transit import TransitWindow

_DEEP_POPS = 25
"""Pops in a row that must find the delay too long before a packet is dropped: half a second of 20 ms."""
_FAR_TOO_DEEP_POPS = 5
"""The same beyond `max_delay_ms`: more than one, because a runtime that woke up late may catch up at once."""
_TOLERANCE = 0.5
"""Timestamp units that floating-point time may be off."""


class DelayControl:
    """Chooses the delay from measured transit times; all units are timestamp units.

    The *offset* is the playout clock minus the timestamp that is due. A packet is in time when its transit
    time is at most the offset. The aim lies one frame above the slowest packet of the window, so that drift
    is seen before a packet is late.
    """

    __slots__ = ("_clock", "_deep", "_frame", "_max", "_min", "_window")

    def __init__(self, config: JitterConfig, *, clock_rate: int, frame: int, transit: float) -> None:
        """Begin with the transit time of the first packet."""
        self._min = config.min_delay_ms * clock_rate / 1000
        self._max = config.max_delay_ms * clock_rate / 1000
        self._frame = frame
        self._window = TransitWindow(transit)
        self._deep = 0
        self._clock = float("-inf")

    @property
    def fastest(self) -> float:
        """Transit time of the fastest packet in the window."""
        return self._window.fastest

    @property
    def limit(self) -> float:
        """The largest transit time that the buffer waits for."""
        return self._window.fastest + self._max

    @property
    def aim(self) -> float:
        """The offset that the buffer wants."""
        window = self._window
        return window.fastest + min(max(self._min, window.slowest - window.fastest + self._frame), self._max)

    def observe(self, transit: float) -> None:
        """Take a transit time into the window.

        One beyond all waiting does not count: a straggler would cost seconds of long delay.
        """
        if transit <= self._window.fastest + self._max:
            self._window.add(transit)

    def offset_limits(self, grain: int) -> tuple[float, float]:
        """Return the offsets between which a packet of `grain` units is simply played."""
        aim = self.aim
        return aim - self._frame / 2 - _TOLERANCE, aim + max(self._frame, grain) + _TOLERANCE

    @property
    def transit_limits(self) -> tuple[float, float]:
        """The transit times between which a packet changes nothing, for `lease` packets."""
        return self._window.fastest, min(self._window.slowest, self.limit)

    @property
    def lease(self) -> int:
        """How many packets within `transit_limits` change nothing."""
        return self._window.room

    def run_on(self, transits: list[float], clock: float | None) -> None:
        """Take the transit times of packets that changed nothing, and the clock of the last of their pops."""
        for transit in transits:
            self._window.add(transit)
        if clock is not None:
            self._clock = clock
            self._deep = 0

    def ready(self, offset: float) -> bool:
        """Tell whether playing may begin: near the aim, so that a little jitter makes it wait for no frame.

        Without room between this and `shallow`, whoever reads sockets every 5 ms would sooner or later hear a
        frame made up on a perfect network: when the packets drift past the moment of reading.
        """
        return offset >= self.aim - self._frame / 8 - _TOLERANCE

    def shallow(self, offset: float) -> bool:
        """Tell whether the offset is short by half a frame or more, so that playing must wait for a frame."""
        return offset < self.aim - self._frame / 2 - _TOLERANCE

    def too_deep(self, offset: float) -> bool:
        """Tell whether the offset is beyond `max_delay_ms`."""
        return offset > self.limit + self._frame

    def excess(self, offset: float, clock: float, grain: int) -> int:
        """Return how many timestamp units to skip now, in whole packets of `grain` units; usually 0."""
        elapsed = clock - self._clock
        self._clock = clock
        aim = self.aim
        if offset <= aim + max(self._frame, grain) + _TOLERANCE:
            self._deep = 0
            return 0
        if elapsed < self._frame / 2:  # the runtime catches up: the offset falls by itself
            return 0
        self._deep += 1
        if self._deep >= _FAR_TOO_DEEP_POPS and self.too_deep(offset):
            amount = offset - aim
        elif self._deep >= _DEEP_POPS:
            amount = float(grain)
        else:
            return 0
        self._deep = 0
        return int(amount // grain) * grain
