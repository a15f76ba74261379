"""How the peer sounds to us, as it is told by RTCP (RFC 3611 §4.7)."""

from __future__ import annotations

from ..quality import GMIN, mos, r_factor
from ..rtcp import ExtendedReport, VoipMetrics
from .config import RtpSessionConfig
from .peer_reports import PeerReports
from .receiver import MediaReceiver

_ENHANCED_CONCEALMENT = 0b10 << 6
_ADAPTIVE = 0b11 << 4
_FIXED = 0b10 << 4
_MOST_MS = 0xFFFF


class VoipReports:
    """Makes the extended report that goes out with each report, where it is wanted."""

    __slots__ = ("_adaptive", "_max_ms", "_peer", "_ptime_ms", "_receiver", "_wanted")

    def __init__(self, config: RtpSessionConfig, receiver: MediaReceiver, peer: PeerReports) -> None:
        """Report what `receiver` hears."""
        self._receiver, self._peer = receiver, peer
        self._adaptive, self._max_ms = config.jitter.adaptive, round(config.jitter.max_delay_ms)
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take whether the peer wants such reports."""
        self._wanted, self._ptime_ms = config.rtcp_xr, config.ptime_ms

    def report(self, ssrc: int) -> ExtendedReport | None:
        """Return what `ssrc`, our source, says of what is heard; None before anything was, or unwanted."""
        if not self._wanted:
            return None
        block = self._metrics()
        return None if block is None else ExtendedReport(ssrc, (block,))

    def _metrics(self) -> VoipMetrics | None:
        source, losses = self._receiver.selector.active, self._receiver.jitter.losses()
        if source is None or losses is None:
            return None
        jitter, rtt_ms = self._receiver.jitter.statistics(), self._peer.rtt_ms or 0.0
        # Our packet, the wait of theirs, and the frame that is played.
        end_system_ms = self._ptime_ms + jitter.delay_ms + self._ptime_ms
        missing, ratio = losses.loss_rate + losses.discard_rate, losses.burst_ratio
        delay_ms = rtt_ms / 2 + jitter.delay_ms + self._ptime_ms
        rating = r_factor(delay_ms, missing, burst_ratio=ratio)
        nominal, most = round(jitter.target_ms), self._max_ms
        if not self._adaptive:
            most = nominal
        return VoipMetrics(
            ssrc=source.ssrc,
            loss_rate=losses.loss_rate,
            discard_rate=losses.discard_rate,
            burst_density=losses.burst_density,
            gap_density=losses.gap_density,
            burst_ms=_milliseconds(losses.burst_ms),
            gap_ms=_milliseconds(losses.gap_ms),
            round_trip_ms=_milliseconds(rtt_ms),
            end_system_ms=_milliseconds(end_system_ms),
            signal_dbm0=None,
            noise_dbm0=None,
            echo_return_loss_db=None,
            gmin=GMIN,
            r_factor=round(rating),
            external_r_factor=None,
            mos_lq=mos(r_factor(0.0, missing, burst_ratio=ratio)),
            mos_cq=mos(rating),
            receiver_config=_ENHANCED_CONCEALMENT | (_ADAPTIVE if self._adaptive else _FIXED),
            nominal_ms=nominal,
            maximum_ms=most,
            absolute_maximum_ms=most,
        )


def _milliseconds(value: float) -> int:
    return min(_MOST_MS, round(value))
