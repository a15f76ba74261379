"""One direction of a simulated connection: octets in order, late, and held up while the way is silent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.testing.ways import StreamWay, WayState

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.testing.timetable import Timetable

__all__ = ["RESET", "Pipe"]

RESET = "Connection reset by peer"

_SEGMENT = 1_460
_WINDOW = 65_536
"""Octets that the sender may be ahead of the reader."""
_FIRST_TIMEOUT = 1.0
_LONGEST_TIMEOUT = 60.0


class Pipe:
    """Takes octets at one end and has them at the other.

    Args:
        way: Where it leads.
        timetable: Where arrivals are put down.
        give_up: Seconds of silence after which the connection is broken for who sends.
        on_break: Called with the cause when it is, and when the far end turns out to be another life.
        on_reset: Called when a reset arrives at the reader.
        tap: Called with each segment that is sent: its time, sender, receiver and octets.

    Attributes:
        way: Where it leads.
        arrived: Octets that wait for the reader.
        ended: Whether the end of the stream has arrived.
        deaf: True once the reader is gone: who sends to it gets a reset.
        changed: Wakes who waits for room or for octets.
    """

    def __init__(
        self,
        way: StreamWay,
        timetable: Timetable,
        give_up: float,
        *,
        on_break: Callable[[str], None],
        on_reset: Callable[[], None],
        tap: Callable[[float, Address, Address, bytes], None] | None = None,
    ) -> None:
        self.way = way
        self.arrived = bytearray()
        self.ended = False
        self.deaf = False
        self.changed = trio.lowlevel.ParkingLot()
        self._timetable = timetable
        self._give_up = give_up
        self._on_break = on_break
        self._on_reset = on_reset
        self._tap = tap
        self._under_way = 0
        self._held_up: deque[bytes | None] = deque()
        self._silent_since = 0.0
        self._timeout = 0.0
        self._broken = False

    @property
    def room(self) -> int:
        """Octets that may be sent now."""
        return max(0, _WINDOW - self._under_way - len(self.arrived))

    def push(self, data: bytes) -> None:
        """Send octets for which there is room; none are the end of the stream."""
        for start in range(0, max(len(data), 1), _SEGMENT):
            self._send(data[start : start + _SEGMENT])

    def reset(self) -> None:
        """Send a reset."""
        self._send(None)

    def _send(self, segment: bytes | None) -> None:
        size, now = len(segment or b""), trio.current_time()
        self._under_way += size
        self.way.find(now)  # what goes out keeps the gates open
        if self._tap is not None:
            self._tap(now, self.way.seen or self.way.source, self.way.destination, segment or b"")
        arrival = self.way.link.segment_arrival(now, size)
        if arrival is None:
            self._hold_up(segment)
        else:
            self._timetable.at(arrival, self._arrive, segment)

    def stop(self) -> None:
        """Be over: what is under way or held up is forgotten."""
        self._broken = True
        self._held_up.clear()
        self.changed.unpark_all()

    def _arrive(self, segment: bytes | None) -> None:
        if self._broken:
            return
        if self._held_up:
            self._held_up.append(segment)
            return
        state = self.way.state(trio.current_time())
        if state is WayState.SILENT:
            self._hold_up(segment)
        elif state is WayState.RESET or self.deaf:
            self._on_break(RESET)
        else:
            self._take(segment)

    def _take(self, segment: bytes | None) -> None:
        if segment is None:
            self._on_reset()
            return
        self._under_way -= len(segment)
        self.arrived += segment
        self.ended = self.ended or not segment
        self.changed.unpark_all()

    def _hold_up(self, segment: bytes | None) -> None:
        """Send a segment, and all that follow, again and again until the way is open."""
        if not self._held_up:
            self._silent_since = trio.current_time()
            self._timeout = _FIRST_TIMEOUT
            self._timetable.at(self._silent_since + self._timeout, self._try_again, None)
        self._held_up.append(segment)

    def _try_again(self, _: None) -> None:
        if self._broken or not self._held_up or self.way.sender.gone:
            return
        now = trio.current_time()
        state = self.way.state(now)
        if state is WayState.OPEN and not self.deaf:
            held_up, self._held_up = self._held_up, deque()
            for segment in held_up:
                self._take(segment)
        elif state is not WayState.SILENT:
            self._on_break(RESET)
        elif now - self._silent_since >= self._give_up:
            self._on_break("Connection timed out")
        else:
            self._timeout = min(2 * self._timeout, _LONGEST_TIMEOUT)
            self._timetable.at(now + self._timeout, self._try_again, None)
