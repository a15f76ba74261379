"""Conferences: who hears whom, who may come in, what the only member hears, and what is told."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, sine
from sansio_sip.invite import RemoteBye
from tests.runtime.conferring import (
    BRIDGE,
    RATE,
    conference,
    member,
    tone,
)
from tests.runtime.hearing import tones_at
from trio_runtime import (
    Call,
    CallEnded,
    CallRejected,
    CallState,
    CallStateError,
    LimitExceededError,
    MediaConfig,
    MediaError,
)
from trio_runtime.events import conference_types as facts
from trio_runtime.media import AudioFrame
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock


@pytest.mark.parametrize("rate", [8_000, 16_000])
@pytest.mark.parametrize("parties", [3, pytest.param(50, marks=pytest.mark.long)])
async def test_each_hears_all_others_and_not_itself(
    sim: Simulation, autojump_clock: Clock, parties: int, rate: int
) -> None:
    """BRG-6, MED-17: told apart by their tones; in a room of 16 kHz most of those are above 4 kHz."""
    media = MediaConfig(codecs=("PCMU",) if rate == RATE else ("L16/16000",))
    async with conference(sim, parties, media=media) as (room, calls, _, _), trio.open_nursery() as nursery:
        assert len(room.members) == parties
        assert room.rate == room.info().rate == rate
        step = (200 if parties < 10 else 50) * rate // RATE
        hertz = [400 + step * number for number in range(parties)]
        if rate == 16_000:
            hertz = [6_800 - (own - 400) for own in hertz]
        for own, call in zip(hertz, calls, strict=True):
            nursery.start_soon(call.play, tone(own, 12_000 // parties, rate=rate))
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


@pytest.mark.parametrize(("rate", "codec"), [(8_000, "PCMU"), (16_000, "PCMU"), (16_000, "L16/16000")])
async def test_joins_and_leaves_do_not_click(
    sim: Simulation, autojump_clock: Clock, rate: int, codec: str
) -> None:
    """BRG-6, MED-17: who comes, is taken out or hangs up in mid-word makes no step over 10 % of its peak."""
    media = MediaConfig(codecs=(codec,))
    async with conference(sim, 1, media=media, rate=rate, late=0.253) as (room, calls, server, _):
        heard: list[AudioFrame] = []
        async with trio.open_nursery() as nursery:

            async def listen() -> None:
                async for frame in calls[0].audio:
                    heard.append(frame)

            nursery.start_soon(listen)
            for number, way in enumerate(("remove", "hang_up", "mute", "remove", "hang_up")):
                async with server.make_call(BRIDGE) as call:  # to itself: no other phone is needed
                    await call.answered()
                    nursery.start_soon(swallow, call, tone(60, 8_000, 3, call.audio.rate))
                    await trio.sleep(0.603 + 0.007 * number)
                    inside = member(room, call)
                    match way:
                        case "remove":
                            room.remove(inside)
                        case "mute":
                            room.mute(inside)
                        case _:
                            call.hang_up()
                    await trio.sleep(0.3)
            nursery.cancel_scope.cancel()
        samples = np.concatenate(heard).astype(int)
        assert np.abs(samples).max() > 7_500
        assert np.abs(np.diff(samples)).max() < 800


async def swallow(call: Call, samples: AudioFrame) -> None:
    """Play until the call ends."""
    with contextlib.suppress(CallEnded):
        await call.play(samples)
