"""Which sessions are in the plane, and what they have lent to it."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from ..jitter import JitterNews, JitterTerms
from ..session import RtpSession
from .allocator import RowAllocator
from .columns import resized
from .headers import HEADER_OCTETS, Bytes2D, Flags, Rows
from .receiver_rows import ReceiverRows
from .sender_rows import SenderRows

MAX_OCTETS = 320
_RETRY_TICKS = 2
"""Ticks after which a session that could not be lent is asked again."""
_AGAIN_TICKS = 3
"""The same for one that was lent: one that is given back at once is cheaper left alone for a moment."""


@attrs.define
class PlaneStatistics:
    """How much of the work was alike.

    Attributes:
        streams: Sessions that are in the plane.
        batched_packets: Packets received in batches.
        batched_frames: Frames played in batches.
        single_frames: Frames that a session played by itself.
        lent: How often a half of a session was taken over.
    """

    streams: int = 0
    batched_packets: int = 0
    batched_frames: int = 0
    single_frames: int = 0
    lent: int = 0


class Members:
    """Sessions in rows, what they have lent, and how they get it back.

    Attributes:
        counters: How much of the work was alike.
        touched: Rows whose sessions were asked for, in that order; whoever flushes their packets and events
            clears it.

    Args:
        frame_samples: Samples of a frame, for all sessions.
    """

    def __init__(self, frame_samples: int) -> None:
        self.frame_samples = frame_samples
        self.counters = PlaneStatistics()
        self.touched: dict[int, None] = {}
        self._allocator = RowAllocator()
        n_rows = self._allocator.capacity
        self._sessions: list[RtpSession | None] = [None] * n_rows
        self._receivers = ReceiverRows(n_rows, MAX_OCTETS, frame_samples)
        self._senders = SenderRows(n_rows, HEADER_OCTETS + frame_samples)
        self._deadlines: npt.NDArray[np.float64] = np.full(n_rows, np.inf)
        self._retries: npt.NDArray[np.int64] = np.zeros(n_rows, np.int64)
        self._silent: Flags = np.zeros(n_rows, bool)
        self._ticks = self._lent = 0

    @property
    def packets(self) -> Bytes2D:
        """The packets that `send` has built, uint8, shape (n_rows, stride); other memory after `add`."""
        return self._senders.packets

    @property
    def views(self) -> list[memoryview]:
        """The same, one view a row on header and payload of a packet."""
        return self._senders.views

    def add(self, session: RtpSession) -> int:
        """Take a session in and return its row."""
        row = self._allocator.take()
        self._resize()
        self._sessions[row] = session
        self._deadlines[row] = -np.inf  # asked for at the first tick
        self._retries[row] = self._silent[row] = 0
        self.counters.streams += 1
        return row

    def remove(self, row: int) -> RtpSession:
        """Give a session back and forget it."""
        session = self.session(row)
        self._sessions[row] = None
        self.touched.pop(row, None)
        for half in (self._receivers, self._senders):
            half.contexts.drop(row)
        self._allocator.give(row)
        self._resize()
        self.counters.streams -= 1
        return session

    def _resize(self) -> None:
        n_rows = self._allocator.capacity
        if n_rows == len(self._sessions):
            return
        self._sessions = (self._sessions + [None] * n_rows)[:n_rows]
        self._receivers.resize(n_rows)
        self._senders.resize(n_rows)
        self._deadlines, self._retries = resized(self._deadlines, n_rows), resized(self._retries, n_rows)
        self._silent = resized(self._silent, n_rows)

    def session(self, row: int) -> RtpSession:
        """Return the session of a row, up to date; it is noted in `touched`, as it may have something to say.

        Raises:
            LocalProtocolError: There is no session in this row.
        """
        self.receiving(row)
        self._deadlines[row] = -np.inf
        return self.sending(row)

    def receiving(self, row: int) -> RtpSession:
        """Return the session of a row, of which only the receiving half is asked for."""
        session = self._session(row)
        self._silent[row] = False
        if self._receivers.lent[row]:
            session.take_receiver_back(self._receivers.take(row))
            self._lent -= 1
        return session

    def sending(self, row: int) -> RtpSession:
        """Return the session of a row, of which only the sending half is asked for."""
        session = self._session(row)
        if self._senders.lent[row]:
            session.take_sender_back(self._senders.take(row), self.frame_samples)
            self._lent -= 1
        return session

    def _session(self, row: int) -> RtpSession:
        session = self._sessions[row]
        if session is None:
            raise LocalProtocolError(f"there is no session in row {row}")
        self.touched[row] = None
        return session

    def _renew(self, row: int, news: JitterNews) -> JitterTerms | None:
        session = self._sessions[row]
        return None if session is None else session.renew_receiver(news)

    def heard_at(self, row: int) -> float:
        """Return when the peer of a row was heard last, in seconds; minus infinity when it never was."""
        session = self._sessions[row]
        if self._receivers.lent[row]:
            return self._receivers.heard_at(row)
        return float("-inf") if session is None else session.heard_at

    def quiet(self, rows: Rows, since: float) -> Rows:
        """Return the positions in `rows` of those for which nothing tells that they were heard `since`."""
        heard = self._receivers.lent[rows] & (self._receivers.columns["heard_at"][rows] >= since)
        return np.flatnonzero(~heard)

    def _next_deadline(self, row: int) -> float:
        """Ask a session for its deadline, which what it has lent does not move."""
        session = self._sessions[row]
        deadline = None if session is None else session.deadline
        self._deadlines[row] = at = float("inf") if deadline is None else deadline
        return at

    def lend(self, rows: Rows) -> None:
        """Take over what runs smoothly, of the rows that were not asked just now; `tick` does it too."""
        whole = (self._receivers.lent[rows] | self._silent[rows]) & self._senders.lent[rows]
        asked: list[int] = rows[~whole & (self._retries[rows] <= self._ticks)].tolist()
        for row in asked:
            session = self._sessions[row]
            if session is not None:
                both = self._lend_receiver(row, session) & self._lend_sender(row, session)
                self._retries[row] = self._ticks + (_AGAIN_TICKS if both else _RETRY_TICKS)

    def _lend_receiver(self, row: int, session: RtpSession) -> bool:
        if self._receivers.lent[row]:
            return True
        run = session.lend_receiver()
        if run is None or run.jitter.frame != self.frame_samples or not self._receivers.fits(run):
            return False
        self._receivers.put(row, run)
        self._lent += 1
        self.counters.lent += 1
        return True

    def _lend_sender(self, row: int, session: RtpSession) -> bool:
        if self._senders.lent[row]:
            return True
        run = session.lend_sender()
        if run is None or not self._senders.fits(run):
            return False
        self._senders.put(row, run)
        self._lent += 1
        self.counters.lent += 1
        return True
