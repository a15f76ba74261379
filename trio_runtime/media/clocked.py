"""What the media clock sees of a stream: something that takes packets, and a frame each way every 20 ms."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from sansio_rtp.codec import CodecRegistry
from sansio_rtp.ids import RtpIds
from sansio_rtp.machine import Component
from sansio_rtp.plane import MediaPlane
from sansio_sip.sdp import Direction
from trio_runtime.base.clock import Clock
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.types import Address
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.offer import audio_rate
from trio_runtime.media.outgoing import OutgoingAudio
from trio_runtime.media.peer_link import PeerLink
from trio_runtime.media.ports import MediaPorts
from trio_runtime.media.protection import StreamKeys
from trio_runtime.media.rtp_path import RtpPath
from trio_runtime.media.sinks import AudioSinks
from trio_runtime.media.types import AudioFrame, MediaEvent

__all__ = ["ClockedStream", "StreamEngine"]

logger = logging.getLogger("trio_runtime")


class StreamEngine(Protocol):
    """What a stream needs of the media clock that drives it."""

    @property
    def plane(self) -> MediaPlane:
        """Where sessions are that can be moved together."""
        ...

    def read(self) -> None:
        """Take what has come up to now: it was sent under what holds until now."""
        ...

    def moved(self, stream: ClockedStream, before: int | None) -> None:
        """Take note that a stream has another row in the plane."""
        ...

    def agreed(self, stream: ClockedStream) -> None:
        """Take note that the media of a stream was agreed on anew, or is over."""
        ...


class ClockedStream:
    """The state of a stream, and what the media clock does with it; `MediaStream` is its owner's side.

    Attributes:
        outgoing: What sounds into the call.
        sinks: What listens to it.
        room_frame: What a room says in the next `tick`, at the rate of the stream; None without a room.
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
        engine: StreamEngine,
        keys: StreamKeys,
        on_event: Callable[[MediaEvent], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Use `MediaManager.open` instead."""
        self.ports = ports
        self.muted = False
        self.closed = False
        self._clock = clock
        self.keys = keys
        self._path = RtpPath(
            ports, config, codecs=codecs, ids=ids, epoch=epoch, plane=engine.plane, keys=keys
        )
        self._engine = engine
        self._on_event = on_event
        self._on_failure = on_failure
        self.rate = audio_rate(config, codecs)
        self._frame_samples = self.rate * TICK_MS // 1000
        self.outgoing = OutgoingAudio(self._frame_samples)
        self.sinks = AudioSinks()
        self._skipped = 0
        self.room_frame: AudioFrame | None = None
        self._received: AudioFrame | None = None

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
    def sending_digits(self) -> bool:
        """True while digits wait or are being sent."""
        return self._path.sending_digits

    @property
    def path(self) -> RtpPath:
        """The way between its audio and the network."""
        return self._path

    @property
    def link(self) -> PeerLink:
        """Its way to the network."""
        return self._path.link

    def trusts(self, source: Address) -> bool:
        """Tell whether what comes from an address is the peer's."""
        return self._path.link.trusts(source)

    def receive(self, component: Component, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of one of the sockets."""
        self._path.receive(component, data, source, now)

    def tick(self, now: float) -> None:
        """Move 20 ms of audio each way, send it and tell what has happened: a stream that has no row."""
        session = self._path.session
        if session is None:
            return
        received, self._received = self._received, None
        room, self.room_frame = self.room_frame, None
        if received is None:
            received = session.playout(now)
        sent = self.next_frame(room)
        self._path.send(session, sent, now)
        self.sinks.take(received, sent)
        self.flush(now)

    def listen(self, now: float) -> AudioFrame | None:
        """Return what `tick` will hear, for the room of a stream that has no row; None without media."""
        session = self._path.session
        self._received = None if session is None else session.playout(now)
        return self._received

    def hear(self, frame: AudioFrame) -> None:
        """Take what a room says in the next `tick`, at the rate of the stream."""
        self.room_frame = frame

    @property
    def withheld(self) -> bool:
        """Whether nothing is said into the call, whatever sounds."""
        return self.muted or not self._path.sends

    def next_frame(self, room: AudioFrame | None = None) -> AudioFrame:
        """Return the next 20 ms to send: the mix of its sources and of what its room says."""
        frame = self.outgoing.next_frame(can_send=self._path.sends, room=room)
        return self.outgoing.silence if self.muted else frame

    def flush(self, now: float) -> None:
        """Send what the session has to send, and tell what has happened."""
        self._path.flush(now, self._on_event)

    def watch(self, now: float) -> None:
        """Take note whether the peer has gone silent."""
        self._path.watch(now, self._on_event)

    def skip(self, ticks: int, now: float) -> None:
        """Let time pass that the clock has missed: timestamps go on, sinks hear silence."""
        self._path.skip(ticks, self._frame_samples, now)
        self.miss(ticks)

    def miss(self, ticks: int) -> None:
        """Take note of ticks that the plane has left out, and let sinks hear silence."""
        if not self.started:
            return
        self._skipped += ticks
        if self.sinks.listeners:
            silence = self.outgoing.silence
            for _ in range(ticks):
                self.sinks.take(silence, silence)

    def fail(self, error: Exception) -> None:
        """Tell the owner that the stream raised; the owner closes it."""
        logger.error("the media on port %d failed and is closed", self.ports.port, exc_info=error)
        try:
            self._on_failure(error)
        except Exception:
            logger.exception("closing the media on port %d failed as well", self.ports.port)
