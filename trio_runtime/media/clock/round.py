"""Datagrams that were read together."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from trio_runtime.base.ports import MediaArrival

__all__ = ["Round"]

_LEAST_OCTETS: Final = 512  # what the plane wants to see of a row, and more


class Round(NamedTuple):
    """Datagrams that were read together, at most one of each socket.

    Attributes:
        arrivals: What came where.
        times: When it came, in seconds, shape (n_datagrams,).
        buffer: The octets, a datagram a row, uint8, shape (n_rows, stride).
        views: The same, one view a row.
    """

    arrivals: list[MediaArrival]
    times: npt.NDArray[np.float64]
    buffer: npt.NDArray[np.uint8]
    views: list[memoryview]

    def only(self, places: list[int]) -> Round:
        """Return some of them, in other memory."""
        arrivals = [self.arrivals[place] for place in places]
        width = max(_LEAST_OCTETS, max(length for _, length, _ in arrivals))
        buffer = self.buffer[places, :width]
        return Round(arrivals, self.times[places], buffer, [row.data for row in buffer])
