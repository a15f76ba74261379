"""What happens to a datagram between two hosts of the simulated network."""

from __future__ import annotations

import random

import attrs

from trio_runtime.base.validation import between
from trio_runtime.testing.bandwidth import Bandwidth, Bottleneck
from trio_runtime.testing.bursts import BurstLoss, BurstState
from trio_runtime.testing.latency import ConstantLatency, Latency, as_latency

__all__ = ["Link", "LinkConditions"]

_probability = between(0, 1)
_FIRST_TIMEOUT = 0.2
_LONGEST_TIMEOUT = 60.0
_MAX_ATTEMPTS = 8


@attrs.frozen(kw_only=True)
class LinkConditions:
    """How good a link is.

    Attributes:
        latency: Seconds of delay, the least and the greatest, or a distribution; without reordering a later
            datagram never overtakes.
        loss: Probability that a datagram is lost.
        duplicate: Probability that a datagram arrives twice.
        reorder: Probability that a datagram is held back and overtaken.
        bursts: Losses in bursts, besides those of `loss`.
        bandwidth: What the line carries, in each direction; None is no limit.
    """

    latency: Latency = attrs.field(default=ConstantLatency(), converter=as_latency)
    loss: float = attrs.field(default=0.0, validator=_probability)
    duplicate: float = attrs.field(default=0.0, validator=_probability)
    reorder: float = attrs.field(default=0.0, validator=_probability)
    bursts: BurstLoss | None = None
    bandwidth: Bandwidth | None = None


class Link:
    """One direction between two hosts, for datagrams of one kind.

    Each link draws from a random source of its own, so that what one call meets does not depend on what
    another pair of hosts sends at the same moment. Only the line in front of it may be shared.

    Attributes:
        lost: Datagrams that chance has lost.
    """

    __slots__ = ("_bottleneck", "_bursts", "_conditions", "_last_arrival", "_random", "_seed", "lost")

    def __init__(self, conditions: LinkConditions, seed: str, bottleneck: Bottleneck | None = None) -> None:
        """Draw every fate from `seed`.

        Args:
            conditions: How good it is.
            seed: Everything random follows from it.
            bottleneck: The line that it shares with others; None makes one of its own where it needs one.
        """
        self._seed = seed
        self._random = random.Random(seed)
        self._last_arrival = 0.0
        self._bursts: BurstState | None = None
        self.lost = 0
        self.change(conditions, bottleneck)

    def change(self, conditions: LinkConditions, bottleneck: Bottleneck | None = None) -> None:
        """Be as good as `conditions` from now on; what is under way arrives as it would have."""
        if bottleneck is None and conditions.bandwidth is not None:
            bottleneck = Bottleneck(conditions.bandwidth)
        self._conditions = conditions
        self._bottleneck = bottleneck
        if conditions.bursts is None:
            self._bursts = None
        elif self._bursts is None or not self._bursts.follows(conditions.bursts):
            self._bursts = BurstState(conditions.bursts, f"{self._seed}/bursts")

    @property
    def least_delay(self) -> float:
        """The delay that no datagram comes below, in seconds."""
        return self._conditions.latency.at(0.0)

    def arrivals(self, now: float, size: int = 0) -> list[float]:
        """Return when the copies of a datagram that is sent now arrive, in seconds; none when it is lost.

        Args:
            now: Time in seconds.
            size: Octets of the datagram.
        """
        departure = self._departure(now, size)
        return [] if departure is None else self._fates(departure)

    def _departure(self, now: float, size: int) -> float | None:
        return now if self._bottleneck is None else self._bottleneck.departure(now, size)

    def _fates(self, departure: float) -> list[float]:
        # Always five draws: a change of one probability leaves the other fates as they were.
        draw, conditions = self._random.random, self._conditions
        lost, doubled, held, delay, extra = draw(), draw(), draw(), draw(), draw()
        burst = self._bursts is not None and self._bursts.loses_next()
        if burst or lost < conditions.loss:
            self.lost += 1
            return []
        latency = conditions.latency
        arrival = departure + latency.at(delay)
        if held < conditions.reorder:
            arrival += (1 + 4 * extra) * max(latency.greatest, 0.001)
        else:
            self._last_arrival = arrival = max(arrival, self._last_arrival)
        if doubled < conditions.duplicate:
            return [arrival, arrival + extra * latency.greatest]
        return [arrival]

    def segment_arrival(self, now: float, size: int) -> float | None:
        """Return when a segment of a connection arrives, which is sent again until it does.

        Loss, and a full queue, show as delay. After eight attempts None says that the way is as good as cut.
        """
        timeout = max(_FIRST_TIMEOUT, 3 * self._conditions.latency.greatest)
        departure = self._departure(now, size)
        for _ in range(_MAX_ATTEMPTS):
            if departure is not None and (arrivals := self._fates(departure)):
                # In order: what was sent later waits for it.
                self._last_arrival = max(self._last_arrival, arrivals[0])
                return self._last_arrival
            # What is sent again takes no room in the queue: a line can be reserved for now only.
            departure = (now if departure is None else departure) + timeout
            timeout = min(2 * timeout, _LONGEST_TIMEOUT)
        return None
