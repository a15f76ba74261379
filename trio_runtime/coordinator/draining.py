"""Going out of service: no new calls, and the end of those there are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import trio

from trio_runtime.events.types import CallTerminated

if TYPE_CHECKING:
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.session import SessionRegistry

__all__ = ["Draining"]


class Draining:
    """Waits for the calls to end, and hangs up those that last too long.

    Args:
        dialogs: The signalling side.
        registry: The calls.
        bus: Tells when one is over.

    Attributes:
        begun: Whether no new calls are taken any more.
    """

    def __init__(
        self, dialogs: DialogManager, registry: SessionRegistry, bus: EventBus[SessionEvent]
    ) -> None:
        self._dialogs = dialogs
        self._registry = registry
        self._bus = bus
        self.begun = False

    async def run(self, deadline: float | None) -> int:
        """Take no new calls, wait until none is left or for the deadline; return how many were hung up."""
        self.begun = True
        self._dialogs.refuse_new_calls()
        with trio.CancelScope(deadline=math.inf if deadline is None else deadline):
            await self._all_over()
            return 0
        left = list(self._registry)
        for call in left:
            call.hang_up()
        return len(left)

    async def _all_over(self) -> None:
        with self._bus.subscribe(lambda event: isinstance(event, CallTerminated), max_events=1) as ends:
            await trio.lowlevel.checkpoint()
            while len(self._registry):
                await anext(ends)
