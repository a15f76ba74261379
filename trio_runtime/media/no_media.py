"""The media manager of a coordinator without audio, for signalling load."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import trio

from sansio_sip.sdp import Direction, LocalMedia, NegotiatedMedia
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.media.codecs import codecs_for
from trio_runtime.media.config import local_media
from trio_runtime.media.offer import audio_rate
from trio_runtime.media.places import MediaPlaces
from trio_runtime.media.protection import own_keys
from trio_runtime.media.session_audio import SessionAudio
from trio_runtime.media.types import EngineStatistics, MediaStatistics, RtpTotals

__all__ = ["NoMedia"]

_DISCARD_PORT = 9  # a real port has to stand there; nothing is sent to an inactive stream


class NoMedia(SessionAudio):
    """Agrees on audio that flows in neither direction; opens no socket and runs no clock.

    No session ever has a stream, so that there is nothing to play into, to record or to measure.
    """

    def __init__(
        self,
        config: MediaConfig,
        *,
        advertised_host: str,
        random_bytes: Callable[[int], bytes],
        guess: Callable[[bool], str] | None = None,
    ) -> None:
        """Offer the codecs of `config`.

        Args:
            config: The media settings.
            advertised_host: IP address to write into descriptions.
            random_bytes: Returns n unpredictable octets.
            guess: Gives an address of ours, IPv6 or not, where it depends on the peer; see `MediaPlaces`.

        Raises:
            ConfigurationError: A codec is not known, or none can be had.
        """
        codecs = codecs_for(config.codecs)
        super().__init__(audio_rate(config, codecs))
        self.places = MediaPlaces(advertised_host, guess=guess)
        self._config = config
        self._host = advertised_host
        self._keys = own_keys(config, random_bytes)  # the same for all calls: they never protect anything
        self._local = self._media_of(config)

    @property
    def codec_names(self) -> tuple[str, ...]:
        """Names of the codecs that are offered where nothing else is said."""
        return self._config.codecs

    @property
    def open_streams(self) -> int:
        """Return 0: there are no streams."""
        return 0

    async def run(self) -> None:
        """Return at once: there is nothing to keep time for."""
        await trio.lowlevel.checkpoint()

    def open(self, session: str) -> LocalMedia:
        """Return an inactive stream to offer."""
        local, address = self._local, self.places.of(session).address
        return local if address == local.address else attrs.evolve(local, address=address)

    def offer(self, session: str, codecs: tuple[str, ...]) -> LocalMedia:
        """Return an inactive stream with other codecs; see `MediaManager.offer`."""
        return self._media_of(attrs.evolve(self._config, codecs=codecs, sample_rate=self._rate))

    def _media_of(self, config: MediaConfig) -> LocalMedia:
        return local_media(
            config,
            codecs_for(config.codecs),
            self._host,
            _DISCARD_PORT,
            direction=Direction.INACTIVE,
            crypto=self._keys,
            any_interface=self.places.of("").any_interface,
        )

    def apply(self, session: str, media: NegotiatedMedia | None, now: float | None = None) -> None:
        """Do nothing: nothing flows."""

    def close(self, session: str) -> MediaStatistics | None:
        """End the audio of a session, which was silent; there is nothing to tell of it."""
        self._end_audio(session)
        self.places.forget(session)
        return None

    def close_all(self) -> None:
        """End the audio of every session."""
        for session in list(self._audio):
            self.close(session)

    def totals(self) -> RtpTotals | None:
        """Return None: nothing is sent or received."""
        return None

    def engine_statistics(self) -> EngineStatistics | None:
        """Return None: there is no clock."""
        return None
