"""Something that happens once: `trio.Event` for things that there are many of and few wait for."""

from __future__ import annotations

import trio

__all__ = ["Moment"]


class Moment:
    """Like `trio.Event`, but nearly free until somebody waits."""

    __slots__ = ("_event", "_happened")

    def __init__(self) -> None:
        self._happened = False
        self._event: trio.Event | None = None

    def is_set(self) -> bool:
        """Return whether it has happened."""
        return self._happened

    def set(self) -> None:
        """Let it happen and wake whoever waits; again is nothing."""
        self._happened = True
        if self._event is not None:
            self._event.set()

    async def wait(self) -> None:
        """Wait until it happens; always a checkpoint."""
        if self._happened:
            await trio.lowlevel.checkpoint()
            return
        if self._event is None:
            self._event = trio.Event()
        await self._event.wait()
