"""The way between a call's audio and the network: its RTP session on its sockets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sansio_rtp.codec import CodecRegistry
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.ids import RtpIds
from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from sansio_rtp.session import RtpSession, RtpSessionConfig, RtpStatistics
from sansio_sip.sdp import Direction, NegotiatedMedia
from trio_runtime.base.errors import MediaError, UnsupportedError
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.types import Address
from trio_runtime.media.config import BATCH_RATE, BATCH_SAMPLES, TICK_MS, packet_ms, rtp_config
from trio_runtime.media.digit_queue import queue_digits
from trio_runtime.media.lent import LentSession
from trio_runtime.media.offer import audio_rate
from trio_runtime.media.outgoing import Packetizer
from trio_runtime.media.peer_link import DISCONNECT_S, PeerLink
from trio_runtime.media.ports import MediaPorts
from trio_runtime.media.protection import StreamKeys
from trio_runtime.media.silence import SilenceWatch
from trio_runtime.media.types import AudioFrame, MediaEvent

__all__ = ["RtpPath"]


class RtpPath:
    """Owns the RTP session, which lives from the first agreement on media until there is none any more.

    Attributes:
        link: The sockets.
        lent: The session, and who moves it with others.
        direction: What we do; inactive while there is no session.
        sends: Whether that includes to send.
        dialling: Whether digits were queued and may not all be out; whoever finds that they are may clear it.
        early: Packets dropped because they came before the agreement.
    """

    def __init__(
        self,
        ports: MediaPorts,
        config: MediaConfig,
        *,
        codecs: CodecRegistry,
        ids: RtpIds,
        epoch: float,
        plane: MediaPlane,
        keys: StreamKeys,
    ) -> None:
        """Begin without a session."""
        self.link = PeerLink(ports)
        self.lent = LentSession(plane)
        self.direction, self.sends = Direction.INACTIVE, False
        self.dialling = False
        self.early = 0
        self.codecs = codecs
        self._keys = keys
        self._rate = audio_rate(config, codecs)
        self._ids = ids
        self._config_of = partial(rtp_config, config=config, cname=ids.cname(), epoch=epoch)
        self._packets = Packetizer(self._rate * TICK_MS // 1000)
        self._silence = SilenceWatch(config.rtp_timeout)
        self._last: RtpStatistics | None = None

    @property
    def session(self) -> RtpSession | None:
        """The RTP session, up to date; None while no media is agreed on."""
        return self.lent.current

    @property
    def row(self) -> int | None:
        """Row of the session in the plane, None while there is none or it cannot be moved with others."""
        return self.lent.row

    @property
    def started(self) -> bool:
        """Whether there is a session."""
        return self.lent.bare is not None

    @property
    def sending_digits(self) -> bool:
        """True while digits wait or are being sent."""
        return self.lent.bare is not None and self.lent.bare.sending_digits

    def apply(self, media: NegotiatedMedia, now: float) -> None:
        """Start the media or change it as agreed.

        Raises:
            MediaError: The agreement holds something that cannot be done; nothing was changed.
        """
        try:
            contexts = self._keys.contexts(media.srtp)
            config = self._config_of(media, codecs=self.codecs, contexts=contexts)
            self._configure(config, now)
        except LocalProtocolError as error:
            raise MediaError(f"the agreed media cannot be used: {error}") from error
        self._keys.keep(contexts)
        if media.direction.can_receive and media.direction is not self.direction:
            self._silence.hear(now)
        self.direction, self.sends = media.direction, media.direction.can_send
        n_samples = self._rate * packet_ms(media, self.codecs) // 1000
        if n_samples != self._packets.n_samples:
            self._packets = Packetizer(n_samples)
        self.settle()
        self.link.agree(config.remote, now, rtcp_mux=media.rtcp_mux)

    def stop(self, now: float) -> None:
        """Say goodbye by RTCP and forget the session."""
        session, self.lent.bare = self.lent.leave(), None
        self.direction, self.sends = Direction.INACTIVE, False
        if session is not None:
            session.close(now)
            self.link.send_all(session)
            self._last = session.statistics()

    def statistics(self) -> RtpStatistics | None:
        """Return what the session has measured, the last one when it is over, None when there was none."""
        session = self.session
        return self._last if session is None else session.statistics()

    def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of one of the sockets."""
        session = self.session
        if session is None:
            self.early += 1
        elif component is Component.RTP:
            session.receive_packet(data, source, now)
        else:
            session.receive_rtcp(data, source, now)

    def send(self, session: RtpSession, frame: AudioFrame, now: float) -> None:
        """Send one frame of the clock, in packets of the length that the peer wants."""
        for packet in self._packets.cut(frame):
            session.send_frame(packet, now)

    def skip(self, frames: int, n_samples: int, now: float) -> None:
        """Let the time of frames of the clock pass without sending them, and without what was to be heard."""
        if (session := self.session) is not None:
            if rest := self._packets.take_rest():
                session.skip_frame(rest, now)
            session.skip_frames(frames, n_samples, now)
            session.skip_playout(now)

    def send_digits(self, digits: str, now: float, *, duration_ms: int, gap_ms: int) -> None:
        """Queue digits as telephone-events.

        Raises:
            UnsupportedError: There is no media that may be sent.
            MediaError: A character is no digit, a time is out of range, too many wait, the peer takes none.
        """
        if (session := self.session) is None or not self.direction.can_send:
            raise UnsupportedError("digits cannot be sent now: the call has no media in that direction")
        self.dialling = True
        queue_digits(session, digits, now, duration_ms=duration_ms, gap_ms=gap_ms)

    def flush(self, now: float, on_event: Callable[[MediaEvent], None]) -> None:
        """Run what is due unless the plane does, send the packets that wait, then tell what has happened."""
        session = self.lent.bare  # what it has to say does not depend on what it has lent
        if session is None:
            return
        if self.row is None and (deadline := session.deadline) is not None and deadline <= now:
            session.handle_timeout(now)
        self.link.send_all(session)
        # An event may lead its hearer to end this media; what else the session has to say still counts.
        while (event := session.next_event()) is not None:
            on_event(event)
        if self.lent.bare is not None:
            self.link.connect(self.lent.bare, now)

    def watch(self, now: float, on_event: Callable[[MediaEvent], None]) -> None:
        """Tell when the peer has gone silent, and let it be heard from elsewhere then."""
        if not self.started:
            return
        heard_at = self.lent.heard_at()
        self._silence.hear(heard_at)
        if now - heard_at > DISCONNECT_S:
            self.link.disconnect()
        if self.direction.can_receive and (silence := self._silence.report(now)) is not None:
            on_event(silence)

    def settle(self) -> None:
        """Give the session to the plane of the media clock, or take it out, as its packets allow."""
        self.lent.settle(fits=self._rate == BATCH_RATE and self._packets.n_samples == BATCH_SAMPLES)

    def cut_off(self) -> None:
        """Throw away what is too short for a packet: nothing follows it."""
        self._packets.take_rest()

    def _configure(self, config: RtpSessionConfig, now: float) -> None:
        if (session := self.session) is None:
            self.lent.bare = RtpSession(config, now=now, ids=self._ids)
        else:
            session.update(config, now)
