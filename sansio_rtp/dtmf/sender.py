"""Sending DTMF digits as telephone-events (RFC 4733 §2.5.1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from typing import NamedTuple

from ..errors import LocalProtocolError
from .digits import DTMF_DIGITS, event_code
from .telephone_event import MAX_DURATION, MAX_VOLUME, TelephoneEvent

MIN_DURATION_MS = 40
"""Shortest digit and shortest pause that a receiver must recognise (ITU-T Q.24)."""
MAX_DURATION_MS = 60_000
"""Longest digit; a limit against a slip of units."""

_REPEATS = 2  # the final packet goes out three times (§2.5.1.4)
_TIMESTAMP_MASK = 0xFFFFFFFF
_HALF = 0x80000000


class EventPacket(NamedTuple):
    """What one RTP packet of an event carries.

    Attributes:
        payload: The telephone-event payload.
        timestamp: RTP timestamp: the start of the event or segment, not of this tick (§2.2.1).
        marker: True on the first packet of an event only (§2.2.2).
        end: True when the E bit is set.
    """

    payload: bytes
    timestamp: int
    marker: bool
    end: bool


class _Press(NamedTuple):
    event: int
    duration: int
    gap: int


class DtmfSender:
    """A filter that takes the place of the audio encoder while a digit is being sent.

    It counts in RTP timestamps only, so a skipped tick lengthens nothing.

    Attributes:
        max_pending: How many digits may wait.
        refused: Digits refused because the queue was full.
    """

    __slots__ = (
        "_clock_rate",
        "_events",
        "_final",
        "_free_at",
        "_marker",
        "_pending",
        "_press",
        "_remaining",
        "_repeats",
        "_start",
        "_volume",
        "max_pending",
        "refused",
    )

    def __init__(
        self,
        clock_rate: int = 8000,
        *,
        volume: int = 10,
        events: Container[int] = range(len(DTMF_DIGITS)),
        max_pending: int = 64,
    ) -> None:
        """Create an idle sender.

        Args:
            clock_rate: RTP clock of the telephone-event payload type, in Hz.
            volume: Level of the tones in -dBm0, 0 to 63.
            events: Event codes that the peer's `fmtp` lists; others must not be sent (§2.5.1.1).
            max_pending: How many digits may wait behind the current one.

        Raises:
            LocalProtocolError: `volume` is out of range.
        """
        if not 0 <= volume <= MAX_VOLUME:
            raise LocalProtocolError(f"volume is {volume}, not 0 to {MAX_VOLUME} (-dBm0)")
        self._clock_rate = clock_rate
        self._volume = volume
        self._events = events
        self._pending: deque[_Press] = deque()
        self._press: _Press | None = None
        self._start = 0  # timestamp of the current segment
        self._remaining = 0  # duration from there to the end of the event
        self._marker = False
        self._final: EventPacket | None = None
        self._repeats = 0
        self._free_at: int | None = None
        self.max_pending = max_pending
        self.refused = 0

    @property
    def busy(self) -> bool:
        """True while a digit waits, is being sent, or its last packet is still to be repeated."""
        return bool(self._press or self._repeats or self._pending)

    def send(self, digit: str, duration_ms: int = 160, gap_ms: int = 80) -> None:
        """Queue one digit, `duration_ms` long, with at least `gap_ms` of pause behind it.

        Raises:
            LocalProtocolError: Not a digit, not in the peer's list, a time out of range, or a full queue.
        """
        code = event_code(digit)
        if code not in self._events:
            raise LocalProtocolError(f"the peer does not take digit {digit!r} as a telephone-event")
        for name, value in (("duration_ms", duration_ms), ("gap_ms", gap_ms)):
            if not MIN_DURATION_MS <= value <= MAX_DURATION_MS:
                raise LocalProtocolError(f"{name} is {value}, not {MIN_DURATION_MS} to {MAX_DURATION_MS}")
        if len(self._pending) >= self.max_pending:
            self.refused += 1
            raise LocalProtocolError(f"{self.max_pending} digits are waiting already")
        self._pending.append(_Press(code, self._units(duration_ms), self._units(gap_ms)))

    def clear(self) -> int:
        """Forget the digits that wait and return how many; the one being sent still ends properly."""
        count = len(self._pending)
        self._pending.clear()
        return count

    def next_packet(self, timestamp: int, n_samples: int) -> EventPacket | None:
        """Return what to send in place of the audio of this tick, or None to send audio.

        Args:
            timestamp: RTP timestamp that the audio packet of this tick would have.
            n_samples: Length of the tick in timestamp units.
        """
        if self._repeats and self._final is not None:
            self._repeats -= 1
            return self._final
        if self._press is None:
            self._press = self._next_press(timestamp)
        if self._press is None:
            return None
        return self._report(self._press, timestamp + n_samples)

    def _units(self, ms: int) -> int:
        return ms * self._clock_rate // 1000

    def _next_press(self, timestamp: int) -> _Press | None:
        if self._free_at is not None and (timestamp - self._free_at) & _TIMESTAMP_MASK >= _HALF:
            return None
        self._free_at = None
        if not self._pending:
            return None
        press = self._pending.popleft()
        self._start, self._remaining, self._marker = timestamp, press.duration, True
        return press

    def _report(self, press: _Press, now: int) -> EventPacket:
        limit = min(self._remaining, MAX_DURATION)
        duration = min((now - self._start) & _TIMESTAMP_MASK, limit)
        end = duration == self._remaining
        event = TelephoneEvent(press.event, end, self._volume, duration)
        packet = EventPacket(event.to_bytes(), self._start, self._marker, end)
        self._marker = False
        if duration == limit:
            self._end_segment(press, packet, limit)
        return packet

    def _end_segment(self, press: _Press, packet: EventPacket, length: int) -> None:
        # A full segment that is not the last one is repeated too, and the event goes on behind it (§2.5.1.3).
        self._final, self._repeats = packet._replace(marker=False), _REPEATS
        self._start = (self._start + length) & _TIMESTAMP_MASK
        self._remaining -= length
        if packet.end:
            self._press = None
            self._free_at = self._start + press.gap
