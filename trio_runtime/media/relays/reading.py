"""Reading the sockets of relayed streams: what can be passed on together, and what needs its session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from sansio_rtp.relay import RelayPlane
from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.relays.leg import RelayLeg
from trio_runtime.media.rows import rows_and_views

__all__ = ["RelayReader"]

_ROW_OCTETS: Final = 2_048  # what is longer than any packet on a link is cut and fails its checks
_ROUND: Final = 512
_MAX_ROUNDS: Final = 64  # a flood must not hold the clock


class RelayReader:
    """Passes on what comes in the RTP sockets of relayed streams, which are in a set of their own."""

    def __init__(
        self, io: MediaIO, plane: RelayPlane, on_failure: Callable[[ClockedStream, Exception], None]
    ) -> None:
        """Read the sockets of `io`; `on_failure` is told of a stream that raised."""
        self._io = io
        self._plane = plane
        self._on_failure = on_failure
        self._legs: dict[MediaSocket, RelayLeg] = {}
        self._buffer, self._views = rows_and_views(_ROUND, _ROW_OCTETS)

    def add(self, leg: RelayLeg) -> None:
        """Read the socket of a leg from now on."""
        socket = leg.stream.ports.rtp
        self._legs[socket] = leg
        self._io.adopt(socket)

    def remove(self, leg: RelayLeg, home: MediaIO) -> None:
        """Let go of the socket of a leg; it goes back to the set `home`."""
        socket = leg.stream.ports.rtp
        del self._legs[socket]
        home.adopt(socket)

    def receive(self, now: float, *, late: bool = False) -> None:
        """Pass on what has come; `late` asks when, so that our own lateness does not look like jitter."""
        if not self._legs:
            return
        for _ in range(_MAX_ROUNDS):
            if late:
                arrivals, ages = self._io.receive_late(self._views)
                times = [now - age for age in ages]
            else:
                arrivals = self._io.receive(self._views)
                times = [now] * len(arrivals)
            if not arrivals:
                return
            if self._plane.busy:
                self._give_many(arrivals, times)
            else:
                self._give_each(arrivals, times)

    def _give_each(self, arrivals: list[MediaArrival], times: list[float]) -> None:
        legs, turn = self._legs, self._plane.receive
        for (socket, length, source), now, view in zip(arrivals, times, self._views, strict=False):
            leg = legs.get(socket)
            if leg is None:
                continue
            packet = view[:length]
            if (source is None or leg.link.trusts(source)) and turn(leg.row, packet, length, now):
                leg.transmit(packet)
            else:
                self._give_one(leg, packet, source or socket.peer, now)

    def _give_many(self, arrivals: list[MediaArrival], times: list[float]) -> None:
        """Let the plane turn what needs no thought, and give the rest to the streams."""
        known = self._legs
        legs: list[RelayLeg] = []
        rows: list[int] = []
        lengths: list[int] = []
        places: list[int] = []
        rest: list[int] = []
        for place, (socket, length, source) in enumerate(arrivals):
            leg = known.get(socket)
            if leg is None:
                continue
            if source is None or leg.link.trusts(source):
                legs.append(leg)
                rows.append(leg.row)
                lengths.append(length)
                places.append(place)
            else:
                rest.append(place)
        whole = len(rows) == len(arrivals)
        buffer = self._buffer[: len(rows)] if whole else self._buffer[places]
        came = np.array(times if whole else [times[place] for place in places])
        taken = self._plane.receive_batch(np.array(rows, np.intp), buffer, np.array(lengths, np.int64), came)
        views = self._views if whole else [row.data for row in buffer]
        if taken.all():
            for leg, view, length in zip(legs, views, lengths, strict=False):
                leg.transmit(view[:length])
        else:
            for index, done in enumerate(taken.tolist()):
                if done:
                    legs[index].transmit(views[index][: lengths[index]])
                else:
                    rest.append(places[index])
        for place in rest:
            socket, length, source = arrivals[place]
            leg = known.get(socket)
            if leg is not None:  # what came before may have ended the relay
                self._give_one(leg, self._views[place][:length], source or socket.peer, times[place])

    def _give_one(
        self, leg: RelayLeg, packet: memoryview, source: tuple[str, int] | None, now: float
    ) -> None:
        if source is None:
            return
        try:
            leg.receive(bytes(packet), source, now)
        except Exception as error:
            self._on_failure(leg.stream, error)
