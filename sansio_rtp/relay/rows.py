"""What the paths of many relays hold, as columns, and what packets in sequence do to it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ..plane.columns import resized
from ..plane.headers import HEADER_OCTETS, Bytes2D, Flags, Longs, Rows
from .run import PathRun

# Columns by type, so that counters wrap by themselves; those of a type are read in one operation, as many
# small ones cost more. The head of a packet is its first two octets without the marker.
_HEAD, _SEQUENCE, _RENAMED, _OFFSET, _N_HALVES = range(5)
_TIMESTAMP, _SSRC, _LENGTH, _SHIFT, _OWN, _STEP, _COUNT, _N_WORDS = range(8)
_RATE, _ARRIVAL, _JITTER, _HEARD_AT, _N_REALS = range(5)

Reals: TypeAlias = npt.NDArray[np.float64]

_MARKER = np.uint16(0x80)
_NO_MARKER = np.uint16(0xFF7F)


class PathRows:
    """Paths as rows.

    Attributes:
        lent: Which rows hold a path, bool, shape (n_rows,).

    Args:
        n_rows: Rows to begin with.
    """

    __slots__ = ("_halves", "_reals", "_runs", "_words", "lent")

    def __init__(self, n_rows: int) -> None:
        self.lent: Flags = np.zeros(n_rows, bool)
        self._runs: dict[int, PathRun] = {}
        self._halves: npt.NDArray[np.uint16] = np.zeros((n_rows, _N_HALVES), np.uint16)
        self._words: npt.NDArray[np.uint32] = np.zeros((n_rows, _N_WORDS), np.uint32)
        self._reals: npt.NDArray[np.float64] = np.zeros((n_rows, _N_REALS))

    @property
    def heard(self) -> npt.NDArray[np.float64]:
        """When the last packet of each row came, in seconds, shape (n_rows,)."""
        return self._reals[:, _HEARD_AT]

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows."""
        self.lent, self._reals = resized(self.lent, n_rows), resized(self._reals, n_rows)
        self._halves, self._words = resized(self._halves, n_rows), resized(self._words, n_rows)

    def put(self, row: int, run: PathRun) -> None:
        """Take a path over."""
        source, forward = run.source, run.forward
        self._runs[row] = run
        self._halves[row] = 0x8000 | run.payload_type, run.following, 0x8000 | run.renamed, run.offset
        length = run.octets + HEADER_OCTETS
        self._words[row] = run.due, source.ssrc, length, run.shift, forward.ssrc, forward.step, 0
        self._reals[row] = source.clock_rate, source.arrival, source.jitter, run.heard_at
        self.lent[row] = True

    def take(self, row: int) -> PathRun:
        """Give a path back that is lent."""
        run = self._runs.pop(row)
        self.lent[row] = False
        self._words[row, _LENGTH] = 0  # no packet has that
        count = int(self._words[row, _COUNT])
        if count:
            _, arrival, jitter, heard_at = self._reals[row].tolist()
            run.run_on(count, jitter, arrival, heard_at)
        return run

    def receive(self, rows: Rows, packets: Bytes2D, lengths: Longs, times: Reals) -> Flags:
        """Turn the packets that are the next of their rows into those that go out; return which they are.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, the stride a multiple of 4; what goes out
                takes the place of what came.
            lengths: Octets of each packet; they stay as they are.
            times: When each came, in seconds.
        """
        wide, wider = packets.view(">u2"), packets.view(">u4")
        headers, words = wide[:, :2].astype(np.uint16), wider[:, 1:3].astype(np.uint32)
        halves, known, reals = self._halves[rows], self._words[rows], self._reals[rows]
        rate, jitter = reals[:, _RATE], reals[:, _JITTER]
        arrival = times * rate
        change = np.abs(arrival - reals[:, _ARRIVAL] - known[:, _STEP])
        taken = np.asarray(
            (lengths == known[:, _LENGTH])
            & (headers[:, 1] == halves[:, _SEQUENCE])
            & (words[:, 0] == known[:, _TIMESTAMP])
            & (words[:, 1] == known[:, _SSRC])
            & (headers[:, 0] & _NO_MARKER == halves[:, _HEAD])
            & (change < rate)
        )
        where: Rows | slice = slice(None)
        if not taken.all():
            where = np.flatnonzero(taken)
            rows, headers, words, halves = rows[where], headers[where], words[where], halves[where]
            known, change, jitter, arrival = known[where], change[where], jitter[where], arrival[where]
            times = times[where]
        wide[where, 0] = headers[:, 0] & _MARKER | halves[:, _RENAMED]
        wide[where, 1] = headers[:, 1] + halves[:, _OFFSET]
        wider[where, 1] = words[:, 0] + known[:, _SHIFT]
        wider[where, 2] = known[:, _OWN]
        self._halves[rows, _SEQUENCE] = headers[:, 1] + np.uint16(1)
        known[:, _TIMESTAMP] += known[:, _STEP]
        known[:, _COUNT] += 1
        self._words[rows] = known
        self._reals[rows, _ARRIVAL] = arrival
        self._reals[rows, _JITTER] = jitter + (change - jitter) / 16
        self._reals[rows, _HEARD_AT] = times
        return taken
