"""The media of many sessions at once: one operation of numpy for what is alike in all of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..codec import TABLES
from ..session.run import NOTHING_LENT
from .headers import Bytes2D, Flags, Floats, Longs, Rows
from .members import Members
from .tables import Frames, groups


class MediaPlane(Members):
    """Sessions as rows; what runs smoothly is done for all at once, all else by the session itself.

    A row's session is asked for with `session`, which first gives it back what the plane has done for it. So
    a packet out of turn, a digit, a report or a change of settings meets the same session as without a plane,
    and what is sent and heard is the same to the octet. The plane is no machine of its own: the sessions are.

    Args:
        frame_samples: Samples of a frame and timestamp units of a packet, the same for all sessions.
        fewest: Rows in a tick below which each session is asked by itself, because that is cheaper.
    """

    def __init__(self, *, frame_samples: int = 160, fewest: int = 8) -> None:
        super().__init__(frame_samples)
        self.fewest = fewest

    def receive_batch(self, rows: Rows, packets: Bytes2D, lengths: Longs, now: Floats) -> Flags:
        """Take the RTP packets that need no thought; the caller gives the others to their sessions.

        Only packets from an address that the session has accepted may be given, as from a connected socket.

        Args:
            rows: Rows, each once, shape (n_packets,).
            packets: uint8, shape (n_packets, stride), contiguous, at least 332 octets a row.
            lengths: Octets of each packet, int64; 0 for one that is not to be taken, whose row means nothing.
            now: When they came, in seconds, shape (n_packets,); for each row not earlier than before.

        Returns:
            Which packets were taken.
        """
        if not self._lent:
            return np.zeros(rows.size, bool)
        taken = self._receivers.receive(rows, packets, lengths, now, self._renew)
        self.counters.batched_packets += int(np.count_nonzero(taken))
        return taken

    def tick(self, rows: Rows, now: float) -> Frames:
        """Return the next frame of each session: int16, shape (n_rows, frame_samples).

        Args:
            rows: Rows, each once, shape (n_rows,).
            now: Absolute seconds.
        """
        self._ticks += 1
        frames = np.empty((rows.size, self.frame_samples), np.int16)
        if rows.size >= self.fewest:
            self.lend(rows)
        elif not self._lent:
            for position, row in enumerate(rows.tolist()):
                frames[position] = self.session(row).playout(now)
            self.counters.single_frames += rows.size
            return frames
        played, payloads = self._receivers.play(rows, now)
        everything = bool(played.all())
        where = np.arange(rows.size) if everything else np.flatnonzero(played)
        if where.size:
            self._decode(rows[where], where, payloads, frames)
        self.counters.batched_frames += where.size
        if not everything:
            for position in np.flatnonzero(~played).tolist():
                self._play_one(int(rows[position]), frames[position], now)
        return frames

    def _play_one(self, row: int, frame: npt.NDArray[np.int16], now: float) -> None:
        if self._silent[row]:
            frame[:] = 0
            return
        session = self.receiving(row)
        frame[:] = session.playout(now)
        self._silent[row] = session.silent
        self.counters.single_frames += 1

    def _decode(self, rows: Rows, where: Rows, payloads: Bytes2D, frames: Frames) -> None:
        for name, positions in groups(self._receivers.codecs, rows):
            pcm = np.empty((positions.size, self.frame_samples), np.int16)
            TABLES[name].decode_into(payloads[positions, : self.frame_samples], pcm)
            frames[where[positions]] = pcm
        behind = np.flatnonzero(self._receivers.columns["rest"][rows])
        if behind.size:
            places = where[behind]
            frames[places] = self._receivers.lead(rows[behind], frames[places])

    def skip(self, rows: Rows, now: float, *, all_rows: bool = True) -> None:
        """Leave out what waits to be heard for longer than it should, as `RtpSession.skip_playout` does.

        Args:
            rows: Rows, each once, shape (n_rows,).
            now: Absolute seconds.
            all_rows: Whether sessions that have to do it by themselves are asked as well.
        """
        lent = self._receivers.lent[rows]
        self._receivers.skip(rows[lent], now)
        if all_rows:
            for row in rows[~lent | (self._receivers.columns["waiting"][rows] == 0)].tolist():
                self.receiving(row).skip_playout(now)

    def skip_frames(self, rows: Rows, frames: int, now: float) -> None:
        """Let the time of frames pass in which nothing is sent, as `RtpSession.skip_frame` does.

        Args:
            rows: Rows, each once, shape (n_rows,).
            frames: How many; at least one.
            now: When the last one would have been sent, in seconds.
        """
        lent = self._senders.lent[rows]
        self._senders.skip(rows[lent], frames, self.frame_samples, now)
        for row in rows[~lent].tolist():
            self.sending(row).skip_frames(frames, self.frame_samples, now)

    def send(self, rows: Rows, frames: Frames, now: float) -> Flags:
        """Send a frame for each row; return for which rows the packet stands in `packets`.

        Of the others some may not send, and the rest were sent by their sessions, which have the packets.

        Args:
            rows: Rows, each once, shape (n_rows,).
            frames: int16, shape (n_rows, frame_samples).
            now: Absolute seconds.
        """
        built = self._senders.lent[rows]
        chosen = rows[built]
        if chosen.size:
            audio = frames if chosen.size == rows.size else frames[built]
            for name, positions in groups(self._senders.codecs, chosen):
                codes = np.empty((positions.size, self.frame_samples), np.uint8)
                TABLES[name].encode_into(np.ascontiguousarray(audio[positions]), codes)
                self._senders.build(chosen[positions], codes, self.frame_samples, now)
        if chosen.size != rows.size:
            for position in np.flatnonzero(~built).tolist():
                self.sending(int(rows[position])).send_frame(frames[position], now)
        return self._senders.seal(rows, built & ~self._senders.silent(rows))

    def handle_timeout(self, rows: Rows, now: float) -> None:
        """Let every session whose deadline is over do what is due."""
        for row in rows[self._deadlines[rows] <= now].tolist():
            if self._next_deadline(row) <= now:
                if not self._measure(row, now):
                    self.session(row).handle_timeout(now)
                self._next_deadline(row)

    def _measure(self, row: int, now: float) -> bool:
        """Let a session measure itself from what it has lent; False when more than that is due."""
        session = self._sessions[row]
        if session is None or not session.only_measures(now):
            return False
        heard = self._receivers.progress(row) if self._receivers.lent[row] else NOTHING_LENT
        sent, octets = self._senders.progress(row) if self._senders.lent[row] else (0, 0)
        session.measure(now, heard._replace(sent=sent, octets=octets))
        self.touched[row] = None
        return True
