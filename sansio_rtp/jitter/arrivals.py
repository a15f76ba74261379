"""The receiving half of the jitter buffer: where a packet belongs, and whether it is still of use."""

from __future__ import annotations

from collections import deque
from itertools import count

from .config import JitterConfig
from .delay import DelayControl
from .ledger import Ledger
from .records import Arrival, Playhead, Waiting, enqueue, follow_on
from .run import JitterRun
from .timeline import Timeline, confirms

_JUMP_S = 1.0
"""A transit time that changes by this much more than `max_delay_ms` is a restart, and no network."""
_LATE_RUN = 4
"""New packets in a row that come too late before the delay of the path is taken to have changed for good."""


class Arrivals:
    """Sorts packets into the queue.

    Attributes:
        queue: Packets that wait, by timestamp.
        ledger: Counters by sequence number.
        control: The delay; None before the first packet.
        head: Where playing stands; a packet that is late but may still be played moves it back.
        segment: First extended sequence number since the last restart.
        discarded: Packets of a jump that nobody confirmed, and those that a runtime which was late left out.
        restarts: Segments after the first.
    """

    def __init__(self, config: JitterConfig, clock_rate: int, frame: int) -> None:
        """Create an empty queue."""
        self._config = config
        self._clock_rate = clock_rate
        self._frame = frame
        self._jump = (_JUMP_S + config.max_delay_ms / 1000) * clock_rate
        self._line: Timeline | None = None
        self._suspect: Arrival | None = None
        self._new_stream = False
        self._late_run = 0
        self.queue: deque[Waiting] = deque()
        self.ledger = Ledger(0)
        self.control: DelayControl | None = None
        self.head = Playhead()
        self.discarded = 0
        self.restarts = 0

    @property
    def segment(self) -> int:
        """First extended sequence number since the last restart."""
        return self._line.segment if self._line else 0

    def push(self, packet: Arrival) -> None:
        """Take one packet."""
        line = self._line
        if line is None:
            self._begin(packet)
            return
        place = None if self._new_stream else line.locate(packet.sequence, packet.timestamp, packet.clock)
        if place is not None:
            self._drop_suspect()
            self._insert(place, packet)
        elif self._new_stream:
            self._restart(packet)
        else:
            self._jumped(packet)

    def pass_over(self, sequence: int) -> None:
        """Note a packet without audio."""
        if self._line is None or self._new_stream:
            return
        number = self._line.pass_over(sequence)
        if number is not None:
            self.ledger.arrive(number)

    def expect_new_stream(self) -> None:
        """Take the next packet for the first of another stream."""
        self._drop_suspect()
        self._new_stream = True

    def latest(self) -> tuple[int, float] | None:
        """Return place and transit time of the last packet, None unless all that waits follows on it."""
        line, last = self._line, self.ledger.last
        if line is None or last is None or self.head.due is None or self._suspect or self._new_stream:
            return None
        number, place = line.last
        end = follow_on(self.queue, last, self.head.due, self._frame)
        return (place, line.transit) if (number, place + self._frame) == end else None

    def run_on(self, run: JitterRun) -> None:
        """Go on after packets and frames that followed on `latest` without a gap."""
        line = self._line
        if line is None:
            return
        if run.arrived:
            line.run_on(run.arrived, run.place, run.transit)
            self._late_run = 0
        self.ledger.run_on(run.arrived, run.played, run.skipped)
        self.discarded += run.skipped
        if run.played or run.skipped:
            self.head.due = self.head.played_end = run.due
        first = line.last[0] - len(run.waiting) + 1
        self.queue = deque(
            Waiting(due, number, due + run.frame, payload, run.payload_type, clock)
            for number, due, (payload, clock) in zip(
                count(first), count(run.due, run.frame), run.waiting, strict=False
            )
        )

    def _begin(self, packet: Arrival) -> None:
        self._new_stream = False
        self._line = Timeline(packet.sequence, packet.timestamp, packet.clock, self._jump)
        place = self._line.locate(packet.sequence, packet.timestamp, packet.clock)
        if place is not None:
            self.ledger = Ledger(place[0])
            self.control = DelayControl(
                self._config, clock_rate=self._clock_rate, frame=self._frame, transit=packet.clock - place[1]
            )
            self._insert(place, packet)

    def _jumped(self, packet: Arrival) -> None:
        # One packet that does not fit is noise or an attack; two that fit each other are a new beginning.
        suspect = self._suspect
        if suspect is None or not confirms(
            packet.sequence, packet.timestamp, suspect.sequence, suspect.timestamp, self._jump
        ):
            self._drop_suspect()
            self._suspect = packet
            return
        self._suspect = None
        self._restart(suspect)
        self.push(packet)

    def _drop_suspect(self) -> None:
        if self._suspect is not None:
            self._suspect = None
            self.discarded += 1

    def _restart(self, packet: Arrival) -> None:
        if self._line is None or self.control is None:
            return
        self._new_stream = False
        self._late_run = 0
        self.restarts += 1
        place = self._line.restart(packet.sequence, packet.timestamp, self._place(packet), packet.clock)
        self._insert(place, packet)

    def _place(self, packet: Arrival) -> int:
        """Return where a new segment begins: as if its packet were the fastest, on the grid of frames."""
        place = round(packet.clock - (self.control.fastest if self.control else 0.0))
        if self.head.due is not None:
            place = self.head.due + max(0, round((place - self.head.due) / self._frame)) * self._frame
        return max(place, self.queue[-1].end) if self.queue else place

    def _insert(self, place: tuple[int, int], packet: Arrival) -> None:
        number, timestamp = place
        if self.control is None or not self.ledger.arrive(number):
            return
        transit = packet.clock - timestamp
        end = timestamp + packet.duration
        self.control.observe(transit, self.ledger.loss)
        due = self.head.due
        if (
            due is not None
            and timestamp < due
            and not self._catch(timestamp, end, transit, self.control.limit)
        ):
            self._too_late(number, timestamp, packet)
            return
        self._late_run = 0
        self._enqueue(Waiting(timestamp, number, end, packet.payload, packet.payload_type, packet.clock))

    def _catch(self, timestamp: int, end: int, transit: float, limit: float) -> bool:
        """Tell whether a packet behind the playhead can be played after all.

        While nothing later was played, only silence stood in its place: going back costs delay, but no audio.
        """
        if timestamp >= self.head.played_end and transit <= limit:
            self.head.due = timestamp
            return True
        return self.head.due is not None and end > self.head.due

    def _too_late(self, number: int, timestamp: int, packet: Arrival) -> None:
        if number > (self.ledger.last or 0):
            self._late_run += 1
            # With nothing else to play it is better heard late than not at all.
            starved = not self.queue and timestamp >= self.head.played_end
            if starved or self._late_run >= _LATE_RUN:
                self._restart(packet)
                return
        self.ledger.arrive_late(number)

    def _enqueue(self, packet: Waiting) -> None:
        enqueue(self.queue, packet)
        if len(self.queue) > self._config.max_packets:
            self.queue.popleft()
            self.ledger.discard()
