"""What a call centre asks of its coordinator."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import Playable, Player
    from trio_runtime.session import Call

__all__ = ["CentreOperations", "StartCall"]


class StartCall(Protocol):
    """Makes calls, as `SessionCoordinator.start_call`."""

    def __call__(self, uri: str, *, on_behalf_of: Call | None = None) -> Call:
        """Call a URI."""


class CentreOperations(Protocol):
    """What a call centre asks of its coordinator."""

    @property
    def now(self) -> Callable[[], float]:
        """Returns the time in seconds."""
        ...

    def publish_event(self, event: SessionEvent) -> None:
        """Publish an event."""

    async def prepare_music(self, music: Playable) -> Player:
        """Open music that repeats."""

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""
