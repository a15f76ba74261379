"""Service tasks that outlive the block they serve, and exceptions that leave it bare."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType

import trio

__all__ = ["ServiceScope"]


class ServiceScope:
    """An async context manager with tasks that go on until the block has been cleaned up.

    When the block is left, in whatever way, `drain` runs while the service tasks still work; then
    they are cancelled. A cancellation from outside reaches the block at once, the tasks only then.

    The block's own exception leaves bare, and so does the crash of a service task; only both
    together are a group.

    Args:
        drain: Ends in good order what the block has left behind; it must bound its own time.
    """

    def __init__(self, drain: Callable[[], Awaitable[None]]) -> None:
        self._drain = drain
        self._manager = trio.open_nursery()
        self._scopes: set[trio.CancelScope] = set()
        self._nursery: trio.Nursery | None = None
        self._crashed = False
        self._stopped = False

    async def __aenter__(self) -> ServiceScope:
        """Open the block."""
        self._nursery = await self._manager.__aenter__()
        return self

    def start_soon(self, task: Callable[[], Awaitable[object]], name: str | None = None) -> None:
        """Start a service task.

        Raises:
            RuntimeError: The block is not open.
        """
        if self._nursery is None:
            raise RuntimeError("the service block is not open")
        self._nursery.start_soon(self._run, task, name=name)

    async def _run(self, task: Callable[[], Awaitable[object]]) -> None:
        with trio.CancelScope(shield=True) as scope:
            self._scopes.add(scope)
            if self._stopped:  # the block was left before this task had its first turn
                scope.cancel()
            try:
                await task()
            except BaseException as error:
                if not isinstance(error, trio.Cancelled):
                    # Its brothers are shielded: without this the nursery would wait for them for ever.
                    self._crashed = True
                    self._stop()
                raise
            finally:
                self._scopes.discard(scope)

    def _stop(self) -> None:
        self._stopped = True
        for scope in self._scopes:
            scope.cancel()

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> Awaitable[bool | None]:
        """Drain, stop the service tasks, and let the one exception that matters leave."""
        return self._leave(kind, value, traceback)

    async def _leave(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        body_error = value
        with _Caught() as caught:
            if not self._crashed:
                with trio.CancelScope(shield=True):
                    await self._drain()
        self._stop()
        if caught.error is not None:
            kind, value, traceback = type(caught.error), caught.error, caught.error.__traceback__
        try:
            return await self._manager.__aexit__(kind, value, traceback)
        except BaseExceptionGroup as group:
            only = _only_error(group)
            if only is None:
                raise
            if only is body_error:
                return False
            raise only from only.__cause__


class _Caught:
    """Keeps what its block raises: the nursery has to be closed all the same, and raises it then.

    A second Ctrl-C, for one, reaches into the shield.
    """

    error: BaseException | None = None

    def __enter__(self) -> _Caught:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self.error = value
        return True


def _only_error(group: BaseExceptionGroup[BaseException]) -> BaseException | None:
    """Return the one exception that the nursery's group is about, as it was raised.

    A cancellation counts only when alone; a group that the block itself raised stays one.
    """
    found = group.exceptions
    errors = [error for error in found if not isinstance(error, trio.Cancelled)] or list(found[:1])
    return errors[0] if len(errors) == 1 else None
