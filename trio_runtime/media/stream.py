"""The media of one call: what sounds into it, what listens to it, and the way to the network."""

from __future__ import annotations

from collections.abc import Callable

from sansio_rtp.codec import CodecRegistry
from sansio_rtp.ids import RtpIds
from sansio_rtp.machine import Component
from sansio_sip.sdp import Direction, NegotiatedMedia
from trio_runtime.base.clock import Clock
from trio_runtime.base.config import MediaConfig
from trio_runtime.base.errors import MediaError
from trio_runtime.base.types import Address
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.offer import audio_rate
from trio_runtime.media.outgoing import OutgoingAudio
from trio_runtime.media.ports import MediaPorts
from trio_runtime.media.rtp_path import RtpPath
from trio_runtime.media.sinks import AudioSinks
from trio_runtime.media.types import AudioSink, AudioSource, MediaEvent, MediaStatistics

__all__ = ["MediaStream"]


class MediaStream:
    """One call's audio, both ways; the media clock drives it, the owner adds sources and sinks.

    Before the media is agreed on (`apply`) packets are dropped and counted, sources wait, sinks hear nothing.

    Attributes:
        ports: The sockets it has.
        rate: Samples a second of sources and sinks, in Hz.
        muted: Send silence in place of the audio; the sources go on.
        closed: True after `close`.
    """

    def __init__(
        self,
        ports: MediaPorts,
        config: MediaConfig,
        *,
        codecs: CodecRegistry,
        clock: Clock,
        ids: RtpIds,
        epoch: float,
        on_event: Callable[[MediaEvent], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Use `MediaManager.open` instead."""
        self.ports = ports
        self.muted = False
        self.closed = False
        self._clock = clock
        self._path = RtpPath(ports, config, codecs=codecs, ids=ids, epoch=epoch)
        self._on_event = on_event
        self._on_failure = on_failure
        self.rate = audio_rate(config, codecs)
        self._frame_samples = self.rate * TICK_MS // 1000
        self._outgoing = OutgoingAudio(self._frame_samples)
        self._sinks = AudioSinks()
        self._skipped = 0

    @property
    def started(self) -> bool:
        """True while there is media: it was agreed on and is not over."""
        return self._path.session is not None

    @property
    def direction(self) -> Direction:
        """What we do now; inactive before the media is agreed on."""
        return self._path.direction

    @property
    def sending_digits(self) -> bool:
        """True while digits wait or are being sent."""
        return self._path.session is not None and self._path.session.sending_digits

    def apply(self, media: NegotiatedMedia | None, now: float) -> None:
        """Start the media or change it as agreed; None ends it.

        Raises:
            MediaError: The agreement holds something that cannot be done, or the stream is closed.
        """
        self._check_open()
        if media is None:
            self._path.stop(now)
        else:
            self._path.apply(media, now)

    def add_source(self, source: AudioSource) -> None:
        """Let something sound into the call, mixed with whatever sounds already.

        Raises:
            LimitExceededError: There are too many sources already.
            MediaError: The stream is closed.
        """
        self._check_open()
        self._outgoing.add(source)

    def remove_source(self, source: AudioSource) -> None:
        """Silence a source; one that is not there is no error."""
        self._outgoing.remove(source)

    def add_sink(self, sink: AudioSink) -> None:
        """Let something listen to both sides of the call; adding it twice does nothing.

        Raises:
            LimitExceededError: There are too many sinks already.
            MediaError: The stream is closed.
        """
        self._check_open()
        self._sinks.add(sink)

    def remove_sink(self, sink: AudioSink) -> None:
        """Take a sink away; one that is not there is no error."""
        self._sinks.remove(sink)

    def send_digits(self, digits: str, *, duration_ms: int = 160, gap_ms: int = 80) -> None:
        """Queue digits as telephone-events; `sending_digits` is True until the last one is out.

        What stands before a digit that the peer does not take, or that finds the queue full, is sent.

        Raises:
            UnsupportedError: There is no media that may be sent.
            MediaError: A character is no digit, a time is out of range, too many wait, the peer takes none.
        """
        self._path.send_digits(digits, self._clock.now(), duration_ms=duration_ms, gap_ms=gap_ms)

    def statistics(self) -> MediaStatistics:
        """Return what was measured so far."""
        return MediaStatistics(
            local_port=self.ports.port,
            direction=self.direction,
            muted=self.muted,
            early_packets=self._path.early,
            unsent_packets=self._path.unsent,
            skipped_ms=self._skipped * TICK_MS,
            rtp=self._path.statistics(),
        )

    def close(self, now: float) -> None:
        """Say goodbye by RTCP and end every source and sink; the sockets belong to the owner. Idempotent."""
        if self.closed:
            return
        self.closed = True
        try:
            self._path.stop(now)
        finally:
            self._outgoing.close()
            self._sinks.close()

    # From here on: what the media clock calls.

    def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of one of the sockets."""
        self._path.receive(component, data, source, now)

    def tick(self, now: float) -> None:
        """Move 20 ms of audio each way, send it and tell what has happened."""
        session = self._path.session
        if session is None:
            return
        received = session.playout(now)
        sent = self._outgoing.next_frame(can_send=self.direction.can_send)
        if self.muted:
            sent = self._outgoing.silence
        self._path.send(session, sent, now)
        self._sinks.take(received, sent)
        self._path.flush(now, self._on_event)

    def skip(self, ticks: int, now: float) -> None:
        """Let time pass that the clock has missed: timestamps go on, sinks hear silence."""
        session = self._path.session
        if session is None:
            return
        self._skipped += ticks
        self._path.skip(session, ticks * self._frame_samples, now)
        silence = self._outgoing.silence
        for _ in range(ticks):
            self._sinks.take(silence, silence)

    def fail(self, error: Exception) -> None:
        """Tell the owner that the stream raised; the owner closes it."""
        self._on_failure(error)

    def _check_open(self) -> None:
        if self.closed:
            raise MediaError("the media of the call is closed")
