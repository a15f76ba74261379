"""Going out of service (SCALE-2)."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run
from trio_runtime.base.errors import CallRejected
from trio_runtime.session import IncomingCall
from trio_runtime.testing import Wire
from trio_runtime.testing.simulation import Simulation

BOB = "sip:bob@10.0.0.2"


def answer(call: IncomingCall) -> Awaitable[None]:
    async def run() -> None:
        await call.answer()
        await call.ended()

    return run()


async def test_drain_waits_for_the_calls_and_refuses_new_ones(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SCALE-2: 503 with Retry-After; the running call goes on, and its end is the end."""
    async with sim.pair(phones={"no_media": True}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
            started = trio.current_time()
            hung_up: list[int] = []

            async def drain() -> None:
                hung_up.append(await bob.drain())

            nursery.start_soon(drain)
            await trio.sleep(100)
            async with alice.make_call(BOB) as late:
                with pytest.raises(CallRejected, match="503"):
                    await late.answered()
                assert late.headers["retry-after"] == "5"
            assert (await alice.options(BOB)).status_code == 503
            assert bob.statistics().draining
            assert hung_up == []
            assert call.is_active
        await trio.sleep(1)
        assert hung_up == [0]
        assert trio.current_time() - started > 100
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_drain_hangs_up_what_lasts_too_long(sim: Simulation, autojump_clock: MockClock) -> None:
    """SCALE-2: the deadline is a time, and what it ended is counted."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        calls = [alice.start_call(BOB) for _ in range(2)]
        for call in calls:
            await call.answered()
        started = trio.current_time()
        assert await bob.drain(deadline=started + 7.0) == 2
        assert trio.current_time() == started + 7.0
        for call in calls:
            await call.ended()
        assert await bob.drain() == 0
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_coordinator_that_drains_can_still_call(sim: Simulation, autojump_clock: MockClock) -> None:
    """SCALE-2: as for the second leg of a call that is there already."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        assert await alice.drain() == 0
        async with alice.make_call(BOB) as call:
            await call.answered()
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize("again", [False, True], ids=["once", "a second signal"])
async def test_sigterm_lets_a_server_drain(autojump_clock: MockClock, again: bool) -> None:
    """SCALE-2, SRV-3: for the seconds of --drain; a second signal hangs up at once."""
    wire = Wire()
    serve = Run(("serve", "--json", "--gc", "default", "--bind", "10.0.0.2:5060", "--drain", "20"))
    caller = Run(("call", BOB, "--json"))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(serve.main, wire.environment("10.0.0.2"))
        await serve.said("ready")
        nursery.start_soon(caller.main, wire.environment("10.0.0.1"))
        await caller.said("answered")
        assert serve.interrupt.can_drain
        begun = trio.current_time()
        serve.interrupt.drain.set()  # what the first SIGTERM does
        await serve.said("draining")
        assert serve.record("draining")["calls"] == 1
        await trio.sleep(2)
        refused = Run(("call", BOB, "--json"))
        await refused.main(wire.environment("10.0.0.3"))
        assert isinstance(refused.error, CallRejected)
        assert refused.error.status_code == 503
        assert "ended" not in serve.events()
        if again:
            serve.interrupt.trigger()
        await serve.said("statistics")
        assert trio.current_time() - begun < 3 if again else trio.current_time() - begun >= 20
    assert (serve.status, serve.error) == (0, None)
    assert caller.record("ended")["end"] == "RemoteBye"
