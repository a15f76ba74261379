"""Whole phones whose peers die, sleep and come back, and whose network falls apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from sansio_sip.invite import Cancelled, LocallyClosed, RemoteBye, TimedOut
from trio_runtime import Call, IncomingCall, SessionCoordinator
from trio_runtime.api.options import CoordinatorOptions
from trio_runtime.testing import Simulation

ALICE, BOB = "10.0.0.1", "10.0.0.2"


@asynccontextmanager
async def in_a_call(
    sim: Simulation, **options: object
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator, Call, Call]]:
    """Alice and bob, and both sides of a call between them, which goes on until one of them ends it."""
    calls: list[Call] = []

    async def answer(call: IncomingCall) -> None:
        calls.append(call)
        await call.answer()
        await call.ended()

    phones: CoordinatorOptions = {"no_media": True, **options}  # type: ignore[typeddict-item]
    async with sim.pair(phones=phones) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        call = alice.start_call(f"sip:bob@{BOB}")
        await call.answered()
        await trio.sleep(1)  # until the ACK is there
        yield alice, bob, call, calls[0]
        await sim.settle()
        nursery.cancel_scope.cancel()


async def test_a_peer_that_died_is_noticed_within_the_session_interval(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SIM-1, SES-30: RFC 4028; one is told by its refresh, the other by the interval."""
    async with in_a_call(sim, session_interval=90) as (_, _, ours, theirs):
        sim.wires[0].public.kill(BOB)
        await trio.sleep(90)
        assert isinstance(ours.end, TimedOut)
        assert isinstance(theirs.end, TimedOut)
    sim.assert_quiet()


async def test_without_an_interval_a_call_whose_peer_died_lasts_until_somebody_hangs_up(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SIM-1: the control of the test before."""
    async with in_a_call(sim) as (_, _, ours, theirs):
        sim.wires[0].public.kill(BOB)
        await trio.sleep(10_000)
        assert ours.end is None
        assert theirs.end is None
        ours.hang_up()
        theirs.hang_up()
    sim.assert_quiet()


async def test_a_peer_that_slept_goes_on_with_its_call(sim: Simulation, autojump_clock: MockClock) -> None:
    """SIM-1: what was sent meanwhile is sent again."""
    async with in_a_call(sim, session_interval=90) as (_, _, ours, theirs):
        for _ in range(5):
            sim.wires[0].public.kill(BOB)
            await trio.sleep(10)
            sim.wires[0].public.revive(BOB)
            await trio.sleep(50)
        assert ours.is_active
        assert theirs.is_active
        sim.wires[0].public.kill(BOB)
        ours.hang_up()
        await trio.sleep(3)
        sim.wires[0].public.revive(BOB)
        assert await theirs.ended() == RemoteBye()
    sim.assert_quiet()


async def test_a_peer_that_began_anew_does_not_know_the_call(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SIM-1: 481 to the refresh ends it."""
    async with in_a_call(sim, session_interval=90) as (_, _, ours, theirs):
        wire = sim.wires[0]
        wire.public.restart(BOB)
        async with sim.phone(wire, "bobagain", BOB, no_media=True) as again:
            await ours.ended()
            assert type(ours.end).__name__ == "Failed"
            assert again.list_active_sessions() == []
            theirs.hang_up()  # a ghost's
            await trio.sleep(40)
    sim.assert_quiet()


async def test_a_short_partition_ends_no_call(sim: Simulation, autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with in_a_call(sim, session_interval=90) as (_, _, ours, theirs):
        await trio.sleep(40)
        cut = sim.wires[0].partition(ALICE, BOB)
        await trio.sleep(12)
        sim.wires[0].heal(cut)
        await trio.sleep(300)
        assert ours.is_active
        assert theirs.is_active
        theirs.hang_up()
        assert await ours.ended() == RemoteBye()
        assert theirs.end == LocallyClosed()
    sim.assert_quiet()


@pytest.mark.parametrize("alive", [True, False])
async def test_a_phone_stops_ringing_by_itself(
    sim: Simulation, autojump_clock: MockClock, alive: bool
) -> None:
    """SIM-1, SES-5: its caller may have died; one that lives is refused with 487."""
    ends: list[object] = []

    async def ring(call: IncomingCall) -> None:
        call.ring()
        ends.append(await call.ended())

    phones: CoordinatorOptions = {"no_media": True, "max_ringing": 120}
    async with sim.pair(phones=phones) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, ring)
        call = alice.start_call(f"sip:bob@{BOB}")
        await trio.sleep(10)
        if not alive:
            sim.wires[0].public.kill(ALICE)
        await trio.sleep(111)
        assert ends == [Cancelled(by_remote=True)]
        assert (call.end is not None) is alive
        call.hang_up()
        await sim.settle()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
