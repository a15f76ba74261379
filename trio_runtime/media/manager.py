"""All media of a coordinator behind one door, the twin of `DialogManager`."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import trio

from sansio_rtp.codec import CodecRegistry
from sansio_rtp.ids import RtpIds
from sansio_sip.sdp import LocalMedia, NegotiatedMedia
from trio_runtime.base.environment import Environment
from trio_runtime.base.errors import MediaError
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.media.captured import captured_io, told_keys
from trio_runtime.media.clock.engine import MediaEngine
from trio_runtime.media.codecs import codecs_for
from trio_runtime.media.config import local_media
from trio_runtime.media.offer import audio_rate
from trio_runtime.media.places import MediaPlaces
from trio_runtime.media.ports import PortAllocator
from trio_runtime.media.protection import StreamKeys, ciphers_for, own_keys
from trio_runtime.media.stream import MediaStream
from trio_runtime.media.together import SharedAudio
from trio_runtime.media.totals import TotalsOfStreams
from trio_runtime.media.types import EngineStatistics, MediaEvent, MediaStatistics, RtpTotals, StreamFailed
from trio_runtime.observe.capture import Capture

__all__ = ["MediaManager"]


class MediaManager(SharedAudio):
    """Opens, changes and ends the media of calls, each known by the name of its session only."""

    def __init__(
        self,
        environment: Environment,
        config: MediaConfig,
        *,
        advertised_host: str,
        on_event: Callable[[str, MediaEvent], None],
        bind_host: str | None = None,
        guess: Callable[[bool], str] | None = None,
        engine: MediaEngine | None = None,
        codecs: CodecRegistry | None = None,
        capture: Capture | None = None,
    ) -> None:
        """Prepare; no port is taken yet.

        Args:
            environment: Clock, network and randomness.
            config: The media settings.
            advertised_host: IP address that peers send media to.
            on_event: Takes what the media of a session tells; called in the media clock: it must be quick.
            bind_host: Address that media sockets are bound to; None is every address of the machine.
            guess: Gives an address of ours, IPv6 or not, where it depends on the peer; see `MediaPlaces`.
            engine: A media clock to share, which somebody else runs; None makes an own one for `run`.
            codecs: The codecs there are; None looks for libraries where the configuration names one.
            capture: Takes what passes the sockets of an own media clock.

        Raises:
            ConfigurationError: A codec is not known, or none can be had; or SRTP is on without its library.
        """
        self._ciphers = ciphers_for(config)
        self._codecs, self._finds_codecs = codecs or codecs_for(config.codecs), codecs is None
        self._capture = capture
        self._owns_engine = engine is None
        self._engine = engine or MediaEngine(
            environment.clock,
            captured_io(environment, advertised_host, config.dscp, capture),
            captured_io(environment, advertised_host, config.dscp, capture),
            relay_mode=config.relay_mode,
        )
        super().__init__(audio_rate(config, self._codecs), self._engine)
        self._environment = environment
        self._config = config
        self.places = MediaPlaces(advertised_host, bind_host, guess=guess)
        self._on_event = on_event
        self._ids = RtpIds(environment.random_bytes)
        self._allocator = PortAllocator(config.ports, environment.clock)
        self._streams: dict[str, MediaStream] = {}
        self._totals = TotalsOfStreams()

    @property
    def codec_names(self) -> tuple[str, ...]:
        """Names of the codecs that are offered where nothing else is said."""
        return self._config.codecs

    @property
    def open_streams(self) -> int:
        """How many sessions have ports."""
        return len(self._streams)

    async def run(self) -> None:
        """Run the media clock until cancelled; with a shared one there is nothing to run."""
        if self._owns_engine:
            await self._engine.run()
        else:
            await trio.lowlevel.checkpoint()

    def open(self, session: str) -> LocalMedia:
        """Take ports for a session and return what to offer; the same again for one that has some.

        Raises:
            PortsExhaustedError: No port is free.
            NetworkError: The address cannot be bound.
        """
        stream, place = self._streams.get(session), self.places.of(session)
        if stream is None:
            stream = self._streams[session] = self._new_stream(session, place.bind_host)
            self._engine.add(stream)
            self._attach_audio(session)
        return self._local_media(session, stream, self._config)

    def offer(self, session: str, codecs: tuple[str, ...]) -> LocalMedia:
        """Return what to offer in place of what `open` gave: other codecs, or others first.

        Raises:
            ConfigurationError: A codec is not known, is named twice, or none of them can be had.
            MediaError: The session has no media.
        """
        stream = self._existing(session)
        config = attrs.evolve(self._config, codecs=codecs, sample_rate=self._rate)
        if self._finds_codecs:
            stream.path.codecs = codecs_for((*self._config.codecs, *codecs))
        return self._local_media(session, stream, config)

    def apply(self, session: str, media: NegotiatedMedia | None, now: float | None = None) -> None:
        """Start or change the media of a session as agreed; None means that there is no audio (now).

        Raises:
            MediaError: The session has no ports, or the agreement holds something that cannot be done.
        """
        stream = self._streams.get(session)
        if stream is not None:
            stream.apply(media, self._environment.clock.now() if now is None else now)
        elif media is not None:
            raise MediaError("the call has no media ports")

    def close(self, session: str) -> MediaStatistics | None:
        """End the media of a session and return its final statistics; None when it has none (any more)."""
        self._end_audio(session)
        self.places.forget(session)
        stream = self._streams.pop(session, None)
        if stream is None:
            return None
        self._engine.remove(stream)
        try:
            stream.close(self._environment.clock.now())
        finally:
            self._allocator.release(stream.ports)
        return self._totals.end(stream.statistics())

    def close_all(self) -> None:
        """End the media of every session and release every socket."""
        for session in [*self._streams, *self._audio]:
            self.close(session)
        if self._owns_engine:
            self._engine.close()

    def stream(self, session: str) -> MediaStream | None:
        """Return the stream of a session, to which sources and sinks are added; None when it has none."""
        return self._streams.get(session)

    def totals(self) -> RtpTotals | None:
        """Return what all sessions had counted, those that are open some seconds ago."""
        return self._totals.totals(stream.counts for stream in self._streams.values())

    def engine_statistics(self) -> EngineStatistics | None:
        """Return how well the media clock keeps time."""
        return self._engine.statistics()

    def _local_media(self, session: str, stream: MediaStream, config: MediaConfig) -> LocalMedia:
        place, codecs, keys = self.places.of(session), stream.path.codecs, stream.keys.own
        at, anywhere = (place.address, stream.ports.port), place.any_interface
        return local_media(config, codecs, *at, crypto=keys, any_interface=anywhere)

    def _new_stream(self, session: str, bind_host: str) -> MediaStream:
        ports = self._allocator.open(self._engine.io, bind_host)
        own = own_keys(self._config, self._environment.random_bytes)
        return MediaStream(
            ports,
            self._config,
            codecs=self._codecs,
            clock=self._environment.clock,
            ids=self._ids,
            epoch=self._environment.epoch,
            engine=self._engine,
            # A stream has its port for life, and so its keys: another port is another stream.
            keys=StreamKeys(self._ciphers, own, on_change=told_keys(ports.port, self._capture)),
            on_event=lambda event: self._on_event(session, event),
            on_failure=lambda error: self._fail(session, error),
        )

    def _fail(self, session: str, error: Exception) -> None:
        try:
            self.close(session)
        finally:
            self._on_event(session, StreamFailed(f"{type(error).__name__}: {error}".rstrip(": ")))
