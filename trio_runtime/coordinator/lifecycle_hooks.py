"""Tells the application's hooks of the life of each call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trio_runtime.coordinator.handler_watch import HandlerWatch
    from trio_runtime.handlers import CallHooks
    from trio_runtime.session import Call

__all__ = ["LifecycleHooks"]


class LifecycleHooks:
    """All hooks, in the order in which they were added.

    Args:
        watch: Runs them.
        hooks: The hooks; more may be added while they are told.
        start_soon: Starts a task that lives as long as the coordinator.
    """

    def __init__(
        self,
        watch: HandlerWatch,
        hooks: list[CallHooks],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._watch = watch
        self._hooks = hooks
        self._start_soon = start_soon

    def created(self, call: Call) -> None:
        """Tell that a call exists."""
        for hooks in tuple(self._hooks):
            self.tell(call, hooks.on_created, call)

    def established(self, call: Call) -> None:
        """Tell that a call was answered."""
        for hooks in tuple(self._hooks):
            self.tell(call, hooks.on_established, call)

    def terminated(self, call: Call) -> None:
        """Tell that a call is over."""
        for hooks in tuple(self._hooks):
            self.tell(call, hooks.on_terminated, call, call.end)

    def tell(self, call: Call, hook: Callable[..., Awaitable[None] | None], *arguments: object) -> None:
        """Run one hook, in place or in a task, and contain what it raises."""
        try:
            result = self._watch.timed(call, hook, *arguments)
        except Exception as error:
            self._watch.failed(call, error)
            return
        if result is not None:
            self._start_soon(lambda: self._finish(call, hook, result))

    async def _finish(self, call: Call, hook: object, result: Awaitable[None]) -> None:
        try:
            await self._watch.drive(call, hook, result)
        except Exception as error:
            self._watch.failed(call, error)
