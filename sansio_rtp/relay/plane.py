"""The paths of many relays at once: one operation of numpy for the packets that come in sequence."""

from __future__ import annotations

import attrs
import numpy as np

from ..errors import LocalProtocolError
from ..plane.allocator import RowAllocator
from ..plane.headers import Bytes2D, Flags, Longs, Rows
from .lane import PathLane
from .path import RelayPath
from .rows import PathRows, Reals
from .run import PathRun

_RETRY_S = 0.16
"""Seconds after which a path that could not be lent is asked again."""
_AGAIN_S = 0.04
"""The same for one that was lent and taken back."""


@attrs.define
class RelayPlaneStatistics:
    """How much of the work was alike.

    Attributes:
        paths: Paths that are in the plane.
        batched: Packets that were turned in batches.
        single: Packets that were turned one by one, as there are few paths.
        lent: How often a path was taken over.
    """

    paths: int = 0
    batched: int = 0
    single: int = 0
    lent: int = 0


class RelayPlane:
    """Paths as rows: a packet in sequence gets its header for the other leg, all else is the session's.

    What is sent and counted is the same to the octet as without a plane. It is no machine of its own.

    Args:
        fewest: Paths from which on they are columns; fewer are cheaper one by one.
    """

    def __init__(self, *, fewest: int = 128) -> None:
        self.counters = RelayPlaneStatistics()
        self._fewest = fewest
        self._allocator = RowAllocator()
        n_rows = self._allocator.capacity
        self._paths: list[RelayPath | None] = [None] * n_rows
        self._retries = [0.0] * n_rows
        self._rows = PathRows(n_rows)
        self._lanes: dict[int, PathLane] = {}

    @property
    def busy(self) -> bool:
        """Whether there are so many paths that they are columns."""
        return self.counters.paths >= self._fewest

    def add(self, path: RelayPath) -> int:
        """Take a path in and return its row."""
        row = self._allocator.take()
        self._resize()
        self._paths[row] = path
        self._retries[row] = float("-inf")
        self._count(1)
        return row

    def remove(self, row: int) -> None:
        """Give a path back and forget it."""
        self.path(row)
        self._paths[row] = None
        self._allocator.give(row)
        self._resize()
        self._count(-1)

    def path(self, row: int) -> RelayPath:
        """Return the path of a row; it and its two sessions are up to date as far as this path goes.

        Raises:
            LocalProtocolError: There is no path in this row.
        """
        path = self._paths[row]
        if path is None:
            raise LocalProtocolError(f"there is no path in row {row}")
        lane = self._lanes.pop(row, None)
        if lane is not None:
            path.take_back(lane.end())
        elif self._rows.lent[row]:
            path.take_back(self._rows.take(row))
        return path

    def heard_at(self, row: int) -> float:
        """Return when the peer that a path comes from was heard last; minus infinity when it never was."""
        if self._rows.lent[row]:
            return float(self._rows.heard[row])
        lane, path = self._lanes.get(row), self._paths[row]
        if lane is not None:
            return lane.heard_at
        return float("-inf") if path is None else path.receive.heard_at

    def quiet(self, since: float) -> list[int]:
        """Return the rows that a packet came to last before `since`, in seconds, or never."""
        lent = self._rows.lent
        rows: list[int] = np.flatnonzero(lent & (self._rows.heard < since)).tolist()
        others: list[int] = np.flatnonzero(~lent).tolist()
        return rows + [row for row in others if self._paths[row] is not None and self.heard_at(row) < since]

    def receive_batch(self, rows: Rows, packets: Bytes2D, lengths: Longs, times: Reals) -> Flags:
        """Turn RTP packets that need no thought into those for the other leg, in their place.

        The caller sends those, and gives the others to the sessions that they came to, after `path`. Only
        packets from an address that the session has accepted may be given, as from a connected socket.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, the stride a multiple of 4.
            lengths: Octets of each packet, int64.
            times: When each came, in seconds, float64.

        Returns:
            Which packets were turned.
        """
        if not self.busy:
            places = zip(rows.tolist(), packets, lengths.tolist(), times.tolist(), strict=True)
            return np.array([self.receive(row, data.data, n, now) for row, data, n, now in places], bool)
        idle = np.flatnonzero(~self._rows.lent[rows])
        for row, now in zip(rows[idle].tolist(), times[idle].tolist(), strict=True):
            run = self._lend(row, now)
            if run is not None:
                self._rows.put(row, run)
        taken = self._rows.receive(rows, packets, lengths, times)
        self.counters.batched += int(np.count_nonzero(taken))
        return taken

    def receive(self, row: int, packet: memoryview, length: int, now: float) -> bool:
        """Do as `receive_batch` with one packet, while the plane is not `busy`; return whether it was turned.

        Args:
            row: Its row.
            packet: The packet; what goes out takes its place.
            length: Its octets.
            now: When it came, in seconds.
        """
        lane = self._lanes.get(row)
        if lane is None:
            run = None if self.busy else self._lend(row, now)
            if run is None:
                return False
            lane = self._lanes[row] = PathLane(run)
        turned = lane.turn(packet, length, now)
        self.counters.single += turned
        return turned

    def _lend(self, row: int, now: float) -> PathRun | None:
        path = self._paths[row]
        if path is None or self._retries[row] > now:
            return None
        run = path.lend()
        self._retries[row] = now + (_RETRY_S if run is None else _AGAIN_S)
        self.counters.lent += run is not None
        return run

    def _count(self, more: int) -> None:
        before = self.busy
        self.counters.paths += more
        if self.busy is not before:
            for row, path in enumerate(self._paths):
                if path is not None:
                    self.path(row)

    def _resize(self) -> None:
        n_rows = self._allocator.capacity
        if n_rows != len(self._paths):
            self._paths = (self._paths + [None] * n_rows)[:n_rows]
            self._retries = (self._retries + [0.0] * n_rows)[:n_rows]
            self._rows.resize(n_rows)
