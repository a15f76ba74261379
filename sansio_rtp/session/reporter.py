"""RTCP of one session: our reports, and what the peer reports (RFC 3550 §6)."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TypeVar

from ..ids import RtpIds
from ..machine import Outbox
from ..rtcp import (
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
    round_trip_units,
)
from .config import RtpSessionConfig
from .events import GoodbyeReceived, ReportReceived, RtpEvent
from .selector import SourceSelector
from .sender import MediaSender

ValueT = TypeVar("ValueT")
_CNAME_ITEM = 1
_REMEMBERED_REPORTS = 8


class RtcpReporter:
    """Knows the members of the session, and makes and reads compound packets.

    Attributes:
        schedule: The report timer.
        cname: Our canonical name.
        rtt_ms: Last round-trip time, None while unknown.
        remote_loss: Last fraction lost that the peer reported, 0 to 1, None while unknown.
    """

    def __init__(
        self,
        config: RtpSessionConfig,
        *,
        now: float,
        ids: RtpIds,
        sender: MediaSender,
        selector: SourceSelector,
        outbox: Outbox[RtpEvent],
    ) -> None:
        """Join the session at `now`."""
        self._epoch = config.epoch
        self.clock_rate = config.clock_rate
        self._max_sources = config.max_sources
        self._sender = sender
        self._selector = selector
        self._outbox = outbox
        self._heard: OrderedDict[int, float] = OrderedDict()
        self._reports: OrderedDict[int, tuple[int, float]] = OrderedDict()
        self._sent_reports: deque[int] = deque(maxlen=_REMEMBERED_REPORTS)
        self._marks = (0, 0)
        self._joined = False
        self.cname = config.cname or ids.cname()
        self.schedule = RtcpSchedule(
            now=now,
            rtcp_bandwidth=config.session_bandwidth * 0.05 / 8,
            unit=ids.unit,
            overhead=_srtcp_overhead(config),
        )
        self.rtt_ms: float | None = None
        self.remote_loss: float | None = None

    def configure(self, config: RtpSessionConfig) -> None:
        """Take what SRTCP adds to each packet."""
        self.schedule.overhead = _srtcp_overhead(config)

    def report(self, now: float) -> bytes | None:
        """Handle the expired timer; return the compound packet, or None when it was moved (§6.3.6)."""
        self._forget_silent(now)
        members, senders, we_sent = self._group()
        if not self.schedule.expire(now, members=members, senders=senders, we_sent=we_sent):
            return None
        data = build_compound((self._own_report(now, we_sent), self._description()))
        self._marks = (self._marks[1], self._sender.total_packets)
        self._joined = True
        self.schedule.sent(now, len(data), members=members, senders=senders, we_sent=we_sent)
        return data

    def goodbye(self, now: float, ssrc: int, reason: str | None = None) -> bytes | None:
        """Return the BYE for `ssrc`, or None when it never sent anything (§6.3.7)."""
        if not self._joined and not self._sender.total_packets:
            return None
        report = self._own_report(now, self._group()[2])
        return build_compound((report, self._description(), Goodbye((ssrc,), reason)))

    def receive(self, packets: list[RtcpPacket], size: int, now: float) -> None:
        """Take a compound packet of `size` octets from the peer."""
        self.schedule.observe(size)
        for packet in packets:
            if isinstance(packet, SenderReport | ReceiverReport):
                self._take_report(packet, now)
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
                self._take_block(packet.ssrc, block, now)

    def _take_block(self, ssrc: int, block: ReportBlock, now: float) -> None:
        # Only an LSR that we sent says something about time; 0 means that none of ours came (§6.4.1).
        if block.last_sr in self._sent_reports:
            arrival = middle_bits(ntp_timestamp(self._epoch + now))
            self.rtt_ms = round_trip_units(arrival, block.last_sr, block.delay_since_last_sr) * 1000 / 65536
        self.remote_loss = block.fraction_lost / 256
        self._sender.expect_loss(self.remote_loss)
        jitter_ms = block.jitter * 1000 / self.clock_rate
        self._outbox.emit(
            ReportReceived(ssrc, self.remote_loss, block.cumulative_lost, jitter_ms, self.rtt_ms)
        )

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
        self._sent_reports.append(middle_bits(ntp))
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

    def _description(self) -> SourceDescription:
        return SourceDescription((SdesChunk(self._sender.ssrc, ((_CNAME_ITEM, self.cname),)),))


def _srtcp_overhead(config: RtpSessionConfig) -> int:
    return 0 if config.srtp_send is None else config.srtp_send.rtcp_overhead


def _remember(table: OrderedDict[int, ValueT], key: int, value: ValueT, limit: int) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > limit:
        table.popitem(last=False)
