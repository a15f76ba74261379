"""Runs a handler step by step, and takes the time of each stretch between two awaits."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, TypeVar

__all__ = ["as_coroutine", "stepped"]

ResultT = TypeVar("ResultT")


@types.coroutine
def stepped(
    body: Coroutine[Any, Any, ResultT],
    now: Callable[[], float],
    slow_s: float,
    report: Callable[[float], None],
) -> Generator[Any, Any, ResultT]:
    """Await a coroutine and return what it returns.

    Args:
        body: The coroutine.
        now: The time in seconds.
        slow_s: Seconds that a stretch may take.
        report: Called with the seconds of each that took longer.
    """
    answer: Any = None
    error: BaseException | None = None
    thrown = _Thrown()
    while True:
        begun = now()
        try:
            wish = body.send(answer) if error is None else body.throw(error)
        except StopIteration as end:
            result: ResultT = end.value
            return result
        finally:
            took = now() - begun
            if took > slow_s:
                report(took)
        answer = None
        with thrown:
            answer = yield wish
        error = thrown.take()


class _Thrown:
    """Keeps what Trio throws into a handler, such as a cancellation, to be thrown into it one floor below."""

    error: BaseException | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self.error = value
        return True

    def take(self) -> BaseException | None:
        """Return it once."""
        error, self.error = self.error, None
        return error


def as_coroutine(body: Awaitable[ResultT]) -> Coroutine[Any, Any, ResultT]:
    """Return a coroutine that awaits something."""
    if isinstance(body, Coroutine):
        return body

    async def wait() -> ResultT:
        return await body

    return wait()
