"""What a conference is like, and what it asks of its coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from trio_runtime.base.types import SessionId
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import Playable, Player, Room, RoomEvent

__all__ = ["ConferenceInfo", "ConferenceOperations"]


class ConferenceOperations(Protocol):
    """What a conference asks of its coordinator."""

    def now(self) -> float:
        """Return the time in seconds."""

    def open_room(self, on_event: Callable[[RoomEvent], None]) -> Room:
        """Return a new room of the media side."""

    def publish_event(self, event: SessionEvent) -> None:
        """Publish an event."""

    async def prepare_music(self, music: Playable) -> Player:
        """Open music that repeats."""

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""


@attrs.frozen
class ConferenceInfo:
    """What a conference is like now.

    Attributes:
        name: Its name.
        created_at: Time at which it was opened, in seconds of the coordinator's clock.
        members: Names of the calls in it, in the order in which they came.
        muted: Names of those whom nobody hears.
        active_speaker: Name of the call that speaks, or spoke last; None when none did.
        locked: Whether nobody is let in any more.
        max_members: How many calls it takes.
    """

    name: str
    created_at: float
    members: tuple[SessionId, ...]
    muted: tuple[SessionId, ...]
    active_speaker: SessionId | None
    locked: bool
    max_members: int
