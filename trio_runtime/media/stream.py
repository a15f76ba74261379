"""The media of one call: what sounds into it, what listens to it, and the way to the network."""

from __future__ import annotations

from sansio_rtp.session import QualityHistory, RtpCounts
from sansio_sip.sdp import NegotiatedMedia
from trio_runtime.base.errors import MediaError
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.types import AudioSink, AudioSource, MediaStatistics

__all__ = ["MediaStream"]


class MediaStream(ClockedStream):
    """One call's audio, both ways; the media clock drives it, the owner adds sources and sinks.

    Before the media is agreed on (`apply`) packets are dropped and counted, sources wait, sinks hear nothing.

    Attributes:
        ports: The sockets it has.
        keys: What protects it.
        rate: Samples a second of sources and sinks, in Hz.
        muted: Send silence in place of the audio; the sources go on.
        closed: True after `close`.
    """

    def apply(self, media: NegotiatedMedia | None, now: float) -> None:
        """Start the media or change it as agreed; None ends it.

        Raises:
            MediaError: The agreement holds something that cannot be done, or the stream is closed.
        """
        self._check_open()
        self._engine.read()
        self._received = self.room_frame = None
        before = self.row
        try:
            if media is None:
                self._path.stop(now)
            else:
                self._path.apply(media, now)
        finally:
            if self.row != before:
                self._engine.moved(self, before)
            self._engine.agreed(self)

    def add_source(self, source: AudioSource) -> None:
        """Let something sound into the call, mixed with whatever sounds already.

        Raises:
            LimitExceededError: There are too many sources already.
            MediaError: The stream is closed.
        """
        self._check_open()
        self.outgoing.add(source)

    def remove_source(self, source: AudioSource) -> None:
        """Silence a source; one that is not there is no error."""
        self.outgoing.remove(source)

    def hold(self, music: AudioSource | None) -> None:
        """Let the peer hear nothing but `music`, until `release`: None is silence."""
        self._check_open()
        self.outgoing.hold(music)

    def release(self) -> None:
        """Let the peer hear everything again; not on hold, nothing happens."""
        self.outgoing.release()

    def add_sink(self, sink: AudioSink) -> None:
        """Let something listen to both sides of the call; adding it twice does nothing.

        Raises:
            LimitExceededError: There are too many sinks already.
            MediaError: The stream is closed.
        """
        self._check_open()
        self.sinks.add(sink)

    def remove_sink(self, sink: AudioSink) -> None:
        """Take a sink away; one that is not there is no error."""
        self.sinks.remove(sink)

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
            unsent_packets=self._path.link.unsent,
            skipped_ms=self._skipped * TICK_MS,
            srtp=self.keys.suite,
            rtp=self._path.statistics(),
        )

    def quality_history(self) -> QualityHistory:
        """Return the quality of both directions over time; empty before there is media."""
        session = self._path.lent.bare
        return QualityHistory() if session is None else session.quality_history()

    @property
    def counts(self) -> RtpCounts:
        """What had been counted when the quality was measured last, at most some seconds ago."""
        session = self._path.lent.bare
        return RtpCounts() if session is None else session.counts

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
            self.outgoing.close()
            self.sinks.close()

    def _check_open(self) -> None:
        if self.closed:
            raise MediaError("the media of the call is closed")
