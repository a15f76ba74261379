"""Work that blocks: in a thread, or at once where time is virtual."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import trio

__all__ = ["run_blocking"]

T = TypeVar("T")


def _time_is_virtual() -> bool:
    # Where nobody has imported the module, nobody can have made such a clock.
    testing = sys.modules.get("trio.testing")
    return testing is not None and isinstance(trio.lowlevel.current_clock(), testing.MockClock)


async def run_blocking(
    work: Callable[[], T], *, limiter: trio.CapacityLimiter | None = None, abandon_on_cancel: bool = False
) -> T:
    """Run a function that blocks, and return what it does; always a checkpoint.

    A virtual clock does not see a thread: it would jump over every deadline while one reads a file, how
    far being up to the machine. Under one the function runs in place: a test with files is always the same.

    Args:
        work: The function.
        limiter: How many threads may run at one time, as for `trio.to_thread.run_sync`.
        abandon_on_cancel: Whether a cancelled caller leaves the thread to itself.
    """
    if _time_is_virtual():
        await trio.lowlevel.checkpoint()
        return work()
    return await trio.to_thread.run_sync(work, limiter=limiter, abandon_on_cancel=abandon_on_cancel)
