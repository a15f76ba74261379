from __future__ import annotations

import errno
import sys

import pytest
import trio
import trio.testing

from trio_runtime.base import Clock, KernelClock, TrioClock, open_clock

linux = pytest.mark.skipif(sys.platform != "linux", reason="timer descriptors are Linux's")
CLOCKS = [pytest.param(KernelClock, marks=linux), TrioClock]


@pytest.mark.parametrize("make", CLOCKS)
async def test_sleep_ends_at_the_deadline_and_not_before(make: type[Clock]) -> None:
    """COO-13."""
    clock = make()
    try:
        for delay in (0.002, 0.000_001):
            deadline = clock.now() + delay
            await clock.sleep_until(deadline)
            assert clock.now() >= deadline
    finally:
        clock.close()


@pytest.mark.parametrize("make", CLOCKS)
async def test_a_deadline_in_the_past_is_still_a_checkpoint(make: type[Clock]) -> None:
    """COO-13."""
    clock = make()
    try:
        with trio.testing.assert_checkpoints():
            await clock.sleep_until(clock.now() - 1)
    finally:
        clock.close()


@pytest.mark.parametrize("make", CLOCKS)
async def test_a_cancelled_sleep_leaves_the_clock_usable_for_many_tasks(make: type[Clock]) -> None:
    """COO-13."""
    clock = make()
    woken: list[int] = []

    async def sleep(number: int) -> None:
        await clock.sleep_until(start + number * 0.001)
        woken.append(number)

    try:
        with trio.CancelScope() as scope:
            scope.cancel()
            await clock.sleep_until(clock.now() + 3_600)
        start = clock.now()
        async with trio.open_nursery() as nursery:
            for number in (3, 1, 2):
                nursery.start_soon(sleep, number)
        assert sorted(woken) == [1, 2, 3]
    finally:
        clock.close()


async def test_trio_clock_is_virtual_under_a_mock_clock(autojump_clock: trio.testing.MockClock) -> None:
    """SIM-1."""
    clock = open_clock("trio")
    start = clock.now()
    await clock.sleep_until(start + 86_400)
    assert clock.now() == start + 86_400


@linux
def test_linux_gets_the_exact_clock() -> None:
    """COO-13."""
    clock = open_clock()
    assert isinstance(clock, KernelClock)
    clock.close()


def test_portable_clock_where_there_are_no_timer_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """COO-13."""

    def refuse(name: str) -> None:
        raise OSError(errno.ENOSYS, f"this system has no {name}")

    monkeypatch.setattr("trio_runtime.base.timerfd._function", refuse)
    assert isinstance(open_clock(), TrioClock)
    with pytest.raises(OSError, match="timerfd_create"):
        open_clock("kernel")


def test_a_missing_system_call_is_an_os_error() -> None:
    """COO-13."""
    from trio_runtime.base import timerfd

    with pytest.raises(OSError, match="no_such_call"):
        timerfd._system_call("no_such_call")
    with pytest.raises(OSError, match="timerfd_settime"):
        timerfd._system_call("timerfd_settime", -1, 0, None, None)
