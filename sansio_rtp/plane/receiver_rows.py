"""The jitter buffers of many streams at once, while packets run through them smoothly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..jitter import JitterNews, JitterTerms
from .buffer_rows import DEPTH, HEARD, LEASE, BufferRows
from .headers import HEADER_OCTETS, Bytes2D, Flags, Floats, Longs, Rows, read_headers

_NEWS = ("transit", "waiting", "played", "fresh", "played_at", "due", "fresh_skipped")
"""Columns that `JitterNews` holds after the transit times."""

Renew = Callable[[int, JitterNews], JitterTerms | None]
"""Asks the session of a row for new terms."""


class ReceiverRows(BufferRows):
    """Takes packets and plays them, a batch at a time; see `BufferRows` for how streams come and go."""

    def receive(self, rows: Rows, packets: Bytes2D, lengths: Longs, now: Floats, renew: Renew) -> Flags:
        """Take the packets that are the next of their rows; return for which of them nothing is left to do.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, with room for `max_octets` and a header.
            lengths: Octets of each packet.
            now: When they came, in seconds, shape (n_packets,).
            renew: Gives new terms for a packet that the present ones do not cover.
        """
        columns, headers = self.columns, read_headers(packets, lengths)
        secured, lengths = lengths, lengths - self.contexts.overhead[rows]
        frame, place = columns["frame"][rows], columns["place"][rows] + columns["frame"][rows]
        rate = self.sources.columns["clock_rate"][rows]
        clock = now * rate
        # A second more or less than the packet before is no network, but a restart.
        change = np.abs(clock - place - columns["transit"][rows])
        taken = np.asarray(
            self.lent[rows]
            & headers.plain
            & (headers.payload_type == columns["payload_type"][rows])
            & (lengths - HEADER_OCTETS == columns["octets"][rows])
            & self.sources.next_in_line(rows, headers, frame)
            & (columns["waiting"][rows] < DEPTH - HEARD)
            & (change < rate)
        )
        # One that is not authentic was counted by its context; for all else it never came.
        good = self.contexts.unprotect(rows, packets, secured, taken) if self.contexts else taken
        if not good.all():
            rows, packets, lengths, frame = rows[good], packets[good], lengths[good], frame[good]
            place, clock, headers, now = place[good], clock[good], headers.only(good), now[good]
        self.sources.update(rows, headers, lengths - HEADER_OCTETS, frame, now)
        slot = (columns["head"][rows] + columns["waiting"][rows]) % DEPTH
        self.payloads[rows, slot] = packets[:, HEADER_OCTETS : HEADER_OCTETS + self.max_octets]
        self.clocks[rows, slot] = clock
        columns["arrived"][rows] += 1
        columns["waiting"][rows] += 1
        columns["place"][rows] = place
        columns["heard_at"][rows] = now
        self._note(rows, clock - place, renew)
        return taken

    def _note(self, rows: Rows, transit: Floats, renew: Renew) -> None:
        """Keep transit times for the sessions, and show them at once those that change something."""
        columns = self.columns
        columns["transit"][rows] = transit
        logged, fastest = columns["logged"][rows], columns["fastest"][rows]
        covered = (logged < columns["lease"][rows]) & (transit <= fastest + columns["reach"][rows])
        if not covered.all():
            for row in rows[~covered].tolist():
                self._renew(row, renew)
            rows, transit = rows[covered], transit[covered]
            logged, fastest = logged[covered], fastest[covered]
        columns["fastest"][rows] = np.minimum(fastest, transit)
        self.transits[rows, logged] = transit
        columns["logged"][rows] = logged + 1

    def _renew(self, row: int, renew: Renew) -> None:
        columns = self.columns
        numbers = [columns[name][row].item() for name in _NEWS]
        transits = self.transits[row, : columns["logged"][row]].tolist()
        terms = renew(row, JitterNews(transits, *numbers))
        if terms is not None:
            columns["fastest"][row], columns["reach"][row] = terms.fastest, terms.reach
            columns["low_offset"][row], columns["high_offset"][row] = terms.offset_limits
            columns["lease"][row] = min(terms.lease, LEASE)
        columns["logged"][row] = columns["fresh"][row] = columns["fresh_skipped"][row] = 0

    def play(self, rows: Rows, now: float) -> tuple[Flags, Bytes2D]:
        """Take the packets that are due out of their rows.

        Args:
            rows: Rows, each once, shape (n_rows,).
            now: Absolute seconds.

        Returns:
            Which rows played a packet, and the payloads of those, uint8, shape (n_played, max_octets).
        """
        columns = self.columns
        clock, due = now * self.sources.columns["clock_rate"][rows], columns["due"][rows]
        offset = clock - due - columns["fastest"][rows]
        played = (
            self.lent[rows]
            & (columns["waiting"][rows] > 0)
            & (columns["low_offset"][rows] <= offset)
            & (offset <= columns["high_offset"][rows])
        )
        if not played.all():
            rows, clock, due = rows[played], clock[played], due[played]
        head = columns["head"][rows]
        slot, delay = head % DEPTH, columns["delay"][rows]
        columns["delay"][rows] = delay + (clock - self.clocks[rows, slot] - delay) / 16
        columns["due"][rows] = due + columns["frame"][rows]
        columns["head"][rows] = head + 1
        columns["waiting"][rows] -= 1
        columns["played"][rows] += 1
        columns["fresh"][rows] += 1
        columns["played_at"][rows] = clock
        return np.asarray(played), self.payloads[rows, slot]

    def skip(self, rows: Rows, now: float) -> None:
        """Leave out what waits longer than it should, of rows that are lent.

        Args:
            rows: Rows, each once, shape (n_rows,).
            now: Absolute seconds.
        """
        columns = self.columns
        columns["rest"][rows] = 0
        aim = columns["fastest"][rows] + columns["reach"][rows]
        offset = now * self.sources.columns["clock_rate"][rows] - columns["due"][rows]
        overdue = (offset - aim) // columns["frame"][rows]
        left_out = np.minimum(columns["waiting"][rows], overdue).astype(np.int64)
        rows, left_out = rows[left_out > 0], left_out[left_out > 0]
        head, waiting = columns["head"][rows], columns["waiting"][rows]
        # What was played stays in front of what waits, for concealment.
        back = np.arange(-HEARD, 0)
        heard = self.payloads[rows[:, None], (head[:, None] + back) % DEPTH]
        head += left_out
        self.payloads[rows[:, None], (head[:, None] + back) % DEPTH] = heard
        columns["head"][rows], columns["waiting"][rows] = head, waiting - left_out
        columns["due"][rows] += left_out * columns["frame"][rows]
        columns["skipped"][rows] += left_out
        columns["fresh_skipped"][rows] += left_out

    def lead(self, rows: Rows, audio: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Put what is left of the packet before in front of each frame, and keep as much of its end.

        Args:
            rows: Rows, each once, shape (n_rows,).
            audio: The packets that are played, decoded: int16, shape (n_rows, frame_samples).
        """
        both = np.concatenate((self.tails[rows], audio), axis=1)
        self.tails[rows] = audio
        first = self.frame_samples - self.columns["rest"][rows]
        return np.take_along_axis(both, first[:, None] + np.arange(self.frame_samples), axis=1)
