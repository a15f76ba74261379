"""Which calls hear each other: one bridge a call, looked up by either side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallStateError
from trio_runtime.base.types import SessionId
from trio_runtime.bridge import BridgeInfo
from trio_runtime.events.conference_types import BridgeClosed, BridgeOpened
from trio_runtime.media import MediaBridge

if TYPE_CHECKING:
    from trio_runtime.media import MediaManager, NoMedia
    from trio_runtime.session import Digit

__all__ = ["MediaBridges"]


class MediaBridges:
    """The bridges between two calls each.

    Args:
        media: The media side.
        now: Returns the time in seconds.
        publish: Publishes an event.
    """

    def __init__(
        self,
        media: MediaManager | NoMedia,
        now: Callable[[], float],
        publish: Callable[..., None],
    ) -> None:
        self._media = media
        self._now = now
        self._publish = publish
        self._by_session: dict[str, MediaBridge] = {}
        self._opened: dict[MediaBridge, tuple[str, float]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._by_session)

    def infos(self) -> tuple[BridgeInfo, ...]:
        """Return what each bridge is like, the oldest first."""
        return tuple(
            [
                BridgeInfo(name, created_at, _pair(bridge), bridge.mode)
                for bridge, (name, created_at) in self._opened.items()
            ]
        )

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
        self._count += 1
        name = f"bridge_{self._count}"
        self._opened[bridge] = name, self._now()
        self._publish(BridgeOpened, name, (a, b))
        return bridge

    def disconnect(self, bridge: MediaBridge) -> None:
        """End a bridge; one that is over already is no error."""
        bridge.close()
        for session in bridge.sessions:
            if self._by_session.get(session) is bridge:
                del self._by_session[session]
        name, _ = self._opened.pop(bridge, ("", 0.0))
        if name:
            self._publish(BridgeClosed, name, _pair(bridge))

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


def _pair(bridge: MediaBridge) -> tuple[SessionId, SessionId]:
    a, b = bridge.sessions
    return SessionId(a), SessionId(b)


def _soon(action: Callable[[], None]) -> None:
    trio.lowlevel.current_trio_token().run_sync_soon(action)
