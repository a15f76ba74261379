"""When the calls of a load begin, and how long each lasts."""

from __future__ import annotations

import math

import attrs

from trio_runtime.base.validation import between
from trio_runtime.media import Playable

__all__ = ["LoadPlan"]


@attrs.frozen(kw_only=True)
class LoadPlan:
    """A number of calls at a rate.

    Attributes:
        calls: How many in all.
        rate: Calls a second, once the ramp is over.
        ramp: Seconds in which the rate rises from 0, evenly.
        hold: Seconds that each call lasts after its answer.
        audio: What is played into each call, again and again; None is silence.
        timeout: Seconds to wait for an answer.
        max_open: Calls at one time; beyond it a call is not made and counts as one that failed.
    """

    calls: int = attrs.field(default=100, validator=between(1))
    rate: float = attrs.field(default=10.0, validator=between(0.001))
    ramp: float = attrs.field(default=0.0, validator=between(0, unit=" s"))
    hold: float = attrs.field(default=5.0, validator=between(0, unit=" s"))
    audio: Playable | None = None
    timeout: float = attrs.field(default=32.0, validator=between(0.1, unit=" s"))
    max_open: int = attrs.field(default=10_000, validator=between(1))

    def begins(self, number: int) -> float:
        """Return when a call begins, in seconds from the start; the first one is number 0.

        While the rate rises, the number of calls grows with the square of the time.
        """
        in_ramp = self.rate * self.ramp / 2
        if number < in_ramp:
            return math.sqrt(2 * self.ramp * number / self.rate)
        return self.ramp + (number - in_ramp) / self.rate
