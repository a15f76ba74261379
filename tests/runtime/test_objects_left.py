"""When calls are over nothing of them is left in memory: counted object by object, whatever tables admit."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import trio
import trio.testing

from trio_runtime import Call, CallTimedOut, IncomingCall, SessionCoordinator, SipFailure
from trio_runtime.api.options import CoordinatorOptions
from trio_runtime.testing import Simulation

OURS = ("sansio_sip", "sansio_rtp", "trio_runtime")
NOTES = ("trio_runtime.testing", "trio_runtime.observe.trace")  # what the simulated network writes down
BOB = "sip:bob@10.0.0.2"
ALL_TIMERS_S = 120.0


def objects_of_ours() -> Counter[str]:
    """Return how many objects of our classes there are, by class."""
    gc.collect()
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    return Counter(name for name in names if name.startswith(OURS) and not name.startswith(NOTES))


async def answer(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


async def many_calls(phone: SessionCoordinator, calls: int) -> None:
    """Make calls that are hung up, cancelled, and to somebody who is not there."""
    for number in range(calls):
        uri = ("sip:nobody@10.0.0.9", BOB, BOB, BOB)[number % 4]
        with suppress(CallTimedOut), trio.move_on_after(0 if number % 4 == 1 else 40):
            async with phone.make_call(uri) as call:
                await call.answered()
                await trio.sleep(0.1)


@pytest.mark.parametrize("calls", [12, pytest.param(2_000, marks=pytest.mark.long)])
async def test_no_object_of_a_call_outlives_it(
    sim: Simulation, autojump_clock: trio.testing.MockClock, calls: int
) -> None:
    """SES-22, SIM-2: as many objects after the second lot of calls as after the first, class by class."""
    async with sim.pair(phones={"trace_messages": 0}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        counts = []
        for _ in range(3):
            await many_calls(alice, calls)
            await trio.sleep(ALL_TIMERS_S)
            assert alice.leftovers() == bob.leftovers() == []
            counts.append(objects_of_ours())
        nursery.cancel_scope.cancel()
    assert counts[2] - counts[1] == Counter()
    await sim.settle()
    sim.assert_quiet()


async def talk(call: Call, number: int) -> None:
    """Do with a call whatever leaves machines behind: hold, keys, requests, changes, transfers."""
    await call.answered()
    match number % 5:
        case 1:
            await call.hold()
            await call.resume()
        case 2:
            await call.send_dtmf("1", duration_ms=40, gap_ms=40)
            await call.send_dtmf("1", way="info")
            await call.send_info("application/x", b"x")
        case 3:
            await call.update_media(direction="recvonly")
            await trio.sleep(50)  # the session is refreshed
        case 4:
            with suppress(SipFailure):
                await call.transfer("sip:nobody@10.0.0.9")
    await trio.sleep(0.1)


@contextmanager
def garbage_of_ours() -> Iterator[list[str]]:
    """Collect nothing while the block lasts; then tell the classes of ours whose objects needed it."""
    found: list[str] = []
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.garbage)
        found += sorted(name for name in names if name.startswith(OURS) and not name.startswith(NOTES))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def test_calls_end_without_garbage(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-22: nothing of a call waits for the garbage collector, which a loaded server runs rarely."""
    options: CoordinatorOptions = {"trace_messages": 0, "session_interval": 90}
    async with sim.pair(phones=options) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        with garbage_of_ours() as found:
            await many_calls(alice, 4)
            for number in range(5):
                async with alice.make_call(BOB) as call:
                    await talk(call, number)
            await trio.sleep(ALL_TIMERS_S)
        nursery.cancel_scope.cancel()
    assert found == []
    await sim.settle()
    sim.assert_quiet()
