"""The way of a datagram into a session: which protocol, whose address, whose source."""

from __future__ import annotations

from ..errors import PacketError
from ..ids import RtpIds
from ..machine import Address, Outbox
from ..packet import PacketKind, RtpPacket, classify, parse_rtp
from ..rtcp import parse_rtcp
from .config import RtpSessionConfig
from .events import RtpEvent, SourceLatched, SsrcCollided
from .latch import SourceLatch
from .receiver import MediaReceiver
from .reporter import RtcpReporter
from .rtcp_route import RtcpRoute
from .security import StreamSecurity
from .sender import MediaSender


class Inbound:
    """Lets the peer's packets through to receiver and reporter, and counts everything else.

    Attributes:
        malformed: Datagrams that are neither valid RTP nor RTCP.
        ignored: STUN and DTLS datagrams.
        looped: Packets with our own SSRC from an address with which it collided before.
        rtcp_strangers: RTCP from addresses that are not the peer's.
    """

    def __init__(
        self,
        config: RtpSessionConfig,
        *,
        ids: RtpIds,
        outbox: Outbox[RtpEvent],
        sender: MediaSender,
        receiver: MediaReceiver,
        reporter: RtcpReporter,
        latch: SourceLatch,
        route: RtcpRoute,
        security: StreamSecurity,
    ) -> None:
        """Connect the parts of a session."""
        self._ids = ids
        self._outbox = outbox
        self._sender = sender
        self._receiver = receiver
        self._reporter = reporter
        self._latch = latch
        self._route = route
        self._security = security
        self._rtcp = config.rtcp
        self._reduced_size = config.rtcp_reduced_size
        self._announced = config.remote
        self._conflict: Address | None = None
        self.malformed = self.ignored = self.looped = self.rtcp_strangers = 0

    def configure(self, config: RtpSessionConfig) -> None:
        """Take new addresses."""
        self._rtcp = config.rtcp
        self._reduced_size = config.rtcp_reduced_size
        self._latch.resignal(config.remote)
        self._announced = self._latch.destination
        self._route.configure(config)

    def receive(self, data: bytes, source: Address, now: float) -> None:
        """Take a datagram of any protocol."""
        kind = classify(data)
        if kind is PacketKind.RTP:
            self._receive_media(data, source, now)
        elif kind is PacketKind.RTCP:
            self.receive_rtcp(data, source, now)
        elif kind is PacketKind.UNKNOWN:
            self.malformed += 1
        else:
            self.ignored += 1

    def receive_rtcp(self, data: bytes, source: Address, now: float) -> None:
        """Take a datagram that came to the port of RTCP, or looks like it."""
        if classify(data) in (PacketKind.STUN, PacketKind.DTLS):
            self.ignored += 1  # some phones open the way of their RTCP with STUN, asked or not
            return
        if not self._route.accepts(source):
            self.rtcp_strangers += 1
            return
        opened = self._security.unprotect_rtcp(data)
        if opened is None:
            return
        try:
            packets = parse_rtcp(opened, reduced_size=self._reduced_size)
        except PacketError:
            self.malformed += 1
            return
        self._route.follow(source)
        self._reporter.receive(packets, len(opened), now)

    def _receive_media(self, data: bytes, source: Address, now: float) -> None:
        opened = self._security.unprotect(data)
        if opened is None:
            return
        try:
            packet = parse_rtp(opened)
        except PacketError:
            self.malformed += 1
        else:
            self._receive_rtp(packet, source, now)

    def _receive_rtp(self, packet: RtpPacket, source: Address, now: float) -> None:
        if self._latch.accepts(source, now):
            packets = [(packet, now)]
        elif self._receiver.knows(packet.payload_type):
            packets = self._latch.prove(packet, source, now)
        else:
            self._latch.strangers += 1
            return
        if self._latch.destination != self._announced:
            self._announced = source
            self._outbox.emit(SourceLatched(source))
        for proven, arrival in packets:
            if proven.ssrc == self._sender.ssrc:
                self._collide(source, now)
            self._receiver.receive(proven, arrival)

    def _collide(self, source: Address, now: float) -> None:
        # RFC 3550 §8.2: change once. The same address again is a loop: an echo service, which is to be heard.
        if source == self._conflict:
            self.looped += 1
            return
        self._conflict = source
        if self._rtcp:
            self._route.send(self._reporter.goodbye(now, self._sender.ssrc))
        self._sender.change_ssrc(self._ids)
        self._outbox.emit(SsrcCollided(self._sender.ssrc))
