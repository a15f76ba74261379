"""A supervisor on a call: who hears whom in each mode, by spectrum, and what becomes of the two others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.invite import RemoteBye
from tests.runtime.call_centre import (
    playing,
)
from tests.runtime.hearing import tones_at
from trio_runtime import (
    Call,
    CallStateError,
    IncomingCall,
    MediaConfig,
    MediaError,
    SessionCoordinator,
    bridge,
)
from trio_runtime.events.supervision_types import SupervisionChanged
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
CUSTOMER, AGENT, SUPERVISOR = 500, 800, 1_300


@attrs.define
class Talk:
    """A customer and an agent who talk, and a supervisor who has called; each says a tone."""

    middle: SessionCoordinator
    customer: Call
    agent: IncomingCall
    supervisor: Call
    agent_leg: Call
    supervisor_leg: IncomingCall
    modes: list[str]

    async def heard(self) -> tuple[set[int], set[int], set[int]]:
        """What the customer, the agent and the supervisor hear."""
        found: dict[Call, set[int]] = {}

        async def listen(call: Call) -> None:
            found[call] = await tones_at(call)

        await trio.sleep(0.3)
        async with trio.open_nursery() as nursery:
            for call in (self.customer, self.agent, self.supervisor):
                nursery.start_soon(listen, call)
        return found[self.customer], found[self.agent], found[self.supervisor]

    def mode_of_media(self) -> str:
        return self.middle._parts.operations.bridges._by_session[self.agent_leg.id].mode


@asynccontextmanager
async def talking(sim: Simulation, agent_codecs: tuple[str, ...] = ("PCMU",)) -> AsyncIterator[Talk]:
    wire, modes = sim.wire(latency=0.01), list[str]()
    came: dict[str, IncomingCall] = {}
    legs: list[Call] = []

    async def answer(call: IncomingCall) -> None:
        came["agent"] = call
        await call.answer()
        await call.ended()

    def note(event: object) -> bool:
        if isinstance(event, SupervisionChanged):
            modes.append(event.mode)
        return False

    async with (
        wire,
        sim.phone(wire, "customer", "10.0.0.2") as one,
        sim.phone(wire, "agent", "10.0.0.3", media=MediaConfig(codecs=agent_codecs)) as two,
        sim.phone(wire, "supervisor", "10.0.0.4") as three,
        sim.phone(wire, "middle", "10.0.0.1") as middle,
        trio.open_nursery() as nursery,
    ):

        async def take(call: IncomingCall) -> None:
            if call.called_user == "supervise":
                came["supervisor"] = call
                await call.answer()
                await call.ended()
                return
            async with middle.make_call("sip:agent@10.0.0.3", on_behalf_of=call) as leg:
                legs.append(leg)
                await bridge(call, leg)

        middle.subscribe(note)
        await nursery.start(two.serve, answer)
        await nursery.start(middle.serve, take)
        async with one.make_call("sip:sales@10.0.0.1") as customer:
            await customer.answered()
            async with three.make_call("sip:supervise@10.0.0.1") as supervisor:
                await supervisor.answered()
                await trio.sleep(0.5)
                talk = Talk(middle, customer, came["agent"], supervisor, legs[0], came["supervisor"], modes)
                with (
                    playing(nursery, customer, CUSTOMER),
                    playing(nursery, talk.agent, AGENT),
                    playing(nursery, supervisor, SUPERVISOR),
                ):
                    yield talk
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize("codecs", [("PCMU",), ("PCMA",)])
async def test_a_supervisor_listens_whispers_and_barges_in(
    sim: Simulation, autojump_clock: Clock, codecs: tuple[str, ...]
) -> None:
    """QUE-6: switched in the call; relayed packets are mixed meanwhile and relayed again afterwards."""
    both = {CUSTOMER, AGENT}
    async with talking(sim, codecs) as talk:
        before = talk.mode_of_media()
        assert before == ("relay" if codecs == ("PCMU",) else "room")
        assert await talk.heard() == ({AGENT}, {CUSTOMER}, set())
        async with talk.middle.supervise(talk.agent_leg, talk.supervisor_leg) as watch:
            assert await talk.heard() == ({AGENT}, {CUSTOMER}, both)
            assert talk.mode_of_media() == "room"
            watch.whisper()
            assert await talk.heard() == ({AGENT}, {CUSTOMER, SUPERVISOR}, both)
            watch.barge()
            assert await talk.heard() == ({AGENT, SUPERVISOR}, {CUSTOMER, SUPERVISOR}, both)
            watch.monitor()
            watch.monitor()
            assert await talk.heard() == ({AGENT}, {CUSTOMER}, both)
            assert "monitor" in repr(watch)
        assert await talk.heard() == ({AGENT}, {CUSTOMER}, set())
        assert talk.mode_of_media() == before
        assert talk.modes == ["monitor", "whisper", "barge", "monitor", "ended"]
        assert talk.supervisor.end is None
        with pytest.raises(CallStateError, match="over"):
            watch.barge()
        assert "over" in repr(watch)


async def test_a_whisper_is_heard_by_the_side_that_is_named_and_may_come_first(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-6: the customer's side, as when a customer is helped; nobody else hears a word of it."""
    async with talking(sim) as talk:
        customer_leg = next(
            call
            for call in talk.middle.list_active_sessions()
            if isinstance(call, IncomingCall) and call.called_user == "sales"
        )
        async with talk.middle.supervise(customer_leg, talk.supervisor_leg, "whisper"):
            assert await talk.heard() == ({AGENT, SUPERVISOR}, {CUSTOMER}, {CUSTOMER, AGENT})


@pytest.mark.parametrize("who", ["customer", "supervisor"])
async def test_it_ends_with_any_of_the_three_calls(sim: Simulation, autojump_clock: Clock, who: str) -> None:
    """QUE-6: when the two hang up, the supervisor's call goes on; when he does, the two talk on."""
    async with talking(sim) as talk:
        watch = talk.middle.supervise(talk.agent_leg, talk.supervisor_leg, "barge")
        await trio.sleep(1)
        if who == "customer":
            talk.customer.hang_up()
            await watch.ended()
            await trio.sleep(0.5)
            assert isinstance(talk.agent.end, RemoteBye)
            assert talk.supervisor.end is None
        else:
            talk.supervisor.hang_up()
            await watch.ended()
            await trio.sleep(0.5)
            assert talk.mode_of_media() == "relay"
            assert await tones_at(talk.customer) == {AGENT}
        assert talk.modes == ["barge", "ended"]
        watch.end()


async def test_only_a_free_supervisor_can_join_and_only_calls_that_are_connected(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """QUE-6: each mistake changes nothing."""
    async with talking(sim) as talk:
        middle = talk.middle
        with pytest.raises(CallStateError, match="not connected with another"):
            middle.supervise(talk.supervisor_leg, talk.agent_leg)
        with pytest.raises(CallStateError, match="connected already"):
            middle.supervise(talk.agent_leg, talk.agent_leg)
        async with middle.make_call("sip:nobody@10.0.0.4") as ringing:
            with pytest.raises(MediaError, match="no media"):
                middle.supervise(talk.agent_leg, ringing)
        assert talk.mode_of_media() == "relay"
        async with middle.open_conference() as room:
            room.add(talk.supervisor_leg)
            with pytest.raises(MediaError, match="in a room already"):
                middle.supervise(talk.agent_leg, talk.supervisor_leg)
            room.remove(talk.supervisor_leg)
        await trio.sleep(0.5)
        assert talk.mode_of_media() == "relay"
        assert await talk.heard() == ({AGENT}, {CUSTOMER}, set())
        assert talk.modes == []
