"""What is known about one source from its packets (RFC 3550 A.1, A.3, A.8)."""

from __future__ import annotations

from ..packet import MAX_DROPOUT, MAX_MISORDER, SequenceWindow, timestamp_delta
from .run import SourceRun
from .verdict import Verdict

_MODULUS = 1 << 16


class SourceStatistics:
    """Validity, loss and jitter of one source.

    Attributes:
        ssrc: The source.
        received: Packets that counted, duplicates included.
        duplicates: Packets that came more than once.
        out_of_order: Packets that came after a later one.
        octets: Payload octets of the packets that counted.
        jitter: Interarrival jitter in timestamp units (A.8).
        restarts: Restarts of the sequence that were followed.
    """

    __slots__ = (
        "_bad",
        "_base",
        "_clock_rate",
        "_cycles",
        "_expected_before",
        "_expected_prior",
        "_highest",
        "_probation",
        "_received_prior",
        "_timing",
        "_window",
        "duplicates",
        "jitter",
        "octets",
        "out_of_order",
        "received",
        "restarts",
        "ssrc",
    )

    def __init__(self, ssrc: int, sequence: int, *, clock_rate: int, probation: int = 0) -> None:
        """Begin before the first packet.

        Args:
            ssrc: The source.
            sequence: Sequence number of the packet that is about to be counted.
            clock_rate: RTP clock in Hz.
            probation: Packets in sequence that must come before any counts; 0 when the address is trusted.
        """
        self.ssrc = ssrc
        self._clock_rate = clock_rate
        self._probation = probation
        self.received = self.duplicates = self.out_of_order = self.octets = self.restarts = 0
        self.jitter = 0.0
        self._timing: tuple[float, int] | None = None
        self._expected_before = self._expected_prior = self._received_prior = 0
        self._base = self._highest = sequence
        self._cycles = 0
        self._bad = -1
        self._window = SequenceWindow(sequence)
        if probation:
            self._highest = (sequence - 1) % _MODULUS

    def lend(self) -> SourceRun | None:
        """Return the numbers of a proven source, for packets that come in sequence; None when it is not."""
        if self._probation or self._timing is None:
            return None
        return SourceRun(
            self.ssrc,
            self._highest,
            self._cycles,
            self.received,
            self.octets,
            float(self._clock_rate),
            self.jitter,
            *self._timing,
        )

    def take_back(self, run: SourceRun) -> None:
        """Go on from what `lend` gave, after more packets in sequence."""
        self._window.extend(run.cycles + run.highest - self._cycles - self._highest)
        self._highest, self._cycles = run.highest, run.cycles
        self.received, self.octets, self.jitter = run.received, run.octets, run.jitter
        self._timing = (run.arrival, run.timestamp)

    def update(self, sequence: int) -> Verdict:
        """Take the sequence number of one packet (RFC 3550 A.1 `update_seq`)."""
        if self._probation:
            return self._prove(sequence)
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead < MAX_DROPOUT:
            if sequence < self._highest:
                self._cycles += _MODULUS
            self._highest = sequence
        elif ahead <= _MODULUS - MAX_MISORDER:
            if sequence != self._bad:
                self._bad = (sequence + 1) & 0xFFFF
                return Verdict.JUMP
            self._restart(sequence)
            return Verdict.RESTARTED
        self.received += 1
        return self._place(sequence)

    def time(self, timestamp: int, now: float, clock_rate: int | None = None) -> None:
        """Take the timestamp of an audio packet that came at `now` seconds into the jitter (RFC 3550 A.8).

        `clock_rate` is its units a second, None for those of before; where they change, the jitter stays the
        same time.
        """
        if clock_rate is not None and clock_rate != self._clock_rate:
            self.jitter *= clock_rate / self._clock_rate
            self._clock_rate, self._timing = clock_rate, None
        arrival = now * self._clock_rate
        if self._timing is not None:
            step = arrival - self._timing[0] - timestamp_delta(timestamp, self._timing[1])
            # A sender whose timestamps jump has not the jitter of hours that the formula would give.
            if -self._clock_rate < step < self._clock_rate:
                self.jitter += (abs(step) - self.jitter) / 16
        self._timing = (arrival, timestamp)

    @property
    def valid(self) -> bool:
        """True once the source is proven."""
        return not self._probation and self.received > 0

    @property
    def highest_sequence(self) -> int:
        """Extended highest sequence number, 32 bits."""
        return (self._cycles + self._highest) & 0xFFFFFFFF

    @property
    def expected(self) -> int:
        """Packets that should have come since the beginning, over all restarts."""
        return self._expected_before + self._cycles + self._highest - self._base + 1

    @property
    def cumulative_lost(self) -> int:
        """Loss as RTCP counts it: negative when duplicates came (A.3)."""
        return self.expected - self.received

    @property
    def lost(self) -> int:
        """Packets that have not come, whatever came twice."""
        return max(0, self.expected - self.received + self.duplicates)

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter in milliseconds."""
        return self.jitter * 1000 / self._clock_rate

    def interval(self) -> tuple[int, int]:
        """Return the fraction lost in 1/256 and the packets received since the last call (A.3)."""
        expected, received = self.expected - self._expected_prior, self.received - self._received_prior
        self._expected_prior, self._received_prior = self.expected, self.received
        lost = expected - received
        return (0 if expected <= 0 or lost <= 0 else min(255, (lost << 8) // expected)), received

    def _prove(self, sequence: int) -> Verdict:
        if sequence == (self._highest + 1) & 0xFFFF:
            self._probation -= 1
        else:
            self._probation = 1
        self._highest = sequence
        if self._probation:
            return Verdict.PROBATION
        self._begin(sequence)
        self.received += 1
        return Verdict.VALID

    def _begin(self, sequence: int) -> None:
        self._base = self._highest = sequence
        self._cycles = 0
        self._bad = -1
        self._window = SequenceWindow(sequence)

    def _restart(self, sequence: int) -> None:
        self._expected_before = self.expected
        self._begin(sequence)
        self._window.add(sequence)
        self._timing = None
        self.restarts += 1
        self.received += 1

    def _place(self, sequence: int) -> Verdict:
        number = self._cycles + self._highest - ((self._highest - sequence) & 0xFFFF)
        highest = self._window.highest
        if not self._window.add(number):
            self.duplicates += 1
            return Verdict.DUPLICATE
        self.out_of_order += number < highest
        if number < self._base:  # the first two packets changed places: the stream began with this one
            self._base = number
        return Verdict.VALID
