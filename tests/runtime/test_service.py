"""Service tasks and the exceptions of the block they serve."""

from __future__ import annotations

import pytest
import trio

from trio_runtime.base.service import ServiceScope


async def nothing() -> None:
    await trio.lowlevel.checkpoint()


async def test_service_outlives_the_body_until_it_is_drained() -> None:
    """SES-11: what drains needs the tasks that read; they end after it."""
    seen: list[str] = []

    async def reader() -> None:
        try:
            await trio.sleep_forever()
        finally:
            seen.append("reader stopped")

    async def drain() -> None:
        await trio.lowlevel.checkpoint()
        seen.append("drained")

    with trio.CancelScope() as outer:
        async with ServiceScope(drain) as services:
            services.start_soon(reader)
            await trio.lowlevel.checkpoint()
            outer.cancel()
            await trio.sleep_forever()
    assert seen == ["drained", "reader stopped"]
    assert outer.cancelled_caught


async def test_exception_of_the_body_leaves_bare() -> None:
    """COO-13: no group for one exception."""
    with pytest.raises(KeyError) as caught:
        async with ServiceScope(nothing) as services:
            services.start_soon(trio.sleep_forever)
            raise KeyError("mine")
    assert caught.value.args == ("mine",)


async def test_group_of_the_body_stays_a_group() -> None:
    """COO-13: what the body raises is not taken apart."""
    with pytest.RaisesGroup(KeyError, match="mine"):
        async with ServiceScope(nothing):
            raise ExceptionGroup("mine", [KeyError(1)])


async def test_crash_of_a_service_task_leaves_bare_and_cancels_the_body() -> None:
    """COO-13: a service task that crashes ends the block with its own exception."""

    async def crash() -> None:
        await trio.lowlevel.checkpoint()
        raise ValueError("crashed")

    with pytest.raises(ValueError, match="crashed"):
        async with ServiceScope(nothing) as services:
            services.start_soon(trio.sleep_forever)
            services.start_soon(crash)
            await trio.sleep_forever()


async def test_both_together_are_a_group() -> None:
    """COO-13: only both together are a group."""

    async def crash() -> None:
        raise ValueError("crashed")

    with pytest.RaisesGroup(ValueError, KeyError):
        async with ServiceScope(nothing) as services:
            services.start_soon(crash)
            try:
                await trio.sleep_forever()
            finally:
                raise KeyError("mine")


@pytest.mark.parametrize("body", [None, KeyError("mine")])
async def test_failure_of_the_drain_leaves_bare_and_stops_the_tasks(body: Exception | None) -> None:
    """COO-13, ERR-1: a second Ctrl-C while it drains leaves no task behind."""

    async def interrupted() -> None:
        await trio.lowlevel.checkpoint()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        async with ServiceScope(interrupted) as services:
            services.start_soon(trio.sleep_forever)
            if body is not None:
                raise body


async def test_start_outside_of_the_block_is_refused() -> None:
    """COO-13: misuse is an error at once."""
    with pytest.raises(RuntimeError, match="not open"):
        ServiceScope(nothing).start_soon(trio.sleep_forever)
