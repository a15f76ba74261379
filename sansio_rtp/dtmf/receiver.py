"""Receiving DTMF as telephone-events: one `Digit` a press, whatever the network did (RFC 4733 §2.5.2)."""

from __future__ import annotations

from collections import deque

from ..errors import PacketError
from .digits import Digit, event_digit
from .press import TIMESTAMP_MASK, Press
from .telephone_event import TelephoneEvent, parse_telephone_events

_LATE_S = 2.0  # how far back a report may lie and still be late rather than a restart of the timestamps
_HISTORY = 64  # segments remembered: more than anyone can press in that time


class DtmfReceiver:
    """A filter from telephone-event packets to digits; `reset()` it when the SSRC changes.

    A press is reported when its end arrives, when the next press begins or when no packet came for `timeout`
    seconds. After that, its reports are recognised by timestamp and event code and ignored.

    Attributes:
        malformed: Payloads that could not be parsed.
        ignored: Reports of events that are not DTMF, of zero duration, or too old to place.
        repeated: Reports of presses that had been told already: retransmissions and late packets.
        dropped: Digits lost because nobody popped them.
    """

    __slots__ = (
        "_clock_rate",
        "_deadline",
        "_digits",
        "_late",
        "_max_digits",
        "_now",
        "_press",
        "_segments",
        "_timeout",
        "dropped",
        "ignored",
        "malformed",
        "repeated",
    )

    def __init__(self, clock_rate: int = 8000, *, timeout: float = 0.2, max_digits: int = 256) -> None:
        """Create a receiver.

        Args:
            clock_rate: RTP clock of the telephone-event payload type, in Hz.
            timeout: Silence that ends a press whose end was lost, in seconds (§2.5.2.2).
            max_digits: How many digits may wait to be popped; beyond that the oldest is dropped.
        """
        self._clock_rate = clock_rate
        self._timeout = timeout
        self._late = int(_LATE_S * clock_rate)
        self._max_digits = max_digits
        self._now = float("-inf")
        self._press: Press | None = None  # the newest one, going on or told
        self._deadline: float | None = None
        self._segments: deque[tuple[int, int]] = deque(maxlen=_HISTORY)
        self._digits: deque[Digit] = deque()
        self.malformed = 0
        self.ignored = 0
        self.repeated = 0
        self.dropped = 0

    @property
    def deadline(self) -> float | None:
        """When the current press ends for want of packets, in seconds; None when no key is down."""
        return self._deadline

    def receive(self, payload: bytes, timestamp: int, now: float, marker: bool = False) -> None:
        """Take one telephone-event packet; never raises.

        Args:
            payload: The RTP payload.
            timestamp: The RTP timestamp.
            now: Time in seconds.
            marker: The RTP marker bit: a new event begins. A missing one does no harm.
        """
        self._now = max(self._now, now)
        try:
            events = parse_telephone_events(payload)
        except PacketError:
            self.malformed += 1
            return
        for event in events:
            if event.duration == 0 or event_digit(event.event) is None:
                self.ignored += 1
            else:
                self._report(event, timestamp, marker)
            timestamp = (timestamp + event.duration) & TIMESTAMP_MASK

    def next_digit(self) -> Digit | None:
        """Pop the oldest digit, or return None."""
        return self._digits.popleft() if self._digits else None

    def handle_timeout(self, now: float) -> None:
        """End the current press if its time is over."""
        self._now = max(self._now, now)
        if self._deadline is not None and self._now >= self._deadline:
            self._release()

    def reset(self) -> None:
        """End the current press and forget the old ones, because timestamps begin anew."""
        self._release()
        self._press = None
        self._segments.clear()

    def _report(self, report: TelephoneEvent, timestamp: int, marker: bool) -> None:
        press = self._press
        if press is not None and not press.told and press.key == (report.event, timestamp):
            press.extend(report)
        elif (report.event, timestamp) in self._segments:
            self.repeated += 1
            return
        elif press is not None and not marker and press.continues_at(report.event, timestamp):
            self._continue(press, report, timestamp)
        elif press is not None and 0 < (press.timestamp - timestamp) & TIMESTAMP_MASK <= self._late:
            self._late_report(press, report, timestamp)
        else:
            self._release()
            self._press = Press(report.event, timestamp, 0, report.volume)
            self._segments.append(self._press.key)
            self._press.extend(report)
        self._settle()

    def _continue(self, press: Press, report: TelephoneEvent, timestamp: int) -> None:
        self._segments.append((report.event, timestamp))
        if press.told:
            # A press that was told must not start again (§2.5.2.2), however it goes on.
            self.repeated += 1
            press.timestamp, press.duration = timestamp, report.duration
        else:
            press.begin_segment(report, timestamp)

    def _late_report(self, newer: Press, report: TelephoneEvent, timestamp: int) -> None:
        self._segments.append((report.event, timestamp))
        age = (newer.timestamp - timestamp) & TIMESTAMP_MASK
        if report.event == newer.event and age < report.duration:
            self.repeated += 1
        else:
            # All its packets before the newer press were lost: tell it now rather than never.
            self._tell(Press(report.event, timestamp, report.duration, report.volume, complete=report.end))

    def _settle(self) -> None:
        if self._press is None or self._press.told:
            return
        if self._press.complete:
            self._release()
        else:
            self._deadline = self._now + self._timeout

    def _release(self) -> None:
        self._deadline = None
        if self._press is not None and not self._press.told:
            self._press.told = True
            self._tell(self._press)

    def _tell(self, press: Press) -> None:
        if len(self._digits) >= self._max_digits:
            self._digits.popleft()
            self.dropped += 1
        digit = event_digit(press.event) or ""
        duration_ms = press.total * 1000 // self._clock_rate
        self._digits.append(Digit(digit, duration_ms, press.volume, press.complete))
