"""Reading the sockets of all streams: which datagrams can be taken together, and when each of them came."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket
from trio_runtime.media.clocked import ClockedStream

__all__ = ["SocketReader"]

_ROW_OCTETS: Final = 4_096  # more than 20 ms of any codec; what is longer is cut and fails its checks
_ROUND: Final = 512  # datagrams that are taken in one round
_MAX_ROUNDS: Final = 64  # a flood must not hold the clock
_ROUNDING: Final = 1e-6  # of a step


class _Round(NamedTuple):
    """Datagrams that were read together: each in a row of a buffer, at most one of each socket."""

    arrivals: list[MediaArrival]
    times: list[float]
    buffer: npt.NDArray[np.uint8]
    views: list[memoryview]

    def only(self, places: list[int]) -> _Round:
        """Return some of them, in other memory."""
        buffer = self.buffer[places]
        return _Round(
            [self.arrivals[place] for place in places],
            [self.times[place] for place in places],
            buffer,
            [row.data for row in buffer],
        )


class SocketReader:
    """Gives the datagrams that have come to the streams whose sockets they came in."""

    def __init__(
        self, io: MediaIO, plane: MediaPlane, on_failure: Callable[[ClockedStream, Exception], None]
    ) -> None:
        """Read the sockets of `io`; `on_failure` is told of a stream that raised."""
        self._io = io
        self._plane = plane
        self._on_failure = on_failure
        self._owners: dict[MediaSocket, tuple[ClockedStream, Component]] = {}
        self._rows: dict[MediaSocket, int] = {}
        self._buffer = np.zeros((_ROUND, _ROW_OCTETS), np.uint8)
        self._views = [row.data for row in self._buffer]
        self._held: list[_Round] = []

    def add(self, stream: ClockedStream) -> None:
        """Read the sockets of a stream from now on."""
        self._owners[stream.ports.rtp] = (stream, Component.RTP)
        self._owners[stream.ports.rtcp] = (stream, Component.RTCP)
        self.moved(stream)

    def remove(self, stream: ClockedStream) -> None:
        """Let go of a stream."""
        self._owners.pop(stream.ports.rtp, None)
        self._owners.pop(stream.ports.rtcp, None)
        self._rows.pop(stream.ports.rtp, None)

    def moved(self, stream: ClockedStream) -> None:
        """Take note that a stream has another row in the plane, or none any more."""
        if stream.row is None:
            self._rows.pop(stream.ports.rtp, None)
        else:
            self._rows[stream.ports.rtp] = stream.row

    def receive(self, now: float) -> None:
        """Take what has come, as of `now`."""
        self._release(now)
        for _ in range(_MAX_ROUNDS):
            arrivals = self._io.receive(self._views)
            if not arrivals:
                return
            self._give(_Round(arrivals, [now] * len(arrivals), self._buffer, self._views))

    def receive_late(self, deadline: float, step: float, now: float) -> None:
        """Take what has come by `deadline`, which is past, as if it had been kept; keep the rest for later.

        Otherwise this machine's own lateness would look like jitter of the network, for which every stream
        would wait longer from then on.

        Args:
            deadline: When it should have been read, in seconds.
            step: Seconds between two times of reading.
            now: When it is read.
        """
        self._release(deadline)
        for _ in range(_MAX_ROUNDS):
            arrivals, ages = self._io.receive_late(self._views)
            if not arrivals:
                return
            steps = [math.ceil(max(0.0, now - age - deadline) / step - _ROUNDING) for age in ages]
            times = [min(now, deadline + count * step) for count in steps]
            self._give_until(deadline, _Round(arrivals, times, self._buffer, self._views))

    def _release(self, until: float) -> None:
        held, self._held = self._held, []
        for each in held:
            self._give_until(until, each)

    def _give_until(self, until: float, datagrams: _Round) -> None:
        """Give what has come until then, and hold the others."""
        early = [place for place, at in enumerate(datagrams.times) if at <= until]
        if len(early) == len(datagrams.times):
            self._give(datagrams)
            return
        if early:
            self._give(datagrams.only(early))
        self._held.append(datagrams.only([place for place, at in enumerate(datagrams.times) if at > until]))

    def _give(self, datagrams: _Round) -> None:
        """Let the plane take what needs no thought, and the streams the rest."""
        known = self._rows
        rest: list[int] = []
        places: list[int] = []
        rows: list[int] = []
        lengths: list[int] = []
        for place, (socket, length, source) in enumerate(datagrams.arrivals):
            row = known.get(socket)
            if row is None or (source is not None and not self._owners[socket][0].trusts(source)):
                rest.append(place)
            else:
                places.append(place)
                rows.append(row)
                lengths.append(length)
        if places:
            each = datagrams.only(places) if rest else datagrams
            taken = self._plane.receive_batch(
                np.array(rows), each.buffer[: len(places)], np.array(lengths), np.array(each.times)
            )
            if not taken.all():
                rest += [places[index] for index in np.flatnonzero(~taken).tolist()]
                rest.sort()
        for place in rest:
            self._give_one(datagrams.arrivals[place], datagrams.views[place], datagrams.times[place])

    def _give_one(self, arrival: MediaArrival, view: memoryview, now: float) -> None:
        socket, length, source = arrival
        owner = self._owners.get(socket)
        source = source or socket.peer
        if owner is None or source is None:
            return
        stream, component = owner
        try:
            stream.receive(component, bytes(view[:length]), source, now)
        except Exception as error:
            self._on_failure(stream, error)
