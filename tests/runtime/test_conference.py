"""Conferences: who hears whom, who may come in, what the only member hears, and what is told."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, sine
from sansio_sip.invite import RemoteBye
from trio_runtime import (
    Call,
    CallRejected,
    CallState,
    CallStateError,
    Conference,
    LimitExceededError,
    MediaError,
    SessionCoordinator,
)
from trio_runtime.events import conference_types as facts
from trio_runtime.events.types import SessionEvent
from trio_runtime.media import AudioFrame, Playable
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
RATE = 8_000
BRIDGE = "sip:room@10.0.0.1"


@asynccontextmanager
async def opened(sim: Simulation, wire: Wire, count: int) -> AsyncIterator[list[SessionCoordinator]]:
    """Open some phones while the block lasts, one inside of the other."""
    if not count:
        yield []
        return
    async with (
        sim.phone(wire, f"p{count}", f"10.0.1.{count}") as last,
        opened(sim, wire, count - 1) as others,
    ):
        yield [*others, last]


@asynccontextmanager
async def conference(
    sim: Simulation, parties: int, *, max_members: int = 1_000, music: Playable | None = None
) -> AsyncIterator[tuple[Conference, list[Call], SessionCoordinator, list[SessionEvent]]]:
    """Let phones call a conference while the block lasts, and check that nothing is left of it."""
    wire = sim.wire(latency=0.01)
    told: list[SessionEvent] = []

    def note(event: SessionEvent) -> bool:
        if type(event).__module__.endswith("conference_types"):
            told.append(event)
        return False

    async with wire, sim.phone(wire, "room", "10.0.0.1") as server, opened(sim, wire, parties) as phones:
        server.subscribe(note)
        async with trio.open_nursery() as nursery:
            async with server.open_conference(max_members=max_members, music=music) as room:
                await nursery.start(server.serve, room.join)
                calls = [phone.start_call(BRIDGE) for phone in phones]
                for call in calls:
                    with trio.move_on_after(2), contextlib.suppress(CallRejected):
                        await call.answered()
                await trio.sleep(0.3)
                yield room, calls, server, told
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        assert [call for call in calls if call.end is None] == []
        await sim.settle()
    sim.assert_quiet()


def tone(hertz: int, amplitude: int, seconds: int = 30) -> AudioFrame:
    """Return a tone as samples."""
    return (amplitude * np.sin(np.arange(seconds * RATE) * 2 * np.pi * hertz / RATE)).astype(np.int16)


def member(room: Conference, call: Call) -> Call:
    """Return the conference's side of a call."""
    return next(each for each in room.members if each.sip_call_id == call.sip_call_id)


async def tones_at(call: Call, seconds: float = 1.0) -> set[int]:
    """Return the frequencies, in steps of 50 Hz, that are heard from now on."""
    frames = []
    with trio.move_on_after(seconds):
        async for frame in call.audio:
            frames.append(frame)
    samples = np.concatenate(frames[-25:]).astype(float)[-3_200:]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    found = np.flatnonzero(spectrum > spectrum.max() * 0.2) * RATE / samples.size
    return (
        {round(hertz / 50) * 50 for hertz in found.tolist() if hertz > 100} if spectrum.max() > 1e4 else set()
    )


@pytest.mark.parametrize("parties", [3, pytest.param(50, marks=pytest.mark.long)])
async def test_each_hears_all_others_and_not_itself(
    sim: Simulation, autojump_clock: Clock, parties: int
) -> None:
    """BRG-6, MED-17: told apart by their tones."""
    async with conference(sim, parties) as (room, calls, _, _), trio.open_nursery() as nursery:
        assert len(room.members) == parties
        step = 200 if parties < 10 else 50
        hertz = [400 + step * number for number in range(parties)]
        for own, call in zip(hertz, calls, strict=True):
            nursery.start_soon(call.play, tone(own, 12_000 // parties))
        await trio.sleep(0.5)
        for number in (0, 1, parties - 1):
            assert await tones_at(calls[number]) == {*hertz} - {hertz[number]}
        nursery.cancel_scope.cancel()


async def test_muted_members_are_not_heard_and_quiet_ones_can_be_turned_up(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6: mute and gain of a member."""
    async with conference(sim, 3) as (room, calls, _, _), trio.open_nursery() as nursery:
        nursery.start_soon(calls[0].play, ToneSource(sine(600.0)))
        nursery.start_soon(calls[1].play, ToneSource(sine(900.0)))
        await trio.sleep(0.5)
        assert await tones_at(calls[2]) == {600, 900}
        one, two = member(room, calls[0]), member(room, calls[1])
        room.mute(one)
        await trio.sleep(0.2)
        assert await tones_at(calls[2]) == {900}
        assert room.info().muted == (one.id,)
        room.mute(one, False)
        room.set_gain(two, 0.0)
        await trio.sleep(0.2)
        assert await tones_at(calls[2]) == {600}
        with pytest.raises(MediaError, match="gain"):
            room.set_gain(two, 17)
        nursery.cancel_scope.cancel()


async def test_events_tell_who_comes_goes_and_speaks(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-3, BRG-5, BRG-6: and the info has them in order, with the true time of creation."""
    async with conference(sim, 2) as (room, calls, _, told):
        assert 0 <= room.created_at < trio.current_time()
        one, two = member(room, calls[0]), member(room, calls[1])
        first, second = room.members
        async with trio.open_nursery() as nursery:
            nursery.start_soon(calls[1].play, ToneSource(sine(900.0)))
            await trio.sleep(2)
            nursery.cancel_scope.cancel()
        assert room.info().active_speaker == two.id
        calls[0].hang_up()
        await trio.sleep(0.5)
        assert room.info().members == (two.id,)
        assert isinstance(one.end, RemoteBye)
    assert told[0] == facts.ConferenceOpened(room.name)
    assert facts.SpeakerChanged(two.id, room.name) in told
    assert [event for event in told if not isinstance(event, facts.SpeakerChanged)][1:] == [
        facts.MemberJoined(first.id, room.name, 1),
        facts.MemberJoined(second.id, room.name, 2),
        facts.MemberLeft(one.id, room.name, 1),
        facts.ConferenceClosed(room.name, 1),
    ]


async def test_leaving_the_block_hangs_up_everybody(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-4: members are released, and closing again is nothing."""
    async with conference(sim, 3) as (room, calls, server, _):
        room.close()
        room.close()
        await trio.sleep(0.5)
        assert [type(call.end) for call in calls] == [RemoteBye] * 3
        assert room.members == ()
        assert server.list_active_sessions() == []


async def test_full_and_locked_rooms_let_nobody_in(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: 486 for one too many, 403 for a locked one; who is in stays."""
    async with conference(sim, 3, max_members=2) as (room, calls, _, _):
        refused = [call for call in calls if call.state is CallState.FAILED]
        assert len(refused) == 1
        with pytest.raises(CallRejected, match="486"):
            await refused[0].answered()
        room.locked = True
        room.members[0].hang_up()
        await trio.sleep(0.5)
        assert len(room.members) == 1
        with pytest.raises(CallStateError, match="in the conference already"):
            room.add(room.members[0])
        room.max_members = 1
        room.locked = False
        other = next(call for call in calls if call.end is not None)
        with pytest.raises(LimitExceededError, match="1 members already"):
            room.add(other)


async def test_locked_room_refuses_with_403(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6."""
    async with conference(sim, 1) as (room, _, server, _):
        room.locked = True
        late = server.start_call(BRIDGE)
        with pytest.raises(CallRejected, match="403"):
            await late.answered()


async def test_who_is_alone_hears_music(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, MED-22: until the second comes, and again when he has gone."""
    music = (9_000 * np.sin(np.arange(RATE // 5) * 2 * np.pi * 500 / RATE)).astype(np.int16)
    async with conference(sim, 2, music=music) as (room, calls, _, _), trio.open_nursery() as nursery:
        nursery.start_soon(calls[1].play, ToneSource(sine(900.0)))
        await trio.sleep(0.5)
        assert await tones_at(calls[0]) == {900}
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            calls[1].hang_up()
            await trio.sleep(0.5)
            assert len(room.members) == 1
            assert await tones_at(calls[0]) == {500}


async def test_member_may_leave_and_go_on_by_itself(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-2, BRG-6: its task goes on after `join`, and the call with it."""
    async with conference(sim, 2) as (room, calls, _, _):
        gone = member(room, calls[0])
        room.remove(gone)
        room.remove(gone)
        await trio.sleep(0.5)
        # `serve` ends a call when its task returns.
        assert isinstance(calls[0].end, RemoteBye)
        assert len(room.members) == 1
