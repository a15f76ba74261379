"""Which calls hear each other: one bridge a call, looked up by either side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallStateError
from trio_runtime.media import MediaBridge

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.session import Digit

__all__ = ["MediaBridges"]


class MediaBridges:
    """The bridges between two calls each.

    Args:
        media: The media side.
    """

    def __init__(self, media: MediaManager | NoMedia) -> None:
        self._media = media
        self._by_session: dict[str, MediaBridge] = {}

    def __len__(self) -> int:
        return len(self._by_session)

    def connect(self, a: SessionId, b: SessionId) -> MediaBridge:
        """Let two calls hear each other.

        Raises:
            CallStateError: One of them is connected already.
        """
        for session in (a, b):
            if session in self._by_session:
                raise CallStateError("the call is connected already", session_id=session)
        bridge = MediaBridge(self._media, (a, b), _soon)
        self._by_session[a] = self._by_session[b] = bridge
        return bridge

    def disconnect(self, bridge: MediaBridge) -> None:
        """End a bridge; one that is over already is no error."""
        bridge.close()
        for session in bridge.sessions:
            if self._by_session.get(session) is bridge:
                del self._by_session[session]

    def call_over(self, session: str) -> None:
        """Take note that a call is over, and its bridge with it."""
        bridge = self._by_session.get(session)
        if bridge is not None:
            self.disconnect(bridge)

    def agreed(self, session: str) -> None:
        """Take note that the media of a call was agreed on anew."""
        bridge = self._by_session.get(session)
        if bridge is not None:
            bridge.settle()

    def pass_digit(self, session: str, digit: Digit) -> None:
        """Pass a key of a call on."""
        bridge = self._by_session.get(session)
        if bridge is not None:
            in_media = digit.source != "info"
            bridge.pass_digit(session, digit.digit, digit.duration_ms, in_media=in_media)


def _soon(action: Callable[[], None]) -> None:
    trio.lowlevel.current_trio_token().run_sync_soon(action)
