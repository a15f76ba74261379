"""What happens to a datagram between two hosts of the simulated network."""

from __future__ import annotations

import random

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between

__all__ = ["Link", "LinkConditions"]

_probability = between(0, 1)


@attrs.frozen(kw_only=True)
class LinkConditions:
    """How good a link is.

    Attributes:
        latency: Least and greatest delay in seconds; without reordering a later datagram never overtakes.
        loss: Probability that a datagram is lost.
        duplicate: Probability that a datagram arrives twice.
        reorder: Probability that a datagram is held back and overtaken.
    """

    latency: tuple[float, float] = (0.010, 0.010)
    loss: float = attrs.field(default=0.0, validator=_probability)
    duplicate: float = attrs.field(default=0.0, validator=_probability)
    reorder: float = attrs.field(default=0.0, validator=_probability)

    def __attrs_post_init__(self) -> None:
        """Check the order of the two delays."""
        low, high = self.latency
        if not 0 <= low <= high:
            raise ConfigurationError(f"must be (least, greatest), not {self.latency!r}", field="latency")


class Link:
    """One direction between two hosts.

    Each link draws from a random source of its own, so that what one call meets does not depend on what
    another pair of hosts sends at the same moment.
    """

    __slots__ = ("_conditions", "_last_arrival", "_random")

    def __init__(self, conditions: LinkConditions, seed: str) -> None:
        """Draw every fate from `seed`."""
        self._conditions = conditions
        self._random = random.Random(seed)
        self._last_arrival = 0.0

    def arrivals(self, now: float) -> list[float]:
        """Return when the copies of a datagram that is sent now arrive, in seconds; none when it is lost."""
        # Always five draws: a change of one probability leaves the other fates as they were.
        lost, doubled, held, delay, extra = (self._random.random() for _ in range(5))
        conditions = self._conditions
        if lost < conditions.loss:
            return []
        low, high = conditions.latency
        arrival = now + low + (high - low) * delay
        if held < conditions.reorder:
            arrival += (1 + 4 * extra) * max(high, 0.001)
        else:
            self._last_arrival = arrival = max(arrival, self._last_arrival)
        return [arrival, arrival + extra * high] if doubled < conditions.duplicate else [arrival]
