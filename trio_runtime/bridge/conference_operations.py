"""The narrow door through which a conference reaches its coordinator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from os import PathLike

    from trio_runtime.base.account_config import Account
    from trio_runtime.base.types import SessionId
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import Playable, Player, Recorder, Room, RoomEvent
    from trio_runtime.session import Call

__all__ = ["ConferenceOperations"]


class ConferenceOperations(Protocol):
    """What a conference asks of its coordinator."""

    def now(self) -> float:
        """Return the time in seconds."""

    def publish_event(self, event: SessionEvent) -> None:
        """Publish an event."""

    def start_soon(self, task: Callable[[], Awaitable[object]]) -> None:
        """Start a task that lives as long as the coordinator."""

    def start_call(
        self,
        uri: str,
        headers: Iterable[tuple[str, str]],
        account: Account | str | None,
        focus: str | None,
        on_named: Callable[[SessionId], None] | None = None,
    ) -> Call:
        """Call somebody for a conference, whose URI is ``focus`` where it has one.

        ``on_named`` gets the id of the call before anything is sent or happens.
        """

    def act_as_focus(self, session_id: SessionId, focus: str) -> None:
        """Let a call show that it leads into a conference, or into none; one that is over is no error."""

    def conference_changed(self, name: str, uris: frozenset[str] = frozenset()) -> None:
        """Take note that users have come, gone or are others than before; without any, the conference is."""

    def conference_over(self, name: str) -> None:
        """Take note that a conference is closed."""

    def open_room(self, on_event: Callable[[RoomEvent], None], *, rate: int | None = None) -> Room:
        """Return a new room of the media side."""

    def start_recording(self, session_id: SessionId, path: str | PathLike[str]) -> Recorder:
        """Record what the peer of a call says, until `stop_recording` or its end."""

    def stop_recording(self, session_id: SessionId, recorder: Recorder) -> None:
        """End a recording."""

    async def prepare_music(self, music: Playable) -> Player:
        """Open music that repeats."""

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""
