"""The way between a call's audio and the network: its RTP session on its sockets."""

from __future__ import annotations

from collections.abc import Callable

from sansio_rtp.codec import CodecRegistry
from sansio_rtp.dtmf import DTMF_DIGITS
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.ids import RtpIds
from sansio_rtp.machine import Component
from sansio_rtp.session import RtpSession, RtpSessionConfig, RtpStatistics
from sansio_sip.sdp import Direction, NegotiatedMedia
from trio_runtime.base.config import MediaConfig
from trio_runtime.base.errors import MediaError, UnsupportedError
from trio_runtime.base.types import Address
from trio_runtime.media.config import TICK_MS, packet_ms, rtp_config
from trio_runtime.media.offer import audio_rate
from trio_runtime.media.outgoing import Packetizer
from trio_runtime.media.ports import MediaPorts
from trio_runtime.media.silence import SilenceWatch
from trio_runtime.media.types import AudioFrame, MediaEvent

__all__ = ["RtpPath"]


class RtpPath:
    """Owns the RTP session, which lives from the first agreement on media until there is none any more.

    Attributes:
        ports: The sockets.
        session: The RTP session, None while no media is agreed on.
        direction: What we do; inactive while there is no session.
        early: Packets dropped because they came before the agreement.
        unsent: Packets that the network did not take.
    """

    def __init__(
        self, ports: MediaPorts, config: MediaConfig, *, codecs: CodecRegistry, ids: RtpIds, epoch: float
    ) -> None:
        """Begin without a session."""
        self.ports = ports
        self.session: RtpSession | None = None
        self.direction = Direction.INACTIVE
        self.early = self.unsent = 0
        self._config = config
        self._codecs = codecs
        self._rate = audio_rate(config, codecs)
        self._ids = ids
        self._epoch = epoch
        self._cname = ids.cname()
        self._packets = Packetizer(self._rate * TICK_MS // 1000)
        self._silence = SilenceWatch(config.rtp_timeout)
        self._rtcp_port_open = True
        self._last: RtpStatistics | None = None

    def apply(self, media: NegotiatedMedia, now: float) -> None:
        """Start the media or change it as agreed.

        Raises:
            MediaError: The agreement holds something that cannot be done; nothing was changed.
        """
        try:
            config = rtp_config(media, self._config, self._codecs, cname=self._cname, epoch=self._epoch)
            self._configure(config, now)
        except LocalProtocolError as error:
            raise MediaError(f"the agreed media cannot be used: {error}") from error
        if media.direction.can_receive and not self.direction.can_receive:
            self._silence.hear(now)
        self.direction = media.direction
        n_samples = self._rate * packet_ms(media, self._codecs) // 1000
        if n_samples != self._packets.n_samples:
            self._packets = Packetizer(n_samples)
        if media.rtcp_mux and self._rtcp_port_open:
            # The odd port stays reserved; one descriptor less for each call.
            self.ports.rtcp.close()
            self._rtcp_port_open = False

    def stop(self, now: float) -> None:
        """Say goodbye by RTCP and forget the session."""
        session, self.session = self.session, None
        self.direction = Direction.INACTIVE
        if session is not None:
            session.close(now)
            self._send_all(session)
            self._last = session.statistics()

    def statistics(self) -> RtpStatistics | None:
        """Return what the session has measured, the last one when it is over, None when there was none."""
        return self._last if self.session is None else self.session.statistics()

    def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of one of the sockets."""
        session = self.session
        if session is None:
            self.early += 1
            return
        if component is Component.RTP:
            session.receive_packet(data, source, now)
        else:
            session.receive_rtcp(data, source, now)
        if source == session.destination:
            self._silence.hear(now)

    def send(self, session: RtpSession, frame: AudioFrame, now: float) -> None:
        """Send one frame of the clock, in packets of the length that the peer wants."""
        for packet in self._packets.cut(frame):
            session.send_frame(packet, now)

    def skip(self, session: RtpSession, n_samples: int, now: float) -> None:
        """Let the time of `n_samples` pass in the timestamps without sending."""
        session.skip_frame(n_samples + self._packets.take_rest(), now)

    def send_digits(self, digits: str, now: float, *, duration_ms: int, gap_ms: int) -> None:
        """Queue digits as telephone-events.

        Raises:
            UnsupportedError: There is no media that may be sent.
            MediaError: A character is no digit, a time is out of range, too many wait, the peer takes none.
        """
        if self.session is None or not self.direction.can_send:
            raise UnsupportedError("digits cannot be sent now: the call has no media in that direction")
        if wrong := "".join(sorted(set(digits.upper()) - set(DTMF_DIGITS))):
            raise MediaError(f"{wrong!r} in {digits!r} is not a DTMF digit (0-9 * # A-D)")
        try:
            for digit in digits:
                self.session.send_digit(digit, now, duration_ms=duration_ms, gap_ms=gap_ms)
        except LocalProtocolError as error:
            raise MediaError(f"digits {digits!r} cannot be sent: {error}") from error

    def flush(self, now: float, on_event: Callable[[MediaEvent], None]) -> None:
        """Run what is due, send the packets that wait, then tell the events that have come."""
        session = self.session
        if session is None:
            return
        deadline = session.deadline
        if deadline is not None and deadline <= now:
            session.handle_timeout(now)
        self._send_all(session)
        # An event may lead its hearer to end this media; what else the session has to say still counts.
        while (event := session.next_event()) is not None:
            on_event(event)
        if self.direction.can_receive and (silence := self._silence.report(now)) is not None:
            on_event(silence)

    def _configure(self, config: RtpSessionConfig, now: float) -> None:
        if self.session is None:
            self.session = RtpSession(config, now=now, ids=self._ids)
        else:
            self.session.update(config, now)

    def _send_all(self, session: RtpSession) -> None:
        ports = self.ports
        while (packet := session.next_transmit()) is not None:
            separate = packet.flow is Component.RTCP and self._rtcp_port_open
            socket = ports.rtcp if separate else ports.rtp
            if packet.destination is None or not socket.send(packet.data, packet.destination):
                self.unsent += 1
