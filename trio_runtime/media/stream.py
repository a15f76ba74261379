"""The media of one call: what sounds into it, what listens to it, and the way to the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sansio_rtp.ids import RtpIds
from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from sansio_sip.sdp import Direction, NegotiatedMedia
from trio_runtime.base.clock import Clock
from trio_runtime.base.config import MediaConfig
from trio_runtime.base.errors import MediaError
from trio_runtime.base.types import Address
from trio_runtime.media.config import FRAME_SAMPLES, SAMPLE_RATE, TICK_MS
from trio_runtime.media.outgoing import OutgoingAudio
from trio_runtime.media.ports import MediaPorts
from trio_runtime.media.rtp_path import RtpPath
from trio_runtime.media.sinks import AudioSinks
from trio_runtime.media.types import AudioFrame, AudioSink, AudioSource, MediaEvent, MediaStatistics

__all__ = ["MediaStream", "StreamEngine"]


class StreamEngine(Protocol):
    """What a stream needs of the media clock that drives it."""

    @property
    def plane(self) -> MediaPlane:
        """Where sessions are that can be moved together."""
        ...

    def moved(self, stream: MediaStream, before: int | None) -> None:
        """Take note that a stream has another row in the plane."""
        ...


class MediaStream:
    """One call's audio, both ways; the media clock drives it, the owner adds sources and sinks.

    Before the media is agreed on (`apply`) packets are dropped and counted, sources wait, sinks hear nothing.

    Attributes:
        ports: The sockets it has.
        muted: Send silence in place of the audio; the sources go on.
        closed: True after `close`.
    """

    def __init__(
        self,
        ports: MediaPorts,
        config: MediaConfig,
        *,
        clock: Clock,
        ids: RtpIds,
        epoch: float,
        engine: StreamEngine,
        on_event: Callable[[MediaEvent], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Use `MediaManager.open` instead."""
        self.ports = ports
        self.muted = False
        self.closed = False
        self._clock = clock
        self._path = RtpPath(ports, config, ids=ids, epoch=epoch, plane=engine.plane)
        self._engine = engine
        self._on_event = on_event
        self._on_failure = on_failure
        self._outgoing = OutgoingAudio(FRAME_SAMPLES)
        self._sinks = AudioSinks()
        self._skipped = 0

    @property
    def started(self) -> bool:
        """True while there is media: it was agreed on and is not over."""
        return self._path.started

    @property
    def row(self) -> int | None:
        """Its row in the plane of the media clock; None while it has none and is moved by itself."""
        return self._path.row

    @property
    def direction(self) -> Direction:
        """What we do now; inactive before the media is agreed on."""
        return self._path.direction

    @property
    def rate(self) -> int:
        """Samples a second of sources and sinks, in Hz."""
        return SAMPLE_RATE

    @property
    def sending_digits(self) -> bool:
        """True while digits wait or are being sent."""
        return self._path.sending_digits

    def apply(self, media: NegotiatedMedia | None, now: float) -> None:
        """Start the media or change it as agreed; None ends it.

        Raises:
            MediaError: The agreement holds something that cannot be done, or the stream is closed.
        """
        self._check_open()
        before = self.row
        try:
            if media is None:
                self._path.stop(now)
            else:
                self._path.apply(media, now)
        finally:
            if self.row != before:
                self._engine.moved(self, before)

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
        before = self.row
        try:
            self._path.stop(now)
        finally:
            self._engine.moved(self, before)
            self._outgoing.close()
            self._sinks.close()

    # From here on: what the media clock calls.

    def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of one of the sockets."""
        self._path.receive(component, data, source, now)

    def tick(self, now: float) -> None:
        """Move 20 ms of audio each way, send it and tell what has happened: a stream that has no row."""
        session = self._path.session
        if session is None:
            return
        received = session.playout(now)
        sent = self.next_frame()
        self._path.send(session, sent, now)
        self._sinks.take(received, sent)
        self.flush(now)

    @property
    def speaks(self) -> bool:
        """Whether anything sounds into the call; else `next_frame` is silence."""
        return self._outgoing.sounds

    def next_frame(self) -> AudioFrame:
        """Return the next 20 ms to send."""
        frame = self._outgoing.next_frame(can_send=self.direction.can_send)
        return self._outgoing.silence if self.muted else frame

    @property
    def listened(self) -> bool:
        """Whether anybody listens to the call."""
        return self._sinks.any

    def hear(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Give 20 ms of each side to whoever listens; the arrays belong to the media clock."""
        self._sinks.take(received, sent)

    def transmit(self, packet: memoryview) -> None:
        """Send a packet that the plane has built."""
        self._path.transmit(packet)

    def flush(self, now: float) -> None:
        """Send what the session has to send, and tell what has happened."""
        self._path.flush(now, self._on_event)

    def watch(self, now: float) -> None:
        """Take note whether the peer has gone silent."""
        self._path.watch(now, self._on_event)

    def skip(self, ticks: int, now: float) -> None:
        """Let time pass that the clock has missed: timestamps go on, sinks hear silence."""
        session = self._path.session
        if session is None:
            return
        self._skipped += ticks
        self._path.skip(session, ticks * FRAME_SAMPLES, now)
        silence = self._outgoing.silence
        for _ in range(ticks):
            self._sinks.take(silence, silence)

    def fail(self, error: Exception) -> None:
        """Tell the owner that the stream raised; the owner closes it."""
        self._on_failure(error)

    def _check_open(self) -> None:
        if self.closed:
            raise MediaError("the media of the call is closed")
