"""The quality of both directions of a session, measured at even intervals."""

from __future__ import annotations

from ..machine import Outbox
from ..quality import AlertLevel, QualityMonitor, QualitySample, mos, r_factor
from .config import RtpSessionConfig
from .events import QualityChanged, QualityDirection, RtpEvent
from .peer_reports import PeerReports
from .quality_records import DirectionQuality, QualityHistory, RtpCounts
from .receiver import MediaReceiver
from .run import NOTHING_LENT, LentProgress
from .sampling import SampleClock
from .sender import MediaSender


class QualityWatch:
    """Takes a sample of each direction whenever its clock strikes, tells levels that change, keeps a history.

    What is received is known from the jitter buffer, as it was heard; what is sent from the reports of the
    peer: what the network lost, and what its buffer discarded and how it rates us where it sends extended
    reports. Nothing here is done for each packet.

    Attributes:
        counts: What had been counted when the last sample was taken.
    """

    def __init__(
        self,
        config: RtpSessionConfig,
        *,
        clock: SampleClock,
        sender: MediaSender,
        receiver: MediaReceiver,
        peer: PeerReports,
        outbox: Outbox[RtpEvent],
    ) -> None:
        """Watch a stream that has not begun."""
        self._clock, self._outbox = clock, outbox
        self._sender, self._receiver, self._peer = sender, receiver, peer
        self._monitors = {
            direction: QualityMonitor(max_samples=config.max_quality_samples, interval_s=0.0)
            for direction in QualityDirection
        }
        self._network = (0, 0)  # packets expected, and lost
        self._octets = dict.fromkeys(QualityDirection, 0)
        self.counts = RtpCounts()
        self._bitrates: dict[QualityDirection, float] = {}
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take the length of a frame, a part of the delay."""
        self._ptime_ms = config.ptime_ms

    def handle_timeout(self, now: float, lent: LentProgress = NOTHING_LENT) -> None:
        """Take the samples if they are due; `lent` is what the parts of the session do not know yet."""
        elapsed = self._clock.strike(now)
        if elapsed is None:
            return
        peer = self._peer
        if peer.rtt_ms is not None:
            self._receiver.jitter.expect_path(peer.rtt_ms / 2 + self._ptime_ms)
        octets = {
            QualityDirection.RECEIVED: self._receiver.selector.octets,
            QualityDirection.SENT: self._sender.total_octets + lent.octets,
        }
        for direction, total in octets.items():
            self._bitrates[direction] = (total - self._octets[direction]) * 8 / elapsed
        self._octets = octets
        self.counts = self._count(lent)
        self._take(QualityDirection.RECEIVED, self._received(now, lent))
        self._take(QualityDirection.SENT, self._sent(now))

    def direction(self, direction: QualityDirection) -> DirectionQuality:
        """Return how a direction is."""
        monitor = self._monitors[direction]
        return DirectionQuality(monitor.level, monitor.latest, self._bitrates.get(direction))

    def history(self) -> QualityHistory:
        """Return all samples that are kept."""
        monitors = self._monitors
        return QualityHistory(
            monitors[QualityDirection.RECEIVED].packed(), monitors[QualityDirection.SENT].packed()
        )

    def _count(self, lent: LentProgress) -> RtpCounts:
        selector, jitter = self._receiver.selector, self._receiver.jitter.statistics()
        return RtpCounts(
            self._sender.total_packets + lent.sent,
            selector.received,
            selector.lost,
            jitter.late,
            jitter.discarded + lent.skipped,
        )

    def _take(self, direction: QualityDirection, sample: QualitySample) -> None:
        changed = self._monitors[direction].add(sample)
        # That a call begins well is no news.
        if changed is not None and not (changed.before is None and changed.level is AlertLevel.GOOD):
            self._outbox.emit(QualityChanged(direction, changed.before, changed.level, changed.mos))

    def _received(self, now: float, lent: LentProgress) -> QualitySample:
        jitter, source, rtt_ms = self._receiver.jitter, self._receiver.selector.active, self._peer.rtt_ms
        losses, lost = jitter.recent_losses(lent.played), self._recently_lost()
        if losses is None or source is None:
            if source is None or lost is None or self._receiver.intake.diversion is None:
                return QualitySample(at=now, rtt_ms=rtt_ms)
            # What is passed on is heard elsewhere: here is known how the network has brought it.
            rating = r_factor((rtt_ms or 0.0) / 2 + self._ptime_ms, lost)
            return QualitySample(
                at=now, loss=lost, jitter_ms=source.jitter_ms, rtt_ms=rtt_ms, r_factor=rating, mos=mos(rating)
            )
        waited_ms = jitter.milliseconds(lent.delay) if lent.played else jitter.statistics().delay_ms
        here_ms = waited_ms + self._ptime_ms
        loss, path_ms = losses.loss_rate + losses.discard_rate, (rtt_ms or 0.0) / 2
        rating = r_factor(path_ms + here_ms, loss, burst_ratio=losses.burst_ratio)
        return QualitySample(
            at=now,
            loss=loss,
            burst_loss=losses.burst_density,
            burst_ratio=losses.burst_ratio,
            jitter_ms=source.jitter_ms,
            rtt_ms=rtt_ms,
            delay_ms=None if rtt_ms is None else path_ms + here_ms,
            r_factor=rating,
            mos=mos(rating),
        )

    def _recently_lost(self) -> float | None:
        """Return the share that the network lost since this was last asked for, None without a packet."""
        before, self._network = (
            self._network,
            (self._receiver.selector.expected, self._receiver.selector.lost),
        )
        expected, lost = (now - then for now, then in zip(self._network, before, strict=True))
        return min(max(lost / expected, 0.0), 1.0) if expected > 0 else None

    def _sent(self, now: float) -> QualitySample:
        peer = self._peer
        loss = peer.mean_loss() if peer.fresh(now) else None
        if loss is None:
            return QualitySample(at=now, rtt_ms=peer.rtt_ms)
        metrics, delay_ms = peer.metrics, None
        if metrics is not None:
            loss = min(1.0, loss + metrics.discard_rate)
        if peer.rtt_ms is not None:  # the wait at the peer is known from its extended reports only
            delay_ms = peer.rtt_ms / 2 + self._ptime_ms + (0 if metrics is None else metrics.nominal_ms)
        rating = peer.heard_r_factor
        if rating is None:
            rating = r_factor(delay_ms or float(self._ptime_ms), loss)
        return QualitySample(
            at=now,
            loss=loss,
            burst_loss=None if metrics is None else metrics.burst_density,
            jitter_ms=peer.jitter_ms,
            rtt_ms=peer.rtt_ms,
            delay_ms=delay_ms,
            r_factor=rating,
            mos=peer.heard_mos or mos(rating),
        )
