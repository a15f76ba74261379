"""Reading the sockets of all streams: which datagrams can be taken together, and when each of them came."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from trio_runtime.base.clock import Clock
from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket
from trio_runtime.media.clock.held import HeldDatagrams
from trio_runtime.media.clock.round import Round
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.rows import rows_and_views

__all__ = ["PUNCTUAL_S", "SocketReader"]

_ROW_OCTETS: Final = 4_096  # more than 20 ms of any codec; what is longer is cut and fails its checks
_ROUND: Final = 512  # datagrams that are taken in one round
_MAX_ROUNDS: Final = 64  # a flood must not hold the clock,
_MOST_S: Final = 0.02  # nor must packets that wait after a long delay: what cannot be read in time, is lost
PUNCTUAL_S: Final = 0.002
"""So late a datagram may be said to have come just now."""
_STALE_S: Final = 0.1  # nobody would hear a datagram that is read so late,
_STALE_GIVEN: Final = 256  # and so many of those are looked at all the same: it was not lost on the way
_ROUNDING: Final = 1e-6  # of a step


class SocketReader:
    """Gives the datagrams that have come to the streams whose sockets they came in."""

    def __init__(
        self,
        io: MediaIO,
        clock: Clock,
        plane: MediaPlane,
        step: float,
        on_failure: Callable[[ClockedStream, Exception], None],
    ) -> None:
        """Read the sockets of `io` every `step` seconds; `on_failure` is told of a stream that raised."""
        self._io = io
        self._clock = clock
        self._plane = plane
        self._step = step
        self._on_failure = on_failure
        self._owners: dict[MediaSocket, tuple[ClockedStream, Component]] = {}
        self._rows: dict[MediaSocket, int] = {}
        self._buffer, self._views = rows_and_views(_ROUND, _ROW_OCTETS)
        self._held = HeldDatagrams()
        self._shed = self._stale_left = 0
        self._giving = False

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

    @property
    def shed(self) -> int:
        """Datagrams thrown away because they were read much too late, or too many at once."""
        return self._shed + self._held.dropped

    def receive_now(self, now: float) -> None:
        """Take what has come up to now; nothing while a stream is given something, which may ask for it."""
        if not self._giving:
            self.receive_late(now, now)

    def receive(self, now: float) -> None:
        """Take what has come, as of `now`."""
        self._release(now)
        for _ in range(_MAX_ROUNDS):
            arrivals = self._io.receive(self._views)
            if not arrivals:
                return
            self._give(Round(arrivals, np.full(len(arrivals), now), self._buffer, self._views), now)
            if self._clock.now() - now > _MOST_S:
                return

    def receive_late(self, deadline: float, now: float) -> None:
        """Take what has come by `deadline` as if every step until then had been kept; the rest is for later.

        Otherwise this machine's own lateness would look like jitter of the network, for which every stream
        would wait longer from then on.

        Args:
            deadline: When it should be read, in seconds.
            now: When it is read.
        """
        until = now if now - deadline < PUNCTUAL_S else deadline
        self._release(until)
        self._read_late(deadline, until, now)

    def receive_missed(self, deadline: float, now: float, skip: Callable[[], None]) -> None:
        """Take what has come since `deadline`, after a delay that is not caught up.

        Args:
            deadline: When it should have been read, in seconds.
            now: When it is read.
            skip: Leaves out what is too late to be heard; called after each round, so that nothing runs over.
        """
        self._stale_left = _STALE_GIVEN
        self._release(now)
        skip()
        self._read_late(deadline, now, now, stale=now - _STALE_S, after_round=skip)

    def _read_late(
        self,
        deadline: float,
        until: float,
        now: float,
        *,
        stale: float = -math.inf,
        after_round: Callable[[], None] | None = None,
    ) -> None:
        for _ in range(_MAX_ROUNDS):
            read_at = self._clock.now()  # after a while of reading, what comes now is of a later step
            arrivals, ages = self._io.receive_late(self._views)
            if not arrivals:
                return
            steps = np.ceil((read_at - deadline - np.array(ages)) / self._step - _ROUNDING)
            times = deadline + steps * self._step
            self._give(Round(arrivals, times, self._buffer, self._views), until, stale)
            if after_round is not None:
                after_round()
            if self._clock.now() - now > _MOST_S and times.min() > until:
                return  # nothing that was asked for is left

    def _release(self, until: float) -> None:
        for datagrams in self._held.release(until):
            self._give(datagrams, until)

    def _give(self, datagrams: Round, until: float, stale: float = -math.inf) -> None:
        """Let the plane take what needs no thought, and the streams the rest; hold what came after `until`.

        What is `stale` and needs thought must cost next to nothing.
        """
        arrivals, times = datagrams.arrivals, datagrams.times
        later = times > until
        rows, lengths = self._rows_of(arrivals)
        lengths[later] = 0  # so the plane does not see it
        taken = self._plane.receive_batch(rows, datagrams.buffer[: len(arrivals)], lengths, times)
        if later.any():
            self._held.add(datagrams, later)
            taken |= later
        for place in np.flatnonzero(~taken).tolist():
            at = float(times[place])
            if at < stale:
                self._stale_left -= 1
                if self._stale_left < 0:
                    self._shed += 1
                    continue
            self._give_one(arrivals[place], datagrams.views[place], at)

    def _rows_of(self, arrivals: list[MediaArrival]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
        """Return rows and lengths of datagrams for the plane; the length is 0 of what is none of its."""
        known = self._rows
        rows = [0] * len(arrivals)
        lengths = [0] * len(arrivals)
        for place, (socket, length, source) in enumerate(arrivals):
            row = known.get(socket)
            if row is not None and (source is None or self._owners[socket][0].trusts(source)):
                rows[place], lengths[place] = row, length
        return np.array(rows, np.intp), np.array(lengths, np.int64)

    def _give_one(self, arrival: MediaArrival, view: memoryview, now: float) -> None:
        socket, length, source = arrival
        owner = self._owners.get(socket)
        source = source or socket.peer
        if owner is None or source is None:
            return
        stream, component = owner
        self._giving = True
        try:
            stream.receive(component, bytes(view[:length]), source, now)
        except Exception as error:
            self._on_failure(stream, error)
        finally:
            self._giving = False
