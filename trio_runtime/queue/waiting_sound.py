"""What a caller hears while he waits: a greeting, music, and where he stands."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, MediaError, UnsupportedError

if TYPE_CHECKING:
    from trio_runtime.media import Playable, Player
    from trio_runtime.queue.config import Announcement, QueueConfig
    from trio_runtime.queue.operations import CentreOperations
    from trio_runtime.session import Call

__all__ = ["WaitingSound"]

logger = logging.getLogger("trio_runtime")


class WaitingSound:
    """The sound of one caller's wait. Music goes on after an announcement where it was.

    A file that cannot be played is logged, and the caller waits on without it.

    Args:
        call: The caller.
        config: What there is to hear.
        operations: The coordinator's side.
        announcement: Makes what is announced now.
    """

    def __init__(
        self,
        call: Call,
        config: QueueConfig,
        operations: CentreOperations,
        announcement: Callable[[], Announcement],
    ) -> None:
        self._call = call
        self._config = config
        self._operations = operations
        self._announcement = announcement
        self._player: Player | None = None
        self._stopped = False

    async def run(self) -> None:
        """Sound until cancelled, or until there is nothing more to hear."""
        try:
            if self._config.greeting is not None:
                await self.say(self._config.greeting)
            if self._config.music is not None:
                await self._open(self._config.music)
            while self._config.announce is not None:
                for each in self._announced():
                    await self.say(each)
                await trio.sleep(self._config.announce_every)
            await trio.sleep_forever()
        except CallError:
            return  # who waits for the call itself takes note of its end
        finally:
            self.stop()

    async def say(self, sound: Playable) -> None:
        """Play something to its end, with the music silent meanwhile."""
        self._quiet()
        try:
            await self._call.play(sound)
        except (MediaError, UnsupportedError) as error:
            logger.error("%r hears nothing: %s", self._call, error)
            await trio.lowlevel.checkpoint()
        self._resume()

    def stop(self) -> None:
        """Let nothing sound any more. Idempotent."""
        self._quiet()
        self._stopped = True

    async def _open(self, music: Playable) -> None:
        try:
            self._player = await self._operations.prepare_music(music)
        except (MediaError, UnsupportedError) as error:
            logger.error("%r has no music: %s", self._call, error)
        self._resume()

    def _resume(self) -> None:
        if self._player is not None and not self._stopped and self._call.end is None:
            self._player = self._player.renewed()
            self._operations.begin_hold(self._call.id, self._player)

    def _quiet(self) -> None:
        if self._player is not None and not self._stopped:
            self._operations.end_hold(self._call.id)

    def _announced(self) -> Sequence[Playable]:
        """Return what is to be played now, one after the other."""
        try:
            said = self._announcement()
        except Exception:
            # It is foreign code: the caller waits on without hearing where he stands.
            logger.exception("what %r should hear could not be made", self._call)
            return ()
        if said is None:
            return ()
        if isinstance(said, Sequence) and not isinstance(said, str | bytes):
            return said
        return [said]
