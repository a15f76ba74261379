"""The jitter buffer: reorders, waits, and says for every stretch of time what is to be played."""

from __future__ import annotations

from .delay import DelayControl
from .measures import MeasuredBuffer
from .records import Arrival, Waiting
from .slot import Slot, SlotKind


class JitterBuffer(MeasuredBuffer):
    """Packets of one stream in any order in, an even timeline out.

    Playing is ordered by timestamp alone. Sequence numbers tell a loss from a pause of the sender (DTX,
    digits). A jump of either counter that a second packet confirms (RFC 3550 A.1) begins a new segment on
    the same timeline, where its arrival puts it, so that what waits is still played. Nothing depends on
    wall time: the same calls give the same slots.

    Args:
        config: Limits of delay and memory.
        clock_rate: RTP timestamp units a second.
        frame: Timestamp units between two ticks of the playout.
    """

    def push(
        self, sequence: int, timestamp: int, payload: bytes, payload_type: int, duration: int, now: float
    ) -> None:
        """Take one packet.

        Args:
            sequence: Its sequence number, 16 bits.
            timestamp: Its timestamp, 32 bits.
            payload: Its payload.
            payload_type: Its payload type, handed back with the payload.
            duration: Timestamp units that the payload lasts; a packet without any is only passed over.
            now: Absolute seconds; never earlier than before.
        """
        if duration <= 0:
            self._arrivals.pass_over(sequence)
            return
        clock = now * self._clock_rate
        self._arrivals.push(Arrival(sequence, timestamp, payload, payload_type, duration, clock))

    def pass_over(self, sequence: int) -> None:
        """Note a packet that is no audio (a digit, comfort noise), so that it is not missed."""
        self._arrivals.pass_over(sequence)

    def restart(self) -> None:
        """Expect a new stream (another SSRC), whose first packet will follow what waits."""
        self._arrivals.expect_new_stream()

    def pop(self, now: float, ahead: int = 0) -> Slot:
        """Return the next stretch of the timeline; call it once a frame, more often while slots are shorter.

        Args:
            now: Absolute seconds; never earlier than before.
            ahead: Timestamp units that were popped earlier and are still to be played before this slot.
        """
        clock = now * self._clock_rate
        control = self._arrivals.control
        due = self._arrivals.head.due
        if control is None:
            return Slot(SlotKind.BUFFERING, self._frame)
        if due is None:
            due = self._begin(clock, control)
            if due is None:
                return Slot(SlotKind.BUFFERING, self._frame)
        if control.shallow(clock - due):
            self._held += 1
            self._concealed += 1
            return Slot(SlotKind.HOLD, self._frame)
        due += control.excess(clock - due, clock, self._grain)
        self._drop_before(due)
        return self._next_slot(due, clock, ahead)

    def skip(self, now: float) -> None:
        """Leave out what waits longer than it should: after a delay of the runtime that is not caught up."""
        arrivals, control, due = self._arrivals, self._arrivals.control, self._arrivals.head.due
        overdue = 0 if control is None or due is None else control.overdue(now * self._clock_rate - due)
        if control is None or due is None or not overdue:
            return
        if not arrivals.queue:
            arrivals.head.due = None  # as in the beginning: what comes next tells where to go on
            return
        left = min(due + overdue, arrivals.queue[-1].end)
        while arrivals.queue and arrivals.queue[0].end <= left:
            arrivals.ledger.pass_by(arrivals.queue.popleft().sequence, arrivals.segment)
            arrivals.discarded += 1  # by the runtime: no fault of the network, and no loss that clusters
        arrivals.head.due = arrivals.head.played_end = left
        control.skip(left - due)

    def _begin(self, clock: float, control: DelayControl) -> int | None:
        queue = self._arrivals.queue
        while len(queue) > 1 and control.too_deep(clock - queue[0].timestamp):
            queue.popleft()
            self._arrivals.ledger.discard()
        if not queue:
            return None
        first = queue[0]
        # Of packets shorter than a frame several are due in one tick, the last one with the least time left.
        lag = max(0, self._frame - (first.end - first.timestamp))
        return first.timestamp if control.ready(clock - first.timestamp - lag) else None

    def _drop_before(self, due: int) -> None:
        queue = self._arrivals.queue
        while queue and queue[0].end <= due:
            queue.popleft()
            self._arrivals.ledger.discard()

    def _next_slot(self, due: int, clock: float, ahead: int) -> Slot:
        arrivals, control = self._arrivals, self._arrivals.control
        if not arrivals.queue or control is None:
            arrivals.head.due = due + self._grain
            self._concealed += 1
            return Slot(SlotKind.EMPTY, self._grain)
        packet = arrivals.queue[0]
        if packet.timestamp > due:
            missing = arrivals.ledger.missing_before(packet.sequence, arrivals.segment)
            if not missing:  # in a pause of the sender the delay can be shortened without anybody hearing it
                frames = max(0, int((clock - due - control.aim) // self._frame))
                due = min(packet.timestamp, due + frames * self._frame)
            if packet.timestamp > due:
                return self._pause(packet, due, missing)
        arrivals.queue.popleft()
        return self._play(packet, due, clock, control.stretch(clock - due, ahead, self._grain))

    def _pause(self, following: Waiting, due: int, missing: int) -> Slot:
        gap = following.timestamp - due
        duration = min(gap, self._grain)
        self._arrivals.head.due = due + duration
        if not missing:
            return Slot(SlotKind.GAP, duration)
        self._concealed += 1
        if gap > duration:
            return Slot(SlotKind.LOST, duration)
        return Slot(SlotKind.LOST, duration, following.payload, following.payload_type)

    def _play(self, packet: Waiting, due: int, clock: float, stretch: int) -> Slot:
        arrivals = self._arrivals
        arrivals.ledger.play(packet.sequence, arrivals.segment)
        arrivals.head.due = arrivals.head.played_end = packet.end
        self._grain = packet.end - packet.timestamp
        waited = clock - packet.clock
        self._delay = waited if self._delay is None else self._delay + (waited - self._delay) / 16
        skip = due - packet.timestamp
        duration = packet.end - due
        return Slot(SlotKind.PACKET, duration, packet.payload, packet.payload_type, max(skip, 0), stretch)
