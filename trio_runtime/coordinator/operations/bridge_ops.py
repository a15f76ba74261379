"""Which calls hear each other: one bridge a call, looked up by either side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallStateError
from trio_runtime.media import MediaBridge

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import SupervisionMode
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
        self._guests: dict[str, tuple[MediaBridge, Callable[[], None]]] = {}

    def __len__(self) -> int:
        return len(self._by_session)

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
        return bridge

    def disconnect(self, bridge: MediaBridge) -> None:
        """End a bridge; one that is over already is no error."""
        bridge.close()
        for session in bridge.sessions:
            if self._by_session.get(session) is bridge:
                del self._by_session[session]
        for guest in [guest for guest, (at, _) in self._guests.items() if at is bridge]:
            self.dismiss(guest)

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


def _soon(action: Callable[[], None]) -> None:
    trio.lowlevel.current_trio_token().run_sync_soon(action)
