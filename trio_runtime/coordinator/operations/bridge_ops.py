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
    from trio_runtime.bridge import SupervisionMode
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
        self._guests: dict[str, tuple[MediaBridge, Callable[[], None]]] = {}
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
            if session in self._by_session or session in self._guests:
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
        for guest in [guest for guest, (at, _) in self._guests.items() if at is bridge]:
            self.dismiss(guest)

        name, _ = self._opened.pop(bridge, ("", 0.0))
        if name:
            self._publish(BridgeClosed, name, _pair(bridge))

    def invite(
        self, session: SessionId, guest: SessionId, mode: SupervisionMode, on_end: Callable[[], None]
    ) -> None:
        """Let a call hear two that are connected, or be heard by others than before.

        Args:
            session: One of the two: whose peer hears the guest in any mode but ``monitor``.
            guest: Who listens.
            mode: ``monitor``, ``whisper`` or ``barge``.
            on_end: Called once when it is over.

        Raises:
            CallStateError: The call is not connected, or the guest is.
            MediaError: The guest has no media.
        """
        bridge = self._by_session.get(session)
        if bridge is None:
            raise CallStateError("the call is not connected with another one", session_id=session)
        if guest in self._by_session or self._guests.get(guest, (bridge,))[0] is not bridge:
            raise CallStateError("the call is connected already", session_id=guest)
        bridge.invite(guest, {"monitor": (), "whisper": (session,), "barge": bridge.sessions}[mode])
        self._guests[guest] = bridge, on_end

    def dismiss(self, guest: str) -> None:
        """Let a guest go; one that is not there is no error."""
        bridge, on_end = self._guests.pop(guest, (None, None))
        if bridge is not None and on_end is not None:
            bridge.dismiss(guest)
            on_end()

    def call_over(self, session: str) -> None:
        """Take note that a call is over, and its bridge with it."""
        self.dismiss(session)
        bridge = self._by_session.get(session)
        if bridge is not None:
            self.disconnect(bridge)

    def agreed(self, session: str) -> None:
        """Take note that the media of a call was agreed on anew."""
        bridge = self._by_session.get(session) or self._guests.get(session, (None,))[0]
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
