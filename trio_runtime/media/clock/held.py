"""Datagrams that were read before the step to which they belong."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from operator import itemgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from trio_runtime.media.clock.round import Round

__all__ = ["MAX_HELD", "HeldDatagrams"]

MAX_HELD: Final = 16_384
"""Datagrams that are kept, 8 MiB: what a flood brings beyond is dropped."""


class HeldDatagrams:
    """Keeps datagrams by their step, so that none is copied twice.

    Attributes:
        dropped: Datagrams for which there was no room.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._steps: list[tuple[float, Round]] = []
        self._count = 0
        self.dropped = 0

    def add(self, datagrams: Round, later: npt.NDArray[np.bool_]) -> None:
        """Keep some of the datagrams of a round, those of each step together."""
        times: list[float] = np.unique(datagrams.times[later]).tolist()
        for at in times:
            these: list[int] = np.flatnonzero(datagrams.times == at).tolist()
            if self._count + len(these) > MAX_HELD:
                self.dropped += len(these)
                continue
            self._count += len(these)
            insort(self._steps, (at, datagrams.only(these)), key=itemgetter(0))

    def release(self, until: float) -> Iterator[Round]:
        """Give out what is of steps up to `until`, the earliest first."""
        while self._steps and self._steps[0][0] <= until:
            datagrams = self._steps.pop(0)[1]
            self._count -= len(datagrams.arrivals)
            yield datagrams
