"""Which streams are moved in which quarter of a tick."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.peer_link import PeerLink

__all__ = ["PHASES", "Batch", "Phase", "Phases"]

PHASES: Final = 4
"""Quarters of a tick, 5 ms each."""
_TOGETHER: Final = 100
"""Streams that are moved together before they are spread: a batch of a few is not worth another wake-up."""
_ORDER: Final = (0, 2, 1, 3)
"""In which order quarters are filled: two that are in use lie as far apart as they can."""


class Batch(NamedTuple):
    """The streams of a phase that are in the plane, each list in the same order.

    Attributes:
        streams: The streams.
        links: Their ways to the network.
        places: Their rows.
        rows: The same, shape (n_streams,).
        alone: The streams of the phase that are not in the plane.
    """

    streams: list[ClockedStream]
    links: list[PeerLink]
    places: list[int]
    rows: npt.NDArray[np.intp]
    alone: list[ClockedStream]


class Phase:
    """Streams that are moved together.

    Attributes:
        streams: The streams, in the order in which they came.
        rooms: Rooms whose streams are all here.
    """

    __slots__ = ("_batch", "rooms", "streams")

    def __init__(self) -> None:
        """Begin without a stream."""
        self.streams: dict[ClockedStream, None] = {}
        self.rooms = 0
        self._batch: Batch | None = None

    def changed(self) -> None:
        """Take note that a stream came, went or got another row."""
        self._batch = None

    @property
    def batch(self) -> Batch:
        """The streams by whether they are in the plane; changes make a new one."""
        if self._batch is None:
            streams = [stream for stream in self.streams if stream.row is not None]
            places = [stream.row for stream in streams if stream.row is not None]
            self._batch = Batch(
                streams,
                [stream.link for stream in streams],
                places,
                np.array(places, np.intp),
                [stream for stream in self.streams if stream.row is None],
            )
        return self._batch


class Phases:
    """The streams of a media clock, spread so that no wake-up takes long."""

    def __init__(self) -> None:
        """Begin without a stream."""
        self.phases = tuple(Phase() for _ in range(PHASES))
        self._of: dict[ClockedStream, Phase] = {}

    def __len__(self) -> int:
        return len(self._of)

    def __contains__(self, stream: ClockedStream) -> bool:
        return stream in self._of

    def add(self, stream: ClockedStream) -> None:
        """Put a stream where there is most room."""
        roomiest = min(self.phases, key=lambda phase: len(phase.streams))
        # One phase is filled before the next is begun: many small batches cost more than few larger ones.
        inviting = (self.phases[index] for index in _ORDER)
        phase = next((each for each in inviting if len(each.streams) < _TOGETHER), roomiest)
        phase.streams[stream] = None
        phase.changed()
        self._of[stream] = phase

    def remove(self, stream: ClockedStream) -> None:
        """Take a stream out."""
        phase = self._of.pop(stream)
        del phase.streams[stream]
        phase.changed()

    def for_room(self) -> int:
        """Return the number of the phase that should take the next room."""
        if len(self) <= _TOGETHER:
            return 0
        return min(range(PHASES), key=lambda index: self.phases[index].rooms)

    def move(self, stream: ClockedStream, index: int) -> None:
        """Put a stream into a certain phase; its next tick comes up to 15 ms earlier or later, once."""
        phase, before = self.phases[index], self._of[stream]
        if phase is not before:
            self.remove(stream)
            phase.streams[stream] = None
            phase.changed()
            self._of[stream] = phase

    def changed(self, stream: ClockedStream) -> None:
        """Take note that a stream got another row."""
        phase = self._of.get(stream)
        if phase is not None:
            phase.changed()
