"""What commands begin and what goes on after their replies: files that play, recordings, bridges, members."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import attrs
import trio

from trio_runtime.base.errors import CallError, LimitExceededError, VoipError
from trio_runtime.control.events import JobEnded

if TYPE_CHECKING:
    from trio_runtime.session import Call

__all__ = ["Jobs", "Work"]

Work: TypeAlias = Callable[[Callable[[], None]], Awaitable[object]]
"""Does a job; it calls what it is given when all that can be wrong at the beginning is not."""

logger = logging.getLogger("trio_runtime")


@attrs.define(eq=False)
class _Job:
    name: str
    kind: str
    call: Call
    scope: trio.CancelScope = attrs.field(factory=trio.CancelScope)
    begun: trio.Event = attrs.field(factory=trio.Event)
    error: Exception | None = None


class Jobs:
    """All jobs of the API; they belong to no connection.

    Args:
        start_soon: Starts a task that lives as long as the API.
        publish: Tells the end of each.
        max_jobs: How many there may be.
    """

    def __init__(
        self,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        publish: Callable[[JobEnded], None],
        max_jobs: int,
    ) -> None:
        self._start_soon = start_soon
        self._publish = publish
        self._max_jobs = max_jobs
        self._jobs: dict[str, _Job] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def of(self, call: Call) -> tuple[str, ...]:
        """Return the names of the jobs of a call."""
        return tuple([job.name for job in self._jobs.values() if job.call is call])

    async def start(self, kind: str, call: Call, work: Work) -> str:
        """Begin a job, wait until it has begun, and return its name.

        Raises:
            LimitExceededError: There are ``max_jobs`` already.
            Exception: What ``work`` raised at its beginning.
        """
        if len(self._jobs) >= self._max_jobs:
            raise LimitExceededError(f"there are {self._max_jobs} jobs already")
        self._count += 1
        job = _Job(f"job-{self._count}", kind, call)
        self._jobs[job.name] = job
        self._start_soon(partial(self._run, job, work))
        await job.begun.wait()
        if job.error is not None:
            raise job.error
        return job.name

    def stop(self, name: str) -> None:
        """End a job; one that is over is no error."""
        job = self._jobs.get(name)
        if job is not None:
            job.scope.cancel()

    async def _run(self, job: _Job, work: Work) -> None:
        error: Exception | None = None
        try:
            with job.scope:
                await work(job.begun.set)
        except Exception as failure:
            error = failure
        finally:
            self._over(job, error)

    def _over(self, job: _Job, error: Exception | None) -> None:
        del self._jobs[job.name]
        if job.begun.is_set():
            self._publish(JobEnded(job.call.id, job.name, job.kind, self._words(job, error)))
        else:
            job.error = error or VoipError(f"the {job.kind} was over before it had begun")
            job.begun.set()

    def _words(self, job: _Job, error: Exception | None) -> str | None:
        if error is None or (isinstance(error, CallError) and job.call.end is not None):
            return None  # the end of its call is the end of a job like any other
        if isinstance(error, VoipError):
            return str(error)
        logger.error("a job of the API failed", exc_info=error)
        return type(error).__name__
