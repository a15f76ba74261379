"""The paths of many relays at once: one operation of numpy for the packets that come in sequence."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from ..plane.allocator import RowAllocator
from ..plane.columns import resized
from ..plane.headers import Bytes2D, Flags, Longs, Rows
from .path import RelayPath
from .rows import PathRows

_RETRY_S = 0.16
"""Seconds after which a path that could not be lent is asked again."""
_AGAIN_S = 0.04
"""The same for one that was lent and taken back."""


@attrs.define
class RelayPlaneStatistics:
    """How much of the work was alike.

    Attributes:
        paths: Paths that are in the plane.
        batched: Packets that were moved in batches.
        lent: How often a path was taken over.
    """

    paths: int = 0
    batched: int = 0
    lent: int = 0


class RelayPlane:
    """Paths as rows: a packet in sequence gets its header for the other leg, all else is the session's.

    What is sent and counted is the same to the octet as without a plane. It is no machine of its own.

    Args:
        fewest: Paths below which none is taken over, because a session by itself is cheaper.
    """

    def __init__(self, *, fewest: int = 32) -> None:
        self.counters = RelayPlaneStatistics()
        self._fewest = fewest
        self._allocator = RowAllocator()
        n_rows = self._allocator.capacity
        self._paths: list[RelayPath | None] = [None] * n_rows
        self._rows = PathRows(n_rows)
        self._retries: npt.NDArray[np.float64] = np.zeros(n_rows)

    def add(self, path: RelayPath) -> int:
        """Take a path in and return its row."""
        row = self._allocator.take()
        self._resize()
        self._paths[row] = path
        self._retries[row] = -np.inf
        self.counters.paths += 1
        return row

    def remove(self, row: int) -> None:
        """Give a path back and forget it."""
        self.path(row)
        self._paths[row] = None
        self._allocator.give(row)
        self._resize()
        self.counters.paths -= 1
        if not self.busy:
            for other in np.flatnonzero(self._rows.lent).tolist():
                self.path(other)

    def path(self, row: int) -> RelayPath:
        """Return the path of a row; it and its two sessions are up to date as far as this path goes.

        Raises:
            LocalProtocolError: There is no path in this row.
        """
        path = self._paths[row]
        if path is None:
            raise LocalProtocolError(f"there is no path in row {row}")
        if self._rows.lent[row]:
            path.take_back(self._rows.take(row))
        return path

    @property
    def busy(self) -> bool:
        """Whether there are so many paths that they are taken over."""
        return self.counters.paths >= self._fewest

    def quiet(self, since: float) -> list[int]:
        """Return the rows that a packet came to last before `since`, in seconds, or never."""
        lent = self._rows.lent
        rows: list[int] = np.flatnonzero(lent & (self._rows.heard < since)).tolist()
        return rows + [
            row
            for row, path in enumerate(self._paths)
            if path is not None and not lent[row] and path.receive.heard_at < since
        ]

    def heard_at(self, row: int) -> float:
        """Return when the peer that a path comes from was heard last; minus infinity when it never was."""
        if self._rows.lent[row]:
            return float(self._rows.heard[row])
        path = self._paths[row]
        return float("-inf") if path is None else path.receive.heard_at

    def receive_batch(self, rows: Rows, packets: Bytes2D, lengths: Longs, now: float) -> Flags:
        """Turn RTP packets that need no thought into those for the other leg, in their place.

        The caller sends those, and gives the others to the sessions that they came to, after `path`. Only
        packets from an address that the session has accepted may be given, as from a connected socket.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, at least 12 octets a row.
            lengths: Octets of each packet, int64.
            now: When they came, in seconds.

        Returns:
            Which packets were turned.
        """
        if not self.busy:
            return np.zeros(rows.size, bool)
        self._lend(rows, now)
        taken = self._rows.receive(rows, packets, lengths, now)
        self.counters.batched += int(np.count_nonzero(taken))
        return taken

    def _lend(self, rows: Rows, now: float) -> None:
        idle = ~self._rows.lent[rows]
        if not idle.any():
            return
        asked: list[int] = rows[idle & (self._retries[rows] <= now)].tolist()
        for row in asked:
            path = self._paths[row]
            run = None if path is None else path.lend()
            self._retries[row] = now + (_RETRY_S if run is None else _AGAIN_S)
            if run is not None:
                self._rows.put(row, run)
                self.counters.lent += 1

    def _resize(self) -> None:
        n_rows = self._allocator.capacity
        if n_rows != len(self._paths):
            self._paths = (self._paths + [None] * n_rows)[:n_rows]
            self._rows.resize(n_rows)
            self._retries = resized(self._retries, n_rows)
