"""What is known of many sources from packets that come in sequence (RFC 3550 A.1, A.3, A.8)."""

from __future__ import annotations

import numpy as np

from ..session.run import SourceRun
from .columns import Columns
from .headers import Flags, Floats, HeaderColumns, Longs, Rows

_KINDS = {
    "ssrc": "i8",
    "highest": "i8",
    "cycles": "i8",
    "received": "i8",
    "octets": "i8",
    "clock_rate": "f8",
    "jitter": "f8",
    "arrival": "f8",
    "timestamp": "i8",
}


class SourceRows:
    """The statistics of sources as columns.

    Only what nearly always happens is done here: the next packet of a source, with the next timestamp. All
    else is the business of `SourceStatistics`, which takes a row back for it.

    Args:
        n_rows: Rows to begin with.
    """

    __slots__ = ("columns",)

    def __init__(self, n_rows: int) -> None:
        self.columns = Columns(_KINDS, n_rows)

    def put(self, row: int, run: SourceRun) -> None:
        """Take a source over."""
        self.columns.put(row, run)

    def take(self, row: int) -> SourceRun:
        """Return the numbers of a row."""
        return SourceRun(**self.columns.take(row))

    def next_in_line(self, rows: Rows, headers: HeaderColumns, step: Longs) -> Flags:
        """Tell which packets are the next of their source, `step` timestamp units after the last."""
        columns = self.columns
        return np.asarray(
            (headers.ssrc == columns["ssrc"][rows])
            & (headers.sequence == (columns["highest"][rows] + 1) & 0xFFFF)
            & (headers.timestamp == (columns["timestamp"][rows] + step) & 0xFFFFFFFF)
        )

    def update(self, rows: Rows, headers: HeaderColumns, octets: Longs, step: Longs, now: Floats) -> None:
        """Count packets for which `next_in_line` holds, one a row.

        Args:
            rows: Rows, each once, shape (n_packets,).
            headers: Their headers.
            octets: Octets of their payloads.
            step: Timestamp units since the packet before.
            now: When they came, in seconds, shape (n_packets,).
        """
        columns = self.columns
        columns["cycles"][rows] += (headers.sequence < columns["highest"][rows]) * 0x10000
        columns["highest"][rows] = headers.sequence
        columns["received"][rows] += 1
        columns["octets"][rows] += octets
        rate, jitter = columns["clock_rate"][rows], columns["jitter"][rows]
        arrival = now * rate
        change = np.abs(arrival - columns["arrival"][rows] - step)
        # As in `SourceStatistics.time`: a jump of a second or more is no jitter.
        columns["jitter"][rows] = np.where(change < rate, jitter + (change - jitter) / 16, jitter)
        columns["arrival"][rows] = arrival
        columns["timestamp"][rows] = headers.timestamp
