"""The packets of many sources at once, headers and all (RFC 3550 §5.1)."""

from __future__ import annotations

import numpy as np

from ..session.run import SenderRun
from .columns import Columns, resized
from .headers import HEADER_OCTETS, Bytes2D, Flags, Rows, header_view

_KINDS = {
    "ssrc": "i8",
    "payload_type": "i8",
    "marker": "i8",
    "sequence": "i8",
    "timestamp": "i8",
    "silent": "i8",
    "frames": "i8",
    "sent": "i8",
    "octets": "i8",
    "sent_at": "f8",
}


class SenderRows:
    """Sources of ours as columns.

    Attributes:
        lent: Which rows hold a source, bool, shape (n_rows,).
        codecs: Name of the codec of each row.
        packets: The last packet of each row, uint8, shape (n_rows, stride); the memory stays until `resize`.
        views: The same, one view a row.

    Args:
        n_rows: Rows to begin with.
        stride: Octets of a packet.
    """

    __slots__ = ("_columns", "codecs", "lent", "packets", "views")

    def __init__(self, n_rows: int, stride: int) -> None:
        self._columns = Columns(_KINDS, n_rows)
        self.lent: Flags = np.zeros(n_rows, bool)
        self.codecs: list[str] = [""] * n_rows
        self.packets: Bytes2D = np.zeros((n_rows, stride), np.uint8)
        self.views = [packet.data for packet in self.packets]

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows."""
        self._columns.resize(n_rows)
        self.codecs = (self.codecs + [""] * n_rows)[:n_rows]
        self.lent, self.packets = resized(self.lent, n_rows), resized(self.packets, n_rows)
        self.views = [packet.data for packet in self.packets]

    def put(self, row: int, run: SenderRun) -> None:
        """Take a source over."""
        self._columns.put(row, run)
        self.codecs[row] = run.codec
        self.lent[row] = True

    def take(self, row: int) -> SenderRun:
        """Give a source back."""
        self.lent[row] = False
        return SenderRun(self.codecs[row], **self._columns.take(row))

    def build(self, rows: Rows, payloads: Bytes2D, n_samples: int, now: float) -> None:
        """Write the next packet of each row into `packets`; for a silent row only its timestamp goes on.

        Args:
            rows: Rows, each once, shape (n_packets,).
            payloads: uint8, shape (n_packets, n_octets).
            n_samples: Timestamp units that each lasts.
            now: Absolute seconds.
        """
        columns, octets = self._columns, payloads.shape[1]
        sequence, timestamp, silent = (columns[name][rows] for name in ("sequence", "timestamp", "silent"))
        self.packets[rows, HEADER_OCTETS : HEADER_OCTETS + octets] = payloads
        records = header_view(self.packets)
        records["first"][rows] = 0x80
        records["second"][rows] = columns["payload_type"][rows] | columns["marker"][rows] << 7
        records["sequence"][rows] = sequence
        records["timestamp"][rows] = timestamp
        records["ssrc"][rows] = columns["ssrc"][rows]
        sends = 1 - silent
        columns["marker"][rows] = silent
        columns["sequence"][rows] = (sequence + sends) & 0xFFFF
        columns["timestamp"][rows] = (timestamp + n_samples) & 0xFFFFFFFF
        columns["frames"][rows] += 1
        columns["sent"][rows] += sends
        columns["octets"][rows] += octets * sends
        columns["sent_at"][rows] = now

    def silent(self, rows: Rows) -> Flags:
        """Tell which rows may not send."""
        return np.asarray(self._columns["silent"][rows] != 0)
