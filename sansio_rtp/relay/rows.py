"""What the paths of many relays hold, as columns, and what packets in sequence do to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..plane import HeaderColumns
from ..plane.columns import resized
from ..plane.headers import HEADER_OCTETS, Bytes2D, Flags, Longs, Rows, read_headers, write_headers
from ..session.run import ForwardRun, SourceRun
from .run import PathRun

# Columns of whole numbers. All of them are read and written in one operation: so many small ones cost more.
(
    _SSRC, _HIGHEST, _CYCLES, _RECEIVED, _OCTETS, _TIMESTAMP, _TYPE,
    _OWN, _NUMBER, _SHIFT, _RENAMED, _PREVIOUS, _LONGEST, _STEP, _SENT, _SENT_OCTETS,
    _N_LONGS,
) = range(17)  # fmt: skip
_RATE, _JITTER, _ARRIVAL, _HEARD_AT, _N_FLOATS = range(5)

_Table = npt.NDArray[np.int64]
_Reals = npt.NDArray[np.float64]


class PathRows:
    """Paths as rows.

    Attributes:
        lent: Which rows hold a path, bool, shape (n_rows,).

    Args:
        n_rows: Rows to begin with.
    """

    __slots__ = ("_longs", "_reals", "lent")

    def __init__(self, n_rows: int) -> None:
        self.lent: Flags = np.zeros(n_rows, bool)
        self._longs: _Table = np.zeros((n_rows, _N_LONGS), np.int64)
        self._reals: _Reals = np.zeros((n_rows, _N_FLOATS))

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows."""
        self.lent = resized(self.lent, n_rows)
        self._longs, self._reals = resized(self._longs, n_rows), resized(self._reals, n_rows)

    @property
    def heard(self) -> npt.NDArray[np.float64]:
        """When the last packet of each row came, in seconds, shape (n_rows,)."""
        return self._reals[:, _HEARD_AT]

    def put(self, row: int, run: PathRun) -> None:
        """Take a path over."""
        source, forward = run.source, run.forward
        self._longs[row] = (
            source.ssrc,
            source.highest,
            source.cycles,
            source.received,
            source.octets,
            source.timestamp,
            run.payload_type,
            forward.ssrc,
            forward.sequence,
            (forward.timestamp - run.previous) & 0xFFFFFFFF,
            run.renamed,
            run.previous,
            run.longest,
            forward.step,
            0,
            0,
        )
        self._reals[row] = source.clock_rate, source.jitter, source.arrival, run.heard_at
        self.lent[row] = True

    def take(self, row: int) -> PathRun:
        """Give a path back."""
        self.lent[row] = False
        longs: list[int] = self._longs[row].tolist()
        rate, jitter, arrival, heard_at = self._reals[row].tolist()
        return PathRun(
            SourceRun(
                longs[_SSRC],
                longs[_HIGHEST],
                longs[_CYCLES],
                longs[_RECEIVED],
                longs[_OCTETS],
                rate,
                jitter,
                arrival,
                longs[_TIMESTAMP],
            ),
            ForwardRun(
                longs[_OWN],
                longs[_NUMBER],
                (longs[_PREVIOUS] + longs[_SHIFT]) & 0xFFFFFFFF,
                longs[_STEP],
                longs[_SENT],
                longs[_SENT_OCTETS],
                heard_at,
            ),
            longs[_TYPE],
            longs[_RENAMED],
            longs[_PREVIOUS],
            longs[_LONGEST],
            heard_at,
        )

    def receive(self, rows: Rows, packets: Bytes2D, lengths: Longs, now: float) -> Flags:
        """Turn the packets that are the next of their rows into those that go out; return which they are.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, the stride a multiple of 4; what goes out takes the place of what came.
            lengths: Octets of each packet; they stay as they are.
            now: When they came, in seconds.
        """
        headers, longs = read_headers(packets, lengths), self._longs[rows]
        taken = np.asarray(
            self.lent[rows]
            & headers.plain
            & (headers.ssrc == longs[:, _SSRC])
            & (headers.sequence == (longs[:, _HIGHEST] + 1) & 0xFFFF)
            & (headers.payload_type == longs[:, _TYPE])
        )
        where: Rows | slice = slice(None)
        if not taken.all():
            where = np.flatnonzero(taken)
            rows, longs, lengths, headers = rows[where], longs[where], lengths[where], headers.only(taken)
        reals = self._reals[rows]
        _count(longs, reals, headers, lengths - HEADER_OCTETS, now)
        self._longs[rows], self._reals[rows] = longs, reals
        write_headers(
            packets,
            where,
            longs[:, _RENAMED] | headers.marker.astype(np.int64) << 7,
            longs[:, _NUMBER],
            (headers.timestamp + longs[:, _SHIFT]) & 0xFFFFFFFF,
            longs[:, _OWN],
        )
        return taken


def _count(longs: _Table, reals: _Reals, headers: HeaderColumns, octets: Longs, now: float) -> None:
    """Do what `SourceStatistics` and `Numbering` do with the next packet of a source, for many sources."""
    longs[:, _CYCLES] += (headers.sequence < longs[:, _HIGHEST]) * 0x10000
    longs[:, _HIGHEST] = headers.sequence
    longs[:, (_RECEIVED, _SENT)] += 1
    longs[:, (_OCTETS, _SENT_OCTETS)] += octets[:, None]
    rate = reals[:, _RATE]
    arrival = now * rate
    change = np.abs(arrival - reals[:, _ARRIVAL] - _behind(headers.timestamp, longs[:, _TIMESTAMP]))
    jitter = reals[:, _JITTER]
    reals[:, _JITTER] = np.where(change < rate, jitter + (change - jitter) / 16, jitter)
    reals[:, _ARRIVAL], reals[:, _HEARD_AT] = arrival, now
    step = _behind(headers.timestamp, longs[:, _PREVIOUS])
    whole = (step > 0) & (step <= longs[:, _LONGEST])
    longs[:, _STEP] = np.where(whole, step, longs[:, _STEP])
    longs[:, _TIMESTAMP] = longs[:, _PREVIOUS] = headers.timestamp
    longs[:, _NUMBER] = (longs[:, _NUMBER] + 1) & 0xFFFF


def _behind(newer: Longs, older: Longs) -> Longs:
    """Return `timestamp_delta` of each pair."""
    return np.asarray((newer - older + 0x80000000 & 0xFFFFFFFF) - 0x80000000)
