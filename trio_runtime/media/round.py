"""Datagrams that were read together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from trio_runtime.base.ports import MediaArrival

__all__ = ["Round"]


class Round(NamedTuple):
    """Datagrams that were read together: each in a row of a buffer, at most one of each socket."""

    arrivals: list[MediaArrival]
    times: list[float]
    buffer: npt.NDArray[np.uint8]
    views: list[memoryview]

    def only(self, places: list[int]) -> Round:
        """Return some of them, in other memory."""
        buffer = self.buffer[places]
        return Round(
            [self.arrivals[place] for place in places],
            [self.times[place] for place in places],
            buffer,
            [row.data for row in buffer],
        )
