"""What the receiving halves of many sessions hold, as columns: lent by the sessions and given back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..jitter import JitterRun, JitterTerms
from ..session.run import LentProgress, ReceiverRun
from .buffer_columns import KINDS, BufferRow
from .columns import Columns, resized
from .context_rows import ReceivingContexts
from .headers import Bytes2D, Flags
from .source_rows import SourceRows

DEPTH = 16
"""Packets that a row remembers; what does not fit (300 ms of delay) is left to the stream's own buffer."""
HEARD = 5
"""Of these the ones that were played and are kept, for concealment."""
LEASE = 64
"""Packets after which the stream's own buffer thinks about its delay, at the latest."""


class BufferRows:
    """Receiving halves of sessions as columns.

    Attributes:
        lent: Which rows hold a stream, bool, shape (n_rows,).
        codecs: Name of the codec of each row, empty where there is none.
        max_octets: Longest payload that fits.
        sources: The counters of the sources.
        contexts: What opens the packets of those that are secured.
        columns: The numbers of the jitter buffers.
        payloads: Rings of the packets that wait, uint8, shape (n_rows, DEPTH, max_octets).
        clocks: When they came, in timestamp units, shape (n_rows, DEPTH).
        tails: The latest audio of the rows that are behind their packets, shape (n_rows, frame_samples).
        transits: Transit times of the packets that came under the present terms, shape (n_rows, 64).

    Args:
        n_rows: Rows to begin with.
        max_octets: Longest payload of a row.
        frame_samples: Samples of a frame.
    """

    def __init__(self, n_rows: int, max_octets: int, frame_samples: int) -> None:
        self.max_octets = max_octets
        self.frame_samples = frame_samples
        self.lent: Flags = np.zeros(n_rows, bool)
        self.codecs: list[str] = [""] * n_rows
        self.sources = SourceRows(n_rows)
        self.contexts = ReceivingContexts(n_rows)
        self.columns = Columns(KINDS, n_rows)
        self.payloads: Bytes2D = np.zeros((n_rows, DEPTH, max_octets), np.uint8)
        self.clocks: npt.NDArray[np.float64] = np.zeros((n_rows, DEPTH))
        self.transits: npt.NDArray[np.float64] = np.zeros((n_rows, LEASE))
        self.tails: npt.NDArray[np.int16] = np.zeros((n_rows, frame_samples), np.int16)

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows."""
        self.sources.columns.resize(n_rows)
        self.columns.resize(n_rows)
        self.lent, self.payloads = resized(self.lent, n_rows), resized(self.payloads, n_rows)
        self.clocks, self.transits = resized(self.clocks, n_rows), resized(self.transits, n_rows)
        self.tails = resized(self.tails, n_rows)
        self.contexts.resize(n_rows)
        self.codecs = (self.codecs + [""] * n_rows)[:n_rows]

    def fits(self, run: ReceiverRun) -> bool:
        """Tell whether a stream can be taken over."""
        return (
            run.octets <= self.max_octets
            and run.rest.size < self.frame_samples
            and len(run.jitter.waiting) < DEPTH - HEARD
            and self.contexts.fits(run.context)
        )

    def put(self, row: int, run: ReceiverRun) -> None:
        """Take a stream over for which `fits` holds."""
        jitter = run.jitter
        self.sources.put(row, run.source)
        self.columns.put(
            row,
            BufferRow(
                jitter.place,
                jitter.due,
                jitter.frame,
                run.payload_type,
                run.octets,
                jitter.delay,
                jitter.terms.fastest,
                *jitter.terms.offset_limits,
                jitter.terms.reach,
                min(jitter.terms.lease, LEASE),
                run.heard_at,
                len(jitter.waiting),
                run.rest.size,
                transit=jitter.transit,
            ),
        )
        for slot, (payload, clock) in enumerate(jitter.waiting):
            self.payloads[row, slot, : run.octets] = np.frombuffer(payload, np.uint8)
            self.clocks[row, slot] = clock
        self.tails[row, self.frame_samples - run.rest.size :] = run.rest
        self.codecs[row] = run.codec
        self.contexts.put(row, run.context)
        self.lent[row] = True

    def take(self, row: int) -> ReceiverRun:
        """Give a stream back."""
        self.lent[row] = False
        self.contexts.settle(row)
        numbers = BufferRow(**self.columns.take(row))
        jitter = JitterRun(
            numbers.place,
            numbers.due,
            numbers.frame,
            numbers.payload_type,
            numbers.delay,
            [
                (self._payload(row, numbers, slot), self.clocks[row, slot % DEPTH].item())
                for slot in range(numbers.head, numbers.head + numbers.waiting)
            ],
            JitterTerms(
                numbers.fastest,
                (numbers.low_offset, numbers.high_offset),
                numbers.reach,
                numbers.lease,
            ),
            numbers.arrived,
            numbers.transit,
            self.transits[row, : numbers.logged].tolist(),
            numbers.played,
            numbers.fresh,
            numbers.played_at,
            numbers.skipped,
            numbers.fresh_skipped,
        )
        heard = range(numbers.head - min(HEARD, numbers.played), numbers.head)
        return ReceiverRun(
            self.sources.take(row),
            jitter,
            self.codecs[row],
            numbers.payload_type,
            numbers.octets,
            numbers.heard_at,
            self.tails[row, self.frame_samples - numbers.rest :].copy(),
            [self._payload(row, numbers, slot) for slot in heard],
        )

    def progress(self, row: int) -> LentProgress:
        """Return how far a lent row has got."""
        numbers = [self.columns[name][row].item() for name in ("heard_at", "played", "skipped", "delay")]
        return LentProgress(self.sources.take(row), *numbers)

    def heard_at(self, row: int) -> float:
        """Return when the last packet of a row came, in seconds."""
        return float(self.columns["heard_at"][row])

    def _payload(self, row: int, numbers: BufferRow, slot: int) -> bytes:
        return self.payloads[row, slot % DEPTH, : numbers.octets].tobytes()
