"""What the peer reports about our stream: loss, jitter, round trip and how the call sounds there."""

from __future__ import annotations

from collections import deque

from ..machine import Outbox
from ..rtcp import ExtendedReport, ReportBlock, VoipMetrics, middle_bits, ntp_timestamp, round_trip_units
from .config import RtpSessionConfig
from .events import ReportReceived, RtpEvent
from .sampling import SampleClock
from .sender import MediaSender

_REMEMBERED_REPORTS = 8
_STALE_S = 25.0
"""Age at which a report says nothing any more: five intervals, as for a member (RFC 3550 §6.3.5)."""
_MAX_R_FACTOR = 100
_MOS = (1.0, 5.0)


class PeerReports:
    """Reads the blocks that are about our source.

    Attributes:
        clock_rate: RTP clock of what we send, in Hz.
        rtt_ms: Last round-trip time, None while unknown.
        remote_loss: Last fraction lost that the peer reported, 0 to 1, None while unknown.
        jitter_ms: Interarrival jitter that it reported, None while unknown.
        metrics: Its last VoIP metrics (RFC 3611 §4.7), None when it sent none.
    """

    __slots__ = (
        "_at",
        "_clock",
        "_count",
        "_epoch",
        "_outbox",
        "_sender",
        "_sent_reports",
        "_sum",
        "clock_rate",
        "jitter_ms",
        "metrics",
        "remote_loss",
        "rtt_ms",
    )

    def __init__(
        self, config: RtpSessionConfig, sender: MediaSender, outbox: Outbox[RtpEvent], clock: SampleClock
    ) -> None:
        """Know nothing; the first report starts `clock`."""
        self._epoch = config.epoch
        self._sender, self._outbox, self._clock = sender, outbox, clock
        self._sent_reports: deque[int] = deque(maxlen=_REMEMBERED_REPORTS)
        self._at = float("-inf")
        self._sum, self._count = 0.0, 0
        self.clock_rate = config.clock_rate
        self.rtt_ms: float | None = None
        self.remote_loss: float | None = None
        self.jitter_ms: float | None = None
        self.metrics: VoipMetrics | None = None

    def note_sent(self, ntp: int) -> None:
        """Note that a sender report with this NTP timestamp goes out, which a block may name."""
        self._sent_reports.append(middle_bits(ntp))

    def take_block(self, ssrc: int, block: ReportBlock, now: float) -> None:
        """Take what `ssrc` says of our source in a report (RFC 3550 §6.4.1)."""
        # Only an LSR that we sent says something about time; 0 means that none of ours came.
        if block.last_sr in self._sent_reports:
            arrival = middle_bits(ntp_timestamp(self._epoch + now))
            self.rtt_ms = round_trip_units(arrival, block.last_sr, block.delay_since_last_sr) * 1000 / 65536
        loss = self.remote_loss = block.fraction_lost / 256
        self.jitter_ms = block.jitter * 1000 / self.clock_rate
        self._sender.expect_loss(loss)
        self._at, self._sum, self._count = now, self._sum + loss, self._count + 1
        self._clock.begin(now)
        self._outbox.emit(ReportReceived(ssrc, loss, block.cumulative_lost, self.jitter_ms, self.rtt_ms))

    def take_extended(self, report: ExtendedReport) -> None:
        """Take the VoIP metrics of our source out of an extended report."""
        for block in report.blocks:
            if isinstance(block, VoipMetrics) and block.ssrc == self._sender.ssrc:
                self.metrics = block

    def fresh(self, now: float) -> bool:
        """Tell whether a report came lately."""
        return now - self._at <= _STALE_S

    def mean_loss(self) -> float | None:
        """Return the mean of what was reported since this was last asked for, else the last report."""
        if not self._count:
            return self.remote_loss
        mean = self._sum / self._count
        self._sum, self._count = 0.0, 0
        return mean

    @property
    def heard_r_factor(self) -> float | None:
        """The peer's own rating of our stream, None when it told none or an impossible one (§4.7.5)."""
        told = None if self.metrics is None else self.metrics.r_factor
        return None if told is None or not 0 <= told <= _MAX_R_FACTOR else float(told)

    @property
    def heard_mos(self) -> float | None:
        """The peer's own score of our stream with its delay, None as before."""
        told = None if self.metrics is None else self.metrics.mos_cq
        return None if told is None or not _MOS[0] <= told <= _MOS[1] else told
