"""When to move towards the delay that was chosen, and how."""

from __future__ import annotations

import math

from .choice import DelayChoice
from .config import JitterConfig

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
SHORTEST_MS = 5
"""Less than this is not taken away: no voice has so short a period, and nobody misses it."""


class DelayControl(DelayChoice):
    """Tells when to move towards the aim; all units are timestamp units.

    The *offset* is the playout clock minus the timestamp that is due.
    """

    __slots__ = ("_clock", "_deep", "_frame", "_mark", "_shallow", "_shortest", "_since_stretch", "_slack")

    def __init__(self, config: JitterConfig, *, clock_rate: int, frame: int, transit: float) -> None:
        """Begin with the transit time of the first packet."""
        super().__init__(config, clock_rate=clock_rate, transit=transit)
        self._slack = _SLACK_MS * self._per_ms + _TOLERANCE
        self._shortest = SHORTEST_MS * self._per_ms
        self._frame = frame
        self._deep = self._shallow = self._since_stretch = 0
        self._clock = self._mark = float("-inf")

    def offset_limits(self, grain: int) -> tuple[float, float]:
        """Return the offsets, above the fastest packet, between which a packet of `grain` units is played."""
        low = self._delay - self._frame / 8 - _TOLERANCE + _ROUNDING
        return low, self._delay + max(self._frame, grain) + self._slack - _ROUNDING

    def run_on(self, transits: list[float], played: int, clock: float, due: int, skipped: int) -> None:
        """Take packets and pops that changed nothing, clock and `due` of the last pop, and units skipped."""
        self.follow(transits)
        if skipped:
            self.skip(skipped)
        if played:
            self._clock, self._mark = clock, clock - due
            self._deep = self._shallow = 0
            self._since_stretch += played

    def overdue(self, offset: float) -> int:
        """Return how many timestamp units, in whole frames, lie between the aim and `offset`."""
        return max(0, int((offset - self.aim) // self._frame)) * self._frame

    def skip(self, units: int) -> None:
        """Take note that so much was left out at once."""
        self._mark -= units
        self._deep = self._shallow = 0

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
        that packets of another length than a frame leave over. Of the rest a voice's period is taken away.
        """
        self._since_stretch += 1
        if self._since_stretch < _STRETCH_EVERY:
            return 0
        frames = 0
        if not self.ready(offset):
            frames = math.ceil((self.aim - offset) / self._frame)
        elif self._deep >= _DEEP_POPS:
            frames = -int((offset - self.aim) // self._frame)
        surplus = ahead % math.gcd(self._frame, grain)
        wish = frames * self._frame - (surplus if surplus >= self._shortest else 0)
        if wish:
            self._since_stretch = 0
        return wish
