"""What the only member of a conference hears."""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.media import Playable, Player

__all__ = ["WaitingMusic"]


class _Operations(Protocol):
    """What music asks of the coordinator."""

    async def prepare_music(self, music: Playable) -> Player:
        """Open music that repeats."""

    def begin_hold(self, session_id: SessionId, music: Player | None) -> None:
        """Let the peer hear nothing but music."""

    def end_hold(self, session_id: SessionId) -> None:
        """Let the peer hear everything again."""


class WaitingMusic:
    """Plays to whoever is alone, until somebody else comes; again it goes on where it was.

    Args:
        operations: The coordinator's side.
        music: What to play, or ``None``.
    """

    def __init__(self, operations: _Operations, music: Playable | None) -> None:
        self._operations = operations
        self._music = music
        self._player: Player | None = None
        self._listener: SessionId | None = None
        self._members: tuple[SessionId, ...] = ()
        self._silenced = 0

    async def open(self) -> None:
        """Read the music, the first time; all that can be wrong with it shows here.

        Raises:
            AudioFileError: It cannot be played.
        """
        if self._music is not None and self._player is None:
            self._player = await self._operations.prepare_music(self._music)

    def settle(self, members: Collection[SessionId]) -> None:
        """Play to the only member, and to nobody when there are more or none."""
        self._members = tuple(members)
        alone = self._members[0] if len(self._members) == 1 and not self._silenced else None
        if self._player is None or alone == self._listener:
            return
        if self._listener is not None:
            self._operations.end_hold(self._listener)
        self._listener = alone
        if alone is not None:
            self._player = self._player.renewed()
            self._operations.begin_hold(alone, self._player)

    @contextmanager
    def silenced(self) -> Generator[None]:
        """Play to nobody while the block lasts: something else is to be heard."""
        self._silenced += 1
        self.settle(self._members)
        try:
            yield
        finally:
            self._silenced -= 1
            self.settle(self._members)
