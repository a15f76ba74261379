"""A call cancelled at every point where it can be: nothing is left behind."""

from __future__ import annotations

import numpy as np
import pytest
import trio
import trio.testing

from trio_runtime import CallError, IncomingCall, SessionCoordinator
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"


class CancelAtStep(trio.abc.Instrument):
    """Cancels a scope when one task has been run for the n-th time."""

    def __init__(self, step: int) -> None:
        self.scope = trio.CancelScope()
        self.task: trio.lowlevel.Task | None = None
        self._left = step

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        """Count the steps of the task."""
        if task is self.task:
            self._left -= 1
            if self._left == 0:
                self.scope.cancel()


async def talk(alice: SessionCoordinator) -> None:
    """A call with everything in it."""
    async with alice.make_call(BOB) as call:
        await call.answered()
        await call.audio.send(np.full(800, 1000, np.int16))
        await call.send_dtmf("1", duration_ms=60, gap_ms=40)
        await call.play(np.full(1600, 500, np.int16))
        async for _ in call.audio:
            break
        await trio.sleep(0.1)


async def answer(call: IncomingCall) -> None:
    call.ring()
    await trio.sleep(0.05)
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


def run_cancelled_at(step: int, where: str) -> bool:
    """Run with a cancellation at a step of one task; False when that task was done before."""

    async def main() -> bool:
        sim = Simulation()
        instrument = CancelAtStep(step)
        trio.lowlevel.add_instrument(instrument)

        def begin() -> trio.CancelScope:
            instrument.task = trio.lowlevel.current_task()
            return instrument.scope

        async def cancelled_answer(call: IncomingCall) -> None:
            with begin():
                await answer(call)

        wire = sim.wire(1)
        async with wire, trio.open_nursery() as nursery, sim.phone(wire, "bob", "10.0.0.2") as bob:
            await nursery.start(bob.serve, cancelled_answer if where == "callee" else answer)
            if where == "coordinator":
                with begin():
                    async with sim.phone(wire, "alice", "10.0.0.1") as alice:
                        await talk(alice)
            else:
                async with sim.phone(wire, "alice", "10.0.0.1") as alice:
                    with begin() if where == "call" else trio.CancelScope():
                        try:
                            await talk(alice)
                        except CallError:
                            assert where == "callee"
            instrument.task = None
            await trio.sleep(70)
            assert bob.leftovers() == []
            nursery.cancel_scope.cancel()
        sim.assert_quiet()
        return instrument.scope.cancelled_caught

    return trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


@pytest.mark.parametrize("where", ["call", "coordinator", "callee"])
def test_cancelling_at_every_await_point_leaves_nothing(where: str) -> None:
    """SES-11, SES-22, SIM-2: leaving by cancellation, wherever it strikes, hangs up and frees all."""
    step, reached = 1, 0
    while step - reached <= 5:
        if run_cancelled_at(step, where):
            reached = step
        step += 1
    assert reached >= 8


@pytest.mark.parametrize("seeds", [range(30), pytest.param(range(30, 200), marks=pytest.mark.long)], ids=str)
def test_two_hundred_seeded_calls_over_a_lossy_wire_all_end(seeds: range) -> None:
    """SIM-1, SIM-2: a tenth of all datagrams is lost, duplicated or late; no run is stuck or leaks."""
    for seed in seeds:

        async def main(seed: int = seed) -> str:
            sim = Simulation()
            result = "ended"
            async with sim.pair(seed, loss=0.1, duplicate=0.1, reorder=0.1) as (alice, bob):
                async with trio.open_nursery() as nursery:
                    await nursery.start(bob.serve, answer)
                    try:
                        with trio.fail_after(200):
                            async with alice.make_call(BOB) as call:
                                await call.answered()
                                await trio.sleep(0.4)
                    except CallError as error:
                        result = repr(error)
                    await trio.sleep(140)  # 64·T1 for the answer, as much again for the BYE
                    assert alice.leftovers() == bob.leftovers() == [], f"seed {seed}\n{sim.ladder()}"
                    nursery.cancel_scope.cancel()
            sim.assert_quiet()
            return result

        assert trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
