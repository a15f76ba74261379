"""RTCP of one session: our reports, and what the peer reports (RFC 3550 §6)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from ..ids import RtpIds
from ..machine import Outbox
from ..rtcp import (
    ExtendedReport,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    RtcpSchedule,
    SdesChunk,
    SenderReport,
    SourceDescription,
    build_compound,
    middle_bits,
    ntp_timestamp,
)
from .config import RtpSessionConfig
from .events import GoodbyeReceived, RtpEvent
from .peer_reports import PeerReports
from .selector import SourceSelector
from .sender import MediaSender
from .voip_reports import VoipReports

ValueT = TypeVar("ValueT")
_CNAME_ITEM = 1


class RtcpReporter:
    """Knows the members of the session, and makes and reads compound packets.

    Attributes:
        schedule: The report timer.
        cname: Our canonical name.
    """

    def __init__(
        self,
        config: RtpSessionConfig,
        *,
        now: float,
        ids: RtpIds,
        sender: MediaSender,
        selector: SourceSelector,
        peer: PeerReports,
        voip: VoipReports,
        outbox: Outbox[RtpEvent],
    ) -> None:
        """Join the session at `now`."""
        self._epoch = config.epoch
        self._max_sources = config.max_sources
        self._sender = sender
        self._selector = selector
        self._peer, self._voip = peer, voip
        self._outbox = outbox
        self._heard: OrderedDict[int, float] = OrderedDict()
        self._reports: OrderedDict[int, tuple[int, float]] = OrderedDict()
        self._marks = (0, 0)
        self._joined = False
        self.cname = config.cname or ids.cname()
        self.schedule = RtcpSchedule(
            now=now,
            rtcp_bandwidth=config.session_bandwidth * 0.05 / 8,
            unit=ids.unit,
            overhead=_srtcp_overhead(config),
        )

    def configure(self, config: RtpSessionConfig) -> None:
        """Take what SRTCP adds to each packet."""
        self.schedule.overhead = _srtcp_overhead(config)

    def report(self, now: float) -> bytes | None:
        """Handle the expired timer; return the compound packet, or None when it was moved (§6.3.6)."""
        self._forget_silent(now)
        members, senders, we_sent = self._group()
        if not self.schedule.expire(now, members=members, senders=senders, we_sent=we_sent):
            return None
        data = build_compound((self._own_report(now, we_sent), *self._descriptions()))
        self._marks = (self._marks[1], self._sender.total_packets)
        self._joined = True
        self.schedule.sent(now, len(data), members=members, senders=senders, we_sent=we_sent)
        return data

    def goodbye(self, now: float, ssrc: int, reason: str | None = None) -> bytes | None:
        """Return the BYE for `ssrc`, or None when it never sent anything (§6.3.7)."""
        if not self._joined and not self._sender.total_packets:
            return None
        report = self._own_report(now, self._group()[2])
        return build_compound((report, *self._descriptions(), Goodbye((ssrc,), reason)))

    def receive(self, packets: list[RtcpPacket], size: int, now: float) -> None:
        """Take a compound packet of `size` octets from the peer."""
        self.schedule.observe(size)
        for packet in packets:
            if isinstance(packet, SenderReport | ReceiverReport):
                self._take_report(packet, now)
            elif isinstance(packet, ExtendedReport):
                if packet.ssrc != self._sender.ssrc:
                    self._peer.take_extended(packet)
            elif isinstance(packet, Goodbye):
                for ssrc in packet.ssrcs:
                    self._take_goodbye(ssrc, packet.reason, now)

    def _take_report(self, packet: SenderReport | ReceiverReport, now: float) -> None:
        if packet.ssrc == self._sender.ssrc:  # our own, reflected
            return
        _remember(self._heard, packet.ssrc, now, self._max_sources)
        if isinstance(packet, SenderReport):
            _remember(self._reports, packet.ssrc, (middle_bits(packet.ntp), now), self._max_sources)
        for block in packet.reports:
            if block.ssrc == self._sender.ssrc:
                self._peer.take_block(packet.ssrc, block, now)

    def _take_goodbye(self, ssrc: int, reason: str | None, now: float) -> None:
        active = self._selector.active
        known = self._heard.pop(ssrc, None) is not None or (active is not None and active.ssrc == ssrc)
        self._reports.pop(ssrc, None)
        if known:
            self.schedule.member_left(now, self._group()[0])
            self._outbox.emit(GoodbyeReceived(ssrc, reason))

    def _forget_silent(self, now: float) -> None:
        active = self._selector.active
        if active is not None and self._selector.heard_at > self._heard.get(active.ssrc, float("-inf")):
            _remember(self._heard, active.ssrc, self._selector.heard_at, self._max_sources)
        members, senders, _ = self._group()
        oldest = now - self.schedule.timeout(members=members, senders=senders)
        for ssrc in [ssrc for ssrc, heard_at in self._heard.items() if heard_at < oldest]:
            del self._heard[ssrc]

    def _group(self) -> tuple[int, int, bool]:
        """Return members, senders, and whether we are one of the senders."""
        active = self._selector.active
        we_sent = self._sender.total_packets > self._marks[0]
        peer_sent = active is not None and active.ssrc in self._heard
        return 1 + len(self._heard), we_sent + peer_sent, we_sent

    def _own_report(self, now: float, we_sent: bool) -> SenderReport | ReceiverReport:
        sender, blocks = self._sender, self._blocks(now)
        if not we_sent:
            return ReceiverReport(sender.ssrc, blocks)
        ntp = ntp_timestamp(self._epoch + now)
        self._peer.note_sent(ntp)
        return SenderReport(
            sender.ssrc, ntp, sender.rtp_timestamp(now), sender.packets, sender.octets, blocks
        )

    def _blocks(self, now: float) -> tuple[ReportBlock, ...]:
        source = self._selector.active
        if source is None:
            return ()
        fraction, received = source.interval()
        if not received:  # only sources heard since the last report (§6.4)
            return ()
        last_sr, at = self._reports.get(source.ssrc, (0, now))
        delay = min(round((now - at) * 65536), 0xFFFFFFFF)
        return (
            ReportBlock(
                source.ssrc,
                fraction,
                source.cumulative_lost,
                source.highest_sequence,
                int(source.jitter),
                last_sr,
                delay,
            ),
        )

    def _descriptions(self) -> list[SourceDescription | ExtendedReport]:
        """Return what stands behind the report: who we are, and how the peer sounds if it wants that."""
        name = SourceDescription((SdesChunk(self._sender.ssrc, ((_CNAME_ITEM, self.cname),)),))
        extended = self._voip.report(self._sender.ssrc)
        return [name] if extended is None else [name, extended]


def _srtcp_overhead(config: RtpSessionConfig) -> int:
    return 0 if config.srtp_send is None else config.srtp_send.rtcp_overhead


def _remember(table: OrderedDict[int, ValueT], key: int, value: ValueT, limit: int) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > limit:
        table.popitem(last=False)
