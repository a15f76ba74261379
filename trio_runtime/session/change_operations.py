"""The part of a call's door to its coordinator through which it changes, and asks for transfers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from sansio_sip.sdp import NegotiatedMedia
    from trio_runtime.base.types import SessionId
    from trio_runtime.media import MediaBridge, Playable, Player
    from trio_runtime.session.links import Links
    from trio_runtime.session.response import SipResponse

__all__ = ["ChangeOperations"]

Agreed = Callable[["NegotiatedMedia | None"], None]


class ChangeOperations(Protocol):
    """What a call that lasts can ask of its coordinator.

    Attributes:
        links: Which calls belong together.
    """

    links: Links[Any]  # of calls, which this file cannot know

    def mute(self, session_id: SessionId, *, muted: bool) -> None:
        """Send silence in place of the audio, or the audio again."""

    def muted(self, session_id: SessionId) -> bool:
        """Return whether silence is sent in place of the audio."""

    async def prepare_music(self, music: Playable) -> Player:
        """Open music for `begin_hold`."""

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""

    def codecs(self) -> tuple[str, ...]:
        """Return the names of the codecs that are offered where nothing else is said."""

    async def hold(self, session_id: SessionId, agreed: Agreed) -> None:
        """Put the peer on hold; see `MediaChanges.change`."""

    async def resume(self, session_id: SessionId, agreed: Agreed) -> None:
        """Take the peer back; see `MediaChanges.change`."""

    async def update_media(
        self, session_id: SessionId, codecs: tuple[str, ...] | None, direction: str | None, agreed: Agreed
    ) -> None:
        """Offer other media; see `MediaChanges.change`."""

    def connect(self, a: SessionId, b: SessionId) -> MediaBridge:
        """Let two calls hear each other."""

    def disconnect(self, bridge: MediaBridge) -> None:
        """Let two calls hear each other no more."""

    async def transfer(
        self,
        session_id: SessionId,
        target: str,
        *,
        attended: bool,
        headers: Iterable[tuple[str, str]],
        end: Callable[[], CallEnd | None],
        method: str = "",
    ) -> None:
        """Ask the peer to call somebody else, or the peer of another call; see `Transfers.transfer`."""

    async def request(
        self,
        session_id: SessionId,
        method: str,
        headers: Iterable[tuple[str, str]],
        content_type: str,
        body: bytes,
        package: str,
    ) -> SipResponse:
        """Send a request in the call and wait for its response."""
