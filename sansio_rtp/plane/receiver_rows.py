"""The jitter buffers of many streams at once, while packets run through them smoothly."""

from __future__ import annotations

import numpy as np

from .buffer_rows import DEPTH, HEARD, BufferRows
from .headers import HEADER_OCTETS, Bytes2D, Flags, Longs, Rows, read_headers


class ReceiverRows(BufferRows):
    """Takes packets and plays them, a batch at a time; see `BufferRows` for how streams come and go."""

    def receive(self, rows: Rows, packets: Bytes2D, lengths: Longs, now: float) -> Flags:
        """Take the packets that are the next of their rows, on time; return which they are.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, with room for `max_octets` and a header.
            lengths: Octets of each packet.
            now: When they came, in seconds.
        """
        columns, headers = self.columns, read_headers(packets, lengths)
        frame, place = columns["frame"][rows], columns["place"][rows] + columns["frame"][rows]
        clock = now * self.sources.columns["clock_rate"][rows]
        transit = clock - place
        taken = (
            self.lent[rows]
            & headers.plain
            & (headers.payload_type == columns["payload_type"][rows])
            & (lengths - HEADER_OCTETS == columns["octets"][rows])
            & self.sources.next_in_line(rows, headers, frame)
            & (columns["waiting"][rows] < DEPTH - HEARD)
            & (columns["arrived"][rows] < columns["lease"][rows])
            & (columns["low_transit"][rows] <= transit)
            & (transit <= columns["high_transit"][rows])
        )
        if not taken.all():
            rows, packets, lengths, frame = rows[taken], packets[taken], lengths[taken], frame[taken]
            place, clock, transit = place[taken], clock[taken], transit[taken]
            headers = headers.only(taken)
        self.sources.update(rows, headers, lengths - HEADER_OCTETS, frame, now)
        slot = (columns["head"][rows] + columns["waiting"][rows]) % DEPTH
        self.payloads[rows, slot] = packets[:, HEADER_OCTETS : HEADER_OCTETS + self.max_octets]
        self.clocks[rows, slot] = clock
        arrived = columns["arrived"][rows]
        self.transits[rows, arrived] = transit
        columns["arrived"][rows] = arrived + 1
        columns["waiting"][rows] += 1
        columns["place"][rows] = place
        columns["heard_at"][rows] = now
        return np.asarray(taken)

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
        offset = clock - due
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
        columns["played_at"][rows] = clock
        return np.asarray(played), self.payloads[rows, slot]
