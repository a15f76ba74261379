"""Calls that are reserved before they are made, and calls that end together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

from sansio_sip.invite import LocallyClosed, RemoteBye
from trio_runtime import (
    AutoAnswerHandler,
    Call,
    CallStateError,
    ConfigurationError,
    InvalidUriError,
    LimitExceededError,
    MediaConfig,
    PortsExhaustedError,
    SessionCoordinator,
)
from trio_runtime.events import EventStream
from trio_runtime.events.relation_types import CallPrepared, GroupChanged, LinkChanged, PreparationEnded
from trio_runtime.events.types import SessionEvent
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
BOB = "sip:bob@10.0.0.2"


@asynccontextmanager
async def phones(sim: Simulation, **options: object) -> AsyncIterator[SessionCoordinator]:
    """Alice, and bob who answers; afterwards nothing may be left."""
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", **options) as alice,  # type: ignore[arg-type]
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler(), no_media=True),
    ):
        yield alice
        await sim.settle()
    sim.assert_quiet()


def told(events: EventStream[SessionEvent], *kinds: type) -> list[object]:
    """What a stream holds now of some kinds."""
    found = []
    while True:
        try:
            found.append(events.receive_nowait())
        except trio.WouldBlock:
            return [event for event in found if isinstance(event, kinds)]


def sent(sim: Simulation) -> int:
    return len(sim.wires[0].trace)


# Prepared calls


async def test_prepared_call_has_its_name_port_and_offer_and_sends_nothing(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-8: what was reserved is what the INVITE has; leaving the block hangs up."""
    async with phones(sim) as alice:
        events = alice.subscribe()
        async with alice.prepare_call(BOB, headers=[("Subject", "lunch")]) as prepared:
            await trio.sleep(5)
            assert sent(sim) == 0
            assert prepared.offer is not None
            assert prepared.media_port == prepared.offer.port > 0
            assert "reserved" in repr(prepared)
            call = prepared.start()
            assert call.id == prepared.id
            await call.answered()
            invite = next(entry.data for entry in sim.wires[0].trace if entry.data.startswith(b"INVITE"))
            assert b"m=audio %d " % prepared.media_port in invite
            assert b"Subject: lunch" in invite
            with pytest.raises(CallStateError, match="started"):
                prepared.start()
            prepared.cancel()  # too late, and harmless
            assert call.is_active
        await call.ended()
        assert isinstance(call.end, LocallyClosed)
        assert told(events, CallPrepared, PreparationEnded) == [
            CallPrepared(call.id, BOB, prepared.media_port),
            PreparationEnded(call.id, "started"),
        ]


@pytest.mark.parametrize("way", ["left", "cancelled", "expired", "left by an exception"])
async def test_port_is_free_again(sim: Simulation, autojump_clock: Clock, way: str) -> None:
    """SES-8, SES-22: with two ports in all: the next one gets them; the call can be started no more."""
    async with phones(sim, media=MediaConfig(ports=(20_000, 20_003))) as alice:
        events = alice.subscribe()

        async def once() -> None:
            async with alice.prepare_call(BOB, expires=30.0) as prepared:
                with pytest.raises(PortsExhaustedError):
                    async with alice.prepare_call(BOB), alice.prepare_call(BOB):
                        pass
                if way == "cancelled":
                    prepared.cancel()
                    prepared.cancel()
                elif way == "expired":
                    await trio.sleep(30.1)
                elif way == "left by an exception":
                    raise ZeroDivisionError
                if way != "left":
                    assert prepared.outcome == way
                    with pytest.raises(CallStateError, match=way):
                        prepared.start()

        try:
            await once()
        except ZeroDivisionError:
            assert way == "left by an exception"
        for _ in range(3):
            await trio.sleep(3)  # ports rest for a while
            async with alice.prepare_call(BOB), alice.prepare_call(BOB):
                assert len(alice._parts.preparations) == 2
        assert len(alice._parts.preparations) == 0
        outcomes = [event.outcome for event in told(events, PreparationEnded)]  # type: ignore[attr-defined]
        assert outcomes[1] == ("expired" if way == "expired" else "cancelled")
        assert sent(sim) == 0


async def test_prepared_calls_expire_each_in_its_time(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-8: the shorter time counts although it was asked for later."""
    async with phones(sim) as alice:
        async with alice.prepare_call(BOB, expires=50) as long, alice.prepare_call(BOB, expires=10) as short:
            await trio.sleep(11)
            assert (long.outcome, short.outcome) == (None, "expired")
            async with alice.prepare_call(BOB, expires=5) as late:
                await trio.sleep(6)
                assert late.outcome == "expired"
            await trio.sleep(40)
            assert long.outcome == "expired"
        async with alice.prepare_call(BOB, expires=5) as again:
            await trio.sleep(6)
            assert again.outcome == "expired"


async def test_prepared_call_that_cannot_be_made(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-8, ERR-1: a URI that is none frees the port; wrong times and too many are refused."""
    async with phones(sim, max_sessions=1) as alice:
        with pytest.raises(ConfigurationError, match="expires"):
            alice.prepare_call(BOB, expires=0)
        async with alice.prepare_call("mailto:bob@example.com") as prepared:
            with pytest.raises(InvalidUriError):
                prepared.start()
            assert alice._parts.media.open_streams == 0
        block = alice.prepare_call(BOB)
        with pytest.raises(CallStateError, match="not entered"):
            block.start()
        block.cancel()
        async with block:
            with pytest.raises(CallStateError, match="already"):
                await block.__aenter__()
            with pytest.raises(LimitExceededError):
                await alice.prepare_call(BOB).__aenter__()


# Groups


async def calls_of(alice: SessionCoordinator, count: int) -> list[Call]:
    made = [alice.start_call(BOB) for _ in range(count)]
    for call in made:
        await call.answered()
    return made


async def test_leaving_a_group_hangs_up_all_in_it(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-26: members, who leave when they end; found by name; events; the one outside lives on."""
    async with phones(sim, no_media=True) as alice:
        events = alice.subscribe()
        one, two, three, outside = await calls_of(alice, 4)
        async with alice.open_group("team") as group:
            assert alice.find_group("team") is group
            for call in (one, two, three):
                group.add(call)
            group.add(one, leader=True)
            assert (group.members, group.leader, len(group)) == ((one, two, three), one, 3)
            assert one in group
            assert outside not in group
            assert list(group) == [one, two, three]
            one.hang_up()
            await one.ended()
            await trio.testing.wait_all_tasks_blocked()
            assert (group.members, group.leader) == ((two, three), None)
            group.remove(three)
            group.remove(three)
            assert three.is_active
            assert "'team', 1 calls" in repr(group)
        await two.ended()
        await trio.sleep(1)
        assert three.is_active
        assert outside.is_active
        assert alice.find_group("team") is None
        changes = [(event.change, event.members) for event in told(events, GroupChanged)]  # type: ignore[attr-defined]
        assert changes == [
            ("opened", 0), ("joined", 1), ("joined", 2), ("joined", 3), ("left", 2), ("left", 1), ("left", 0),
            ("closed", 0),
        ]  # fmt: skip
        three.hang_up()
        outside.hang_up()


@pytest.mark.parametrize("policy", ["keep", "end_all"])
async def test_end_of_the_leader(sim: Simulation, autojump_clock: Clock, policy: str) -> None:
    """SES-26: the others go with the leader where that is wanted; a leader that only leaves ends nobody."""
    async with phones(sim, no_media=True) as alice:
        first, second, third = await calls_of(alice, 3)
        group = alice.open_group("team", on_leader_end=policy)  # type: ignore[arg-type]
        for call in (first, second, third):
            group.add(call, leader=True)
        group.remove(third)
        await trio.sleep(1)
        assert second.is_active
        group.add(first, leader=True)
        first.hang_up()
        await trio.sleep(1)
        assert second.is_active is (policy == "keep")
        group.end_all()
        await second.ended()
        group.close()
        group.close()
        third.hang_up()


async def test_what_a_group_does_not_take(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-26, ERR-1: a full one, a closed one, calls that are over, names that are taken."""
    async with phones(sim, no_media=True) as alice:
        one, two = await calls_of(alice, 2)
        group = alice.open_group("team", max_members=1)
        group.add(one)
        with pytest.raises(LimitExceededError):
            group.add(two)
        wrongs: tuple[dict[str, Any], ...] = ({"name": "team"}, {"name": ""}, {"name": "x", "max_members": 0})
        for wrong in wrongs:
            with pytest.raises(ConfigurationError):
                alice.open_group(**wrong)
        with pytest.raises(ConfigurationError, match="on_leader_end"):
            alice.open_group("x", on_leader_end="perhaps")  # type: ignore[arg-type]
        two.hang_up()
        await two.ended()
        group.close()
        with pytest.raises(CallStateError, match="closed"):
            group.add(one)
        other = alice.open_group("other")
        with pytest.raises(CallStateError, match="over"):
            other.add(two)
        other.close()


# Links


@pytest.mark.parametrize(
    ("on_end", "ends", "lives"),
    [
        ("hang_up", 0, False),
        ("hang_up", 1, False),
        ("hang_up_other", 0, False),
        ("hang_up_other", 1, True),
        ("keep", 0, True),
    ],
)
async def test_linked_calls_end_as_the_policy_says(
    sim: Simulation, autojump_clock: Clock, on_end: str, ends: int, lives: bool
) -> None:
    """SES-29: either with the other, the second with the first only, or neither."""
    async with phones(sim, no_media=True) as alice:
        events = alice.subscribe()
        pair = await calls_of(alice, 2)
        link = pair[0].link(pair[1], on_end=on_end)  # type: ignore[arg-type]
        assert pair[0].links == pair[1].links == (link,)
        assert (link.other(pair[0]), link.other(pair[1])) == (pair[1], pair[0])
        assert on_end in repr(link)
        pair[ends].hang_up()
        await pair[ends].ended()
        await trio.sleep(1)
        other = pair[1 - ends]
        assert (other.end is None) is lives
        assert not link.active
        link.cut()
        last = told(events, LinkChanged)[-1]
        assert last == LinkChanged(pair[0].id, pair[1].id, "legs", "ended" if lives else "cascaded")
        other.hang_up()


async def test_chain_of_links_ends_from_one_end_to_the_other(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-29: each hangs up the next, whoever began; a ring ends as well, and a cut stops it."""
    async with phones(sim, no_media=True) as alice:
        ring = await calls_of(alice, 5)
        for call, following in zip(ring, ring[1:] + ring[:1], strict=True):
            call.link(following)
        ring[2].hang_up()
        for call in ring:
            assert isinstance(await call.ended(), LocallyClosed)
        one, two, three = await calls_of(alice, 3)
        one.link(two)
        cut = two.link(three, kind="consultation")
        cut.cut()
        assert (three.links, len(two.links)) == ((), 1)
        one.hang_up()
        await two.ended()
        await trio.sleep(1)
        assert three.is_active
        three.hang_up()


async def test_peer_that_hangs_up_ends_the_linked_call(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-29: the BYE of one peer becomes the BYE to the other."""
    async with phones(sim, no_media=True) as alice:
        bob = next(each.node for each in sim._nodes if each.name == "bob")
        assert isinstance(bob, SessionCoordinator)
        one, two = await calls_of(alice, 2)
        one.link(two)
        await trio.sleep(0.1)
        next(call for call in bob.list_active_sessions() if call.sip_call_id == one.sip_call_id).hang_up()
        assert isinstance(await one.ended(), RemoteBye)
        assert isinstance(await two.ended(), LocallyClosed)


async def test_links_that_cannot_be(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-29, ERR-1: with itself, twice, over, too many, and policies that are none."""
    async with phones(sim, no_media=True) as alice:
        first, *others = await calls_of(alice, 19)
        with pytest.raises(CallStateError, match="itself"):
            first.link(first)
        first.link(others[0], on_end="keep")
        with pytest.raises(CallStateError, match="linked already"):
            others[0].link(first)
        for other in others[1:16]:
            first.link(other, on_end="keep")
        with pytest.raises(LimitExceededError):
            first.link(others[16])
        with pytest.raises(ConfigurationError, match="on_end"):
            others[0].link(others[1], on_end="perhaps")  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError, match="kind"):
            others[0].link(others[1], kind="friends")  # type: ignore[arg-type]
        others[17].hang_up()
        await others[17].ended()
        with pytest.raises(CallStateError, match="over"):
            others[0].link(others[17])
        assert len(alice._parts.operations.links) == 16
        for call in (first, *others):
            call.hang_up()
