"""The packets of many sources at once, headers and all (RFC 3550 §5.1)."""

from __future__ import annotations

import numpy as np

from ..session.run import SenderRun
from .columns import Columns, resized
from .context_rows import MAX_OVERHEAD, SendingContexts
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
        views: The same, one view a row, as long as its packets are.
        contexts: What secures them.

    Args:
        n_rows: Rows to begin with.
        octets: Octets of a packet in the clear.
    """

    __slots__ = ("_columns", "codecs", "contexts", "lent", "octets", "packets", "views")

    def __init__(self, n_rows: int, octets: int) -> None:
        self.octets = octets
        self.contexts = SendingContexts(n_rows)
        self._columns = Columns(_KINDS, n_rows)
        self.lent: Flags = np.zeros(n_rows, bool)
        self.codecs: list[str] = [""] * n_rows
        self.packets: Bytes2D = np.zeros((n_rows, octets + MAX_OVERHEAD), np.uint8)
        self.views = [packet[:octets].data for packet in self.packets]

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows."""
        self._columns.resize(n_rows)
        self.codecs = (self.codecs + [""] * n_rows)[:n_rows]
        self.contexts.resize(n_rows)
        self.lent, self.packets = resized(self.lent, n_rows), resized(self.packets, n_rows)
        lengths: list[int] = (self.octets + self.contexts.overhead).tolist()
        self.views = [packet[:length].data for packet, length in zip(self.packets, lengths, strict=True)]

    def fits(self, run: SenderRun) -> bool:
        """Tell whether a source can be taken over."""
        return self.contexts.fits(run.context)

    def put(self, row: int, run: SenderRun) -> None:
        """Take a source over for which `fits` holds."""
        self._columns.put(row, run)
        self.contexts.put(row, run.context)
        self.views[row] = self.packets[row, : self.octets + self.contexts.overhead[row]].data
        self.codecs[row] = run.codec
        self.lent[row] = True

    def take(self, row: int) -> SenderRun:
        """Give a source back."""
        self.lent[row] = False
        self.contexts.settle(row)
        return SenderRun(self.codecs[row], **self._columns.take(row))

    def progress(self, row: int) -> tuple[int, int]:
        """Return packets and octets that a lent row has sent."""
        return self._columns["sent"][row].item(), self._columns["octets"][row].item()

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

    def skip(self, rows: Rows, frames: int, n_samples: int, now: float) -> None:
        """Let the time of frames pass in which nothing is sent; see `build` for what the others mean."""
        columns = self._columns
        columns["marker"][rows] = 1
        columns["timestamp"][rows] = (columns["timestamp"][rows] + frames * n_samples) & 0xFFFFFFFF
        columns["frames"][rows] += frames
        columns["sent_at"][rows] = now

    def seal(self, rows: Rows, built: Flags) -> Flags:
        """Secure the packets of the rows that are, and return which of `built` can be sent."""
        return self.contexts.protect(rows, self.packets, self.octets, built) if self.contexts else built

    def silent(self, rows: Rows) -> Flags:
        """Tell which rows may not send."""
        return np.asarray(self._columns["silent"][rows] != 0)
