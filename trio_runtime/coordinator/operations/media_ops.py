"""What calls and conferences ask of the media side without the signalling side: mute, music, rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trio_runtime.base.errors import MediaError, VoipError
from trio_runtime.media import Recorder

if TYPE_CHECKING:
    from os import PathLike

    from trio_runtime.base.types import SessionId
    from trio_runtime.media import MediaManager, NoMedia, Playable, Player, Room, RoomEvent

__all__ = ["MediaOps"]


class MediaOps:
    """The media part of the coordinator's side.

    Args:
        media: The media side.
    """

    def __init__(self, media: MediaManager | NoMedia) -> None:
        self._media = media

    def mute(self, session_id: SessionId, *, muted: bool) -> None:
        """Send silence in place of the audio, or the audio again."""
        self._media.mute(session_id, muted=muted)

    def muted(self, session_id: SessionId) -> bool:
        """Return whether silence is sent in place of the audio."""
        return self._media.muted(session_id)

    async def prepare_music(self, music: Playable) -> Player:
        """Open music for `begin_hold`."""
        return await self._media.prepare_music(music)

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""
        self._media.hold(session_id, music)

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""
        self._media.release(session_id)

    def codecs(self) -> tuple[str, ...]:
        """Return the names of the codecs that are offered where nothing else is said."""
        return self._media.codec_names

    def open_room(self, on_event: Callable[[RoomEvent], None], *, rate: int | None = None) -> Room:
        """Return a new room.

        Args:
            on_event: Takes what the room tells.
            rate: Samples a second in it, in Hz; None is enough for all that calls have.

        Raises:
            ConfigurationError: There is no such rate.
            MediaError: There is no audio here.
            LimitExceededError: Too many rooms are open.
        """
        return self._media.open_room(on_event, rate=rate)

    def start_recording(self, session_id: SessionId, path: str | PathLike[str]) -> Recorder:
        """Record what the peer of a call says, until `stop_recording` or its end.

        Raises:
            AudioFileError: The file cannot be written.
            LimitExceededError: The call is recorded too often.
            MediaError: The call has no media.
        """
        stream = self._media.stream(session_id)
        if stream is None:
            raise MediaError("the call has no media (yet)")
        recorder = Recorder(path, "received", stream.rate)
        try:
            stream.add_sink(recorder)
        except VoipError:
            recorder.close()
            raise
        return recorder

    def stop_recording(self, session_id: SessionId, recorder: Recorder) -> None:
        """End a recording."""
        stream = self._media.stream(session_id)
        if stream is not None:
            stream.remove_sink(recorder)
        recorder.close()
