"""What calls and conferences ask of the media side without the signalling side: mute, music, rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

    def open_room(self, on_event: Callable[[RoomEvent], None]) -> Room:
        """Return a new room.

        Raises:
            MediaError: There is no audio here.
        """
        return self._media.open_room(on_event)
