"""The block in which a call that we make lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from trio_runtime.session import Call

__all__ = ["OutgoingCall"]


class OutgoingCall:
    """An async context manager: entering sends the INVITE, leaving hangs up.

    Args:
        start: Starts the call.
    """

    def __init__(self, start: Callable[[], Call]) -> None:
        self._start = start
        self._call: Call | None = None

    async def __aenter__(self) -> Call:
        """Call; one checkpoint, no waiting for an answer."""
        await trio.lowlevel.checkpoint()
        self._call = self._start()
        return self._call

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> Awaitable[None]:
        """Hang up."""
        return self._leave(cancelled=kind is not None)

    async def _leave(self, *, cancelled: bool) -> None:
        if self._call is not None:
            await self._call.leave(cancelled=cancelled)
