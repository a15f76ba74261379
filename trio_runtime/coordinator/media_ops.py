"""What sounds into calls and listens to them: audio, players, recorders, digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sansio_sip.sdp import LocalMedia, NegotiatedMedia
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import SessionId
    from trio_runtime.media import MediaManager, MediaStatistics, NoMedia

__all__ = ["MediaOps"]


class MediaOps:
    """Everything that the calls of one coordinator do with media.

    Args:
        environment: Clock.
        media: The media side.
    """

    def __init__(self, environment: Environment, media: MediaManager | NoMedia) -> None:
        self._clock = environment.clock
        self._media = media

    def open(self, session_id: SessionId) -> LocalMedia:
        return self._media.open(session_id)

    def apply(self, session_id: SessionId, media: NegotiatedMedia | None) -> None:
        self._media.apply(session_id, media)

    def close(self, session_id: SessionId) -> None:
        self._media.close(session_id)

    def statistics(self, session_id: SessionId) -> MediaStatistics | None:
        return self._media.statistics(session_id)
