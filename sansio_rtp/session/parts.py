"""The parts of a session, and how they are connected."""

from __future__ import annotations

from ..ids import RtpIds
from .config import RtpSessionConfig
from .inbound import Inbound
from .latch import SourceLatch
from .outbound import Outbound
from .peer_reports import PeerReports
from .quality import QualityWatch
from .receiver import MediaReceiver
from .reporter import RtcpReporter
from .rtcp_route import RtcpRoute
from .sampling import SampleClock
from .security import SecureOutbox
from .sender import MediaSender
from .voip_reports import VoipReports


class SessionParts:
    """Everything that a session is made of; each part knows only those it needs."""

    __slots__ = ("_ids", "_voip", "inbound", "latch", "outbound", "outbox", "peer", "quality", "receiver",
                 "reporter", "route", "samples", "sender")  # fmt: skip

    def __init__(self, config: RtpSessionConfig, *, now: float, ids: RtpIds) -> None:
        """Create and connect the parts."""
        outbox = SecureOutbox(config)
        self._ids = ids
        self.outbox = outbox
        self.sender = MediaSender(config, ids=ids)
        self.samples = SampleClock(config.quality_interval_ms)
        self.receiver = MediaReceiver(config, outbox, self.samples, ids=ids)
        self.peer = PeerReports(config, self.sender, outbox, self.samples)
        self._voip = VoipReports(config, self.receiver, self.peer)
        self.quality = QualityWatch(
            config,
            clock=self.samples,
            sender=self.sender,
            receiver=self.receiver,
            peer=self.peer,
            outbox=outbox,
        )
        self.latch = SourceLatch(
            config.remote, max_candidates=config.max_sources, relatch_after_s=config.relatch_after_s
        )
        self.outbound = Outbound(config, self.sender, self.latch, outbox)
        self.route = RtcpRoute(config, self.latch, outbox)
        self.reporter = RtcpReporter(
            config,
            now=now,
            ids=ids,
            sender=self.sender,
            selector=self.receiver.selector,
            peer=self.peer,
            voip=self._voip,
            outbox=outbox,
        )
        self.inbound = Inbound(
            config,
            ids=ids,
            outbox=outbox,
            sender=self.sender,
            receiver=self.receiver,
            reporter=self.reporter,
            latch=self.latch,
            route=self.route,
            security=outbox.security,
        )

    def configure(self, config: RtpSessionConfig, now: float) -> None:
        """Take what was renegotiated."""
        self.outbox.security.configure(config)
        if config.clock_rate != self.peer.clock_rate:
            self._change_clock(config, now)
        self.sender.configure(config)
        self.outbound.configure(config)
        self.receiver.configure(config)
        self.inbound.configure(config)
        self.reporter.configure(config)
        self._voip.configure(config)
        self.quality.configure(config)

    def _change_clock(self, config: RtpSessionConfig, now: float) -> None:
        # A source has one clock for life: timestamps of two clocks cannot be told apart (RFC 7160 §4.1).
        if self.sender.total_packets:
            if config.rtcp:
                self.route.send(self.reporter.goodbye(now, self.sender.ssrc))
            self.sender.change_ssrc(self._ids)
        self.peer.clock_rate = config.clock_rate
