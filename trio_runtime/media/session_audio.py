"""What a call does with its audio: hear and speak, play, record, send digits, measure."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from os import PathLike
from weakref import WeakValueDictionary

from sansio_rtp.session import QualityHistory
from trio_runtime.base.errors import MediaError
from trio_runtime.media.audio import CallAudio
from trio_runtime.media.digits import send_digits, tones_of
from trio_runtime.media.player import Playable, Player, open_player
from trio_runtime.media.recorder import Channels, Recorder, recording
from trio_runtime.media.rooms.events import RoomEvent
from trio_runtime.media.rooms.room import Room
from trio_runtime.media.stream import MediaStream
from trio_runtime.media.types import MediaStatistics

__all__ = ["SessionAudio"]


def _closed() -> Exception:
    return MediaError("the media of the call is closed")


class SessionAudio:
    """The audio of sessions, as far as they have a stream; both media managers are one.

    Where a method takes `ended`, that makes the exception for who still waits when the session is closed. It
    is called when the waiting task goes on, not while the session is being closed.
    """

    def __init__(self, rate: int) -> None:
        """Let all audio have `rate` samples a second."""
        self._rate = rate
        # Weak: a call that asks only after its end must not leave anything behind.
        self._audio: WeakValueDictionary[str, CallAudio] = WeakValueDictionary()

    def stream(self, session: str) -> MediaStream | None:
        """Return the stream of a session, to which sources and sinks are added; None when it has none."""
        return None

    def statistics(self, session: str) -> MediaStatistics | None:
        """Return what was measured in a session; None when it has no media."""
        stream = self.stream(session)
        return None if stream is None else stream.statistics()

    def quality_history(self, session: str) -> QualityHistory:
        """Return the quality of a session over time, both directions; empty when it has no media."""
        stream = self.stream(session)
        return QualityHistory() if stream is None else stream.quality_history()

    def audio(self, session: str, ended: Callable[[], Exception] = _closed) -> CallAudio:
        """Return the audio of a session, made when first asked for, also before it has media.

        Ask while the session lives, and keep it: one that is asked for after `close` never ends.
        """
        audio = self._audio.get(session)
        if audio is None:
            audio = self._audio[session] = CallAudio(ended=ended, rate=self._rate)
            self._attach_audio(session)
        return audio

    async def play(self, session: str, source: Playable, ended: Callable[[], Exception] = _closed) -> None:
        """Play something into a session and return at its end.

        Args:
            session: The session.
            source: Path or content of a WAV file, int16 samples at the rate of the call, or a feed.
            ended: See the class.

        Raises:
            AudioFileError: The file cannot be played; nothing was.
            MediaError: The session has no media.
        """
        stream = self._existing(session)
        player = await self.start_playing(session, source, ended)
        try:
            await player.finished()
        finally:
            stream.remove_source(player)

    async def start_playing(
        self, session: str, source: Playable, ended: Callable[[], Exception] = _closed
    ) -> Player:
        """Begin to play something into a session, and return its player: `Player.stop` ends it.

        Raises: as `play` does.
        """
        stream = self._existing(session)
        player = await open_player(source, ended=ended, rate=self._rate)
        if stream.closed:
            raise ended()
        stream.add_source(player)
        return player

    async def prepare_music(self, source: Playable) -> Player:
        """Return what `hold` takes as music; it repeats. All that can be wrong with it shows here.

        Raises:
            AudioFileError: The file cannot be played.
            MediaError: The samples are not int16 of one dimension.
        """
        return await open_player(source, ended=_closed, rate=self._rate, repeat=True)

    def hold(self, session: str, music: Player | None) -> None:
        """Let the peer hear nothing but music; without media, nothing happens."""
        if (stream := self.stream(session)) is not None:
            stream.hold(music)

    def release(self, session: str) -> None:
        """Let the peer hear everything again."""
        if (stream := self.stream(session)) is not None:
            stream.release()

    def open_room(
        self, on_event: Callable[[RoomEvent], None] | None = None, *, rate: int | None = None
    ) -> Room:
        """Return a new room.

        Raises:
            MediaError: There is no audio here.
        """
        raise MediaError("there is no audio here, and so no room")

    @property
    def codec_names(self) -> tuple[str, ...]:
        """Names of the codecs that are offered where nothing else is said."""
        return ()

    def mute(self, session: str, *, muted: bool) -> None:
        """Send silence in place of the audio, or the audio again.

        Raises:
            MediaError: The session has no media.
        """
        self._existing(session).muted = muted

    def muted(self, session: str) -> bool:
        """Return whether silence is sent in place of the audio."""
        stream = self.stream(session)
        return stream is not None and stream.muted

    def recording(
        self, session: str, path: str | PathLike[str], channels: Channels = "both"
    ) -> AbstractAsyncContextManager[Recorder]:
        """Return an async context manager that records a session while its block lasts.

        Raises:
            MediaError: The session has no media.
        """
        return recording(self._existing(session), path, channels)

    async def send_digits(
        self,
        session: str,
        digits: str,
        duration_ms: int = 160,
        gap_ms: int = 80,
        ended: Callable[[], Exception] = _closed,
        *,
        inband: bool = False,
    ) -> None:
        """Send telephone-events, or with `inband` tones in the audio, and return when they are out.

        Raises:
            UnsupportedError: There is no media that may be sent.
            MediaError: The session has no media, a digit or a time is not allowed, too many wait, or the peer
                takes no telephone-events.
        """
        stream = self._existing(session)
        if inband:
            await self.play(session, tones_of(digits, self._rate, duration_ms, gap_ms), ended)
            return
        await send_digits(stream, digits, duration_ms=duration_ms, gap_ms=gap_ms, ended=ended)

    def _existing(self, session: str) -> MediaStream:
        stream = self.stream(session)
        if stream is None:
            raise MediaError("the call has no media (yet)")
        return stream

    def _attach_audio(self, session: str) -> None:
        audio, stream = self._audio.get(session), self.stream(session)
        if audio is not None and stream is not None:
            stream.add_source(audio)
            stream.add_sink(audio)

    def _end_audio(self, session: str) -> None:
        if (audio := self._audio.pop(session, None)) is not None:
            audio.close()
