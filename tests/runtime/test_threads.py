"""What blocks runs in a thread, and in place where a virtual clock would jump over it."""

from __future__ import annotations

import threading
from functools import partial

import pytest
import trio

from trio_runtime.base.threads import run_blocking


def in_which_thread() -> int:
    return threading.get_ident()


def fail(error: Exception) -> None:
    raise error


async def test_blocking_work_has_a_thread_of_its_own() -> None:
    """ARC-3: other tasks go on while a disk is slow."""
    assert await run_blocking(in_which_thread) != threading.get_ident()
    with pytest.raises(OSError, match="disk"):
        await run_blocking(partial(fail, OSError("disk")))


async def test_virtual_time_stands_still_meanwhile(autojump_clock: trio.testing.MockClock) -> None:
    """TST-1: a deadline that comes next is not jumped to because a thread takes its time."""
    began = trio.current_time()
    with trio.fail_after(0.001):
        assert await run_blocking(in_which_thread) == threading.get_ident()
    assert trio.current_time() == began
    with pytest.raises(OSError, match="disk"):
        await run_blocking(partial(fail, OSError("disk")))


async def test_cancelled_work_is_not_begun_in_virtual_time(autojump_clock: trio.testing.MockClock) -> None:
    """ARC-3: it is a checkpoint under either clock."""
    with trio.CancelScope() as scope:
        scope.cancel()
        await run_blocking(partial(fail, OSError("begun")))
    assert scope.cancelled_caught
