"""Hold that one side asked for, as the other side sees it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, CallStateError, SipFailure, VoipError

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.session import Call

__all__ = ["HoldKeeper"]

logger = logging.getLogger("trio_runtime")
_TRIES = 5
_AGAIN_S = 1.0  # another change of the call is on its way


class HoldKeeper:
    """Tells each side what the other one wants, one change at a time.

    Whoever is held is offered ``sendonly``: it hears the music of who holds it, and is not heard.
    """

    def __init__(self) -> None:
        self._told: dict[SessionId, bool] = {}
        self._busy: set[SessionId] = set()

    def forget(self, call: Call) -> None:
        """Take note that a call is new here: nobody holds it yet."""
        self._told.pop(call.id, None)

    def differs(self, call: Call, *, wanted: bool) -> bool:
        """Return whether a side has to be told, and nobody does so already."""
        return call.id not in self._busy and self._told.get(call.id, False) is not wanted

    async def settle(self, call: Call, wanted: Callable[[], bool]) -> None:
        """Tell a side until it knows what is wanted now; a refusal leaves it as it is."""
        if call.id in self._busy:
            return
        self._busy.add(call.id)
        try:
            for _ in range(_TRIES):
                held = wanted()
                if self._told.get(call.id, False) is held:
                    return
                if await self._tell(call, held=held):
                    self._told[call.id] = held
                else:
                    await trio.sleep(_AGAIN_S)
        finally:
            self._busy.discard(call.id)

    async def _tell(self, call: Call, *, held: bool) -> bool:
        try:
            await call.update_media(direction="sendonly" if held else "sendrecv")
        except CallStateError:
            return False
        except (SipFailure, CallError, VoipError) as error:
            logger.info("%r was not told of hold: %s", call, error)
        return True
