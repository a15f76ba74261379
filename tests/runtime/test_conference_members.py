"""What may be done in a conference: roles, PIN, lock, dial-out, announcements, recordings, lists."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, WavReader, sine
from sansio_sip.invite import Cancelled, Rejected, RemoteBye
from tests.runtime.conferring import (
    BRIDGE,
    RATE,
    conference,
    member,
    tone,
)
from tests.runtime.hearing import tones_at
from trio_runtime import (
    Account,
    AudioFileError,
    AutoAnswerHandler,
    Call,
    CallEnded,
    CallStateError,
    ConferenceConfig,
    ConferenceRole,
    ConfigurationError,
    IncomingCall,
    LimitExceededError,
    MediaConfig,
    MediaError,
    MemberInfo,
    RejectAllHandler,
    bridge,
    open_coordinator,
)
from trio_runtime.bridge import ConferenceOptions
from trio_runtime.events import conference_types as facts
from trio_runtime.media import AudioFrame
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock


def frequencies(samples: AudioFrame, rate: int) -> set[int]:
    """Return the loudest tones in a recording, in steps of 50 Hz."""
    wide = samples.astype(float)
    spectrum = np.abs(np.fft.rfft(wide * np.hanning(wide.size)))
    found = np.flatnonzero(spectrum > spectrum.max() * 0.2) * rate / wide.size
    return {round(hertz / 50) * 50 for hertz in found.tolist()}


async def test_listeners_are_not_heard_and_mute_all_spares_moderators(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6: roles, and muting everybody at once; each change is an event."""
    async with conference(sim, 4) as (room, calls, _, told), trio.open_nursery() as nursery:
        for number, call in enumerate(calls[:3]):
            nursery.start_soon(call.play, ToneSource(sine(600.0 + 300 * number)))
        one, two, three = [member(room, call) for call in calls[:3]]
        room.set_role(one, ConferenceRole.MODERATOR)
        room.set_role(two, ConferenceRole.LISTENER)
        await trio.sleep(0.5)
        assert await tones_at(calls[3]) == {600, 1_200}
        assert await tones_at(calls[1]) == {600, 1_200}, "a listener hears"
        room.mute(two, False)
        await trio.sleep(0.2)
        assert await tones_at(calls[3]) == {600, 1_200}, "and is not heard, muted or not"
        room.mute_all(except_=[three])
        await trio.sleep(0.2)
        assert await tones_at(calls[3]) == {600, 1_200}
        room.mute_all()
        room.set_role(two, ConferenceRole.SPEAKER)
        await trio.sleep(0.2)
        assert await tones_at(calls[3]) == {600}, "two was muted by the first of the two"
        assert {each.session_id: (each.role.value, each.muted) for each in room.info().details} == {
            one.id: ("moderator", False),
            two.id: ("speaker", True),
            three.id: ("speaker", True),
            member(room, calls[3]).id: ("speaker", True),
        }
        room.unmute_all()
        await trio.sleep(0.2)
        assert await tones_at(calls[3]) == {600, 900, 1_200}
        changes = [event for event in told if isinstance(event, facts.MemberChanged)]
        assert changes[:2] == [
            facts.MemberChanged(one.id, room.name, "moderator", False),
            facts.MemberChanged(two.id, room.name, "listener", False),
        ]
        assert len(changes) == 9, "two roles, one and two muted ones, a role, three unmuted ones"
        nursery.cancel_scope.cancel()


async def test_info_of_members_is_true(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-3, BRG-6: who, since when, how loud, as what; it is a snapshot."""
    async with conference(sim, 2, name="board", max_members=5) as (room, calls, server, _):
        (one, two), before = room.members, room.info()
        room.set_gain(one, 2.0)
        assert [*server.conferences] == [room]
        assert [conference.info().name for conference in server.conferences] == ["board"]
        first, second = room.info().details
        speaker = ConferenceRole.SPEAKER
        assert first == MemberInfo(one.id, one.remote_uri, speaker, False, 2.0, first.joined_at, False)
        assert before.details[0].gain == 1.0
        assert one.answered_at is not None
        assert one.answered_at <= first.joined_at <= second.joined_at <= trio.current_time()
        with pytest.raises(ConfigurationError, match="name: there is a conference 'board' already"):
            server.open_conference(name="board")
        with pytest.raises(MediaError, match="not in the conference"):
            room.mute(calls[0])
        with pytest.raises(MediaError, match="not in the conference"):
            room.set_role(calls[0], ConferenceRole.LISTENER)
        with pytest.raises(MediaError, match="not in the conference"):
            room.set_gain(calls[0], 2.0)
        other = server.open_conference()
        assert [*server.conferences] == [room, other]
        other.close()
        assert [*server.conferences] == [room]
        with pytest.raises(CallStateError, match="in the conference already"):
            room.add(two)
    assert [*server.conferences] == []
    assert room.info().closed


async def test_member_that_was_only_added_leaves_when_it_ends(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-2: without a task that waits for it."""
    async with conference(sim, 1) as (room, _, server, told), server.make_call(BRIDGE) as call:
        await call.answered()
        await trio.sleep(0.1)
        room.add(call)
        assert room.info().members[-1] == call.id
        call.hang_up()
        await trio.sleep(0.1)
        assert [event.members for event in told if isinstance(event, facts.MemberLeft)] == [2, 1]


async def test_pin_lets_in_and_keeps_out(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: before the PIN a caller takes no seat and hears nothing of the conference."""
    options: ConferenceOptions = {"pin": "2580", "pin_tries": 2, "max_members": 1}
    async with conference(sim, 3, **options) as (room, calls, _, told):
        assert not room.members
        await calls[0].send_dtmf("2580")
        await trio.sleep(0.5)
        assert [call.remote_uri for call in room.members] == [calls[0].local_uri]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(calls[0].play, tone(500, 8_000, 2))
            assert 500 not in await tones_at(calls[1], 1.5), "only the beep"
        for _ in range(2):
            with contextlib.suppress(CallEnded):  # the key counts before its last repeat is sent
                await calls[1].send_dtmf("1111")
            await trio.sleep(0.5)
        assert isinstance(calls[1].end, RemoteBye)
        with contextlib.suppress(CallEnded):
            await calls[2].send_dtmf("2580")
        await trio.sleep(0.5)
        assert isinstance(calls[2].end, RemoteBye), "right, but meanwhile it is full"
        refused = [event for event in told if isinstance(event, facts.MemberRefused)]
        assert [event.reason for event in refused] == ["pin", "full"]
    assert "2580" not in repr(ConferenceConfig(pin="2580"))


async def test_prompt_for_the_pin_is_heard(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, SES-24: and the time for an answer ends."""
    prompt = tone(500, 8_000, 1)
    async with conference(sim, 1, pin="1", pin_prompt=prompt) as (room, calls, _, _):
        assert await tones_at(calls[0], 0.6) == {500}
        await trio.sleep(60)
        assert isinstance(calls[0].end, RemoteBye)
        assert room.members == ()


async def test_callers_of_a_conference_that_is_locked_meanwhile_are_let_go(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6: neither a failure of a handler nor a member."""
    async with conference(sim, 1) as (room, _, server, told):
        late = server.start_call(BRIDGE)
        await trio.sleep(0.015)
        assert room._coming, "it is answered, and its ACK is on the way"
        room.locked = True
        await trio.sleep(1)
        assert late.end is not None
        assert len(room.members) == 1
        assert isinstance(told[-1], facts.MemberRefused)
        assert told[-2:] == [
            facts.ConferenceLocked(room.name, True),
            facts.MemberRefused(told[-1].session_id, room.name, "locked"),
        ]
        assert server.statistics().handlers.failed == 0


async def test_dial_out_brings_somebody_in(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: answered, heard, gone again; with a role of its own."""
    taken: list[Call] = []

    class Bob(AutoAnswerHandler):
        def on_call_established(self, call: Call) -> None:
            taken.append(call)

    async with conference(sim, 1) as (room, calls, _, told), trio.open_nursery() as nursery:
        async with sim.phone(sim.wires[0], "bob", "10.0.2.1", handler=Bob()):
            result = await room.dial_out("sip:bob@10.0.2.1", role=ConferenceRole.MODERATOR)
            assert result.joined
            assert result.call in room.members
            details = room.info().details[1]
            assert (details.uri, details.dialled_out) == ("sip:bob@10.0.2.1", True)
            assert details.role is ConferenceRole.MODERATOR
            nursery.start_soon(calls[0].play, ToneSource(sine(600.0)))
            await trio.sleep(0.3)
            assert await tones_at(taken[0]) == {600}
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                taken[0].hang_up()
                await trio.sleep(0.2)
                assert len(room.members) == 1
                assert told[-1] == facts.MemberLeft(result.call.id, room.name, 1)


async def test_dial_out_that_fails_is_a_value(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: refused; and what cannot even begin is an error."""
    async with (
        conference(sim, 1, max_members=2) as (room, _, _, told),
        sim.phone(sim.wires[0], "bob", "10.0.2.1", handler=RejectAllHandler(603)),
    ):
        result = await room.dial_out("sip:bob@10.0.2.1")
        assert isinstance(result.end, Rejected)
        assert not result.joined
        assert told[-1] == facts.DialOutFailed(result.call.id, room.name, "sip:bob@10.0.2.1", result.end)
        room.max_members = 1
        with pytest.raises(LimitExceededError):
            await room.dial_out("sip:bob@10.0.2.1")
        room.locked = True
        with pytest.raises(CallStateError, match="locked"):
            await room.dial_out("sip:bob@10.0.2.1")


async def test_dial_out_that_is_given_up_or_locked_out_hangs_up(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6: nobody is left ringing, and nobody comes in behind a lock."""
    ringing: list[IncomingCall] = []

    async def ring(call: IncomingCall) -> None:
        ringing.append(call)
        call.ring()
        with trio.move_on_after(2):
            await call.ended()
            return
        await call.answer()
        await call.ended()

    async with conference(sim, 1) as (room, _, _, _), trio.open_nursery() as nursery:
        async with sim.phone(sim.wires[0], "bob", "10.0.2.1") as bob:
            await nursery.start(bob.serve, ring)
            with trio.move_on_after(1) as scope:
                await room.dial_out("sip:bob@10.0.2.1")
            assert scope.cancelled_caught
            await trio.sleep(0.5)
            assert ringing[0].end is not None
            nursery.start_soon(lock_soon, room)
            with pytest.raises(CallStateError, match="locked"):
                await room.dial_out("sip:bob@10.0.2.1")
            await trio.sleep(0.5)
            assert isinstance(ringing[1].end, RemoteBye)
            nursery.cancel_scope.cancel()


async def lock_soon(room: Any) -> None:
    await trio.sleep(1)
    room.locked = True


async def test_time_limit_ends_it(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: everybody is hung up, the block goes on; one that is closed before leaves nothing."""
    async with conference(sim, 2, time_limit=8) as (room, calls, server, told):
        await trio.sleep(6)
        assert not room.info().closed
        await trio.sleep(2)
        assert room.info().closed
        assert [type(call.end) for call in calls] == [RemoteBye, RemoteBye]
        assert told[-1] == facts.ConferenceClosed(room.name, 2)
        other = server.open_conference(time_limit=5)
        other.close()
        await trio.sleep(10)
        assert [type(event) for event in told[-2:]] == [facts.ConferenceOpened, facts.ConferenceClosed]


async def test_announcement_is_heard_by_all_and_silences_the_music(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-6, MED-22."""
    music = tone(500, 9_000, 1)
    async with conference(sim, 1, music=music) as (room, calls, server, _):
        assert await tones_at(calls[0]) == {500}
        async with trio.open_nursery() as nursery:
            nursery.start_soon(room.play, tone(900, 8_000, 1))
            await trio.sleep(0.1)
            assert await tones_at(calls[0], 0.7) == {900}
        assert await tones_at(calls[0]) == {500}
        async with server.make_call(BRIDGE) as other:
            await other.answered()
            await trio.sleep(0.3)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(room.play, tone(900, 8_000, 2))
                await trio.sleep(0.1)
                assert await tones_at(other, 0.7) == {900}
                assert await tones_at(calls[0], 0.7) == {900}
        with pytest.raises(AudioFileError):
            await room.play("nowhere.wav")

        async def close_soon() -> None:
            await trio.sleep(0.5)
            room.close()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(close_soon)
            with pytest.raises(MediaError, match="conference is over"):
                await room.play(tone(900, 8_000, 2))
        with pytest.raises(MediaError, match="room is closed"):
            await room.play(tone(900, 8_000, 1))


@pytest.mark.parametrize("rate", [8_000, 16_000])
async def test_recording_has_everybody_and_each_member_a_file(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, rate: int
) -> None:
    """BRG-6, MED-21: the mix, what was announced in it, and what each said, from when it came."""
    codec = "PCMU" if rate == RATE else "L16/16000"
    media = MediaConfig(codecs=(codec,))
    (tmp_path / "members").mkdir()
    async with conference(sim, 2, media=media) as (room, calls, server, _):
        async with (
            room.recording(tmp_path / "all.wav", members=tmp_path / "members"),
            room.recording(tmp_path / "split.wav", channels="split"),
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(calls[0].play, ToneSource(sine(600.0), rate))
            nursery.start_soon(calls[1].play, ToneSource(sine(900.0), rate))
            await trio.sleep(1)
            late = server.start_call(BRIDGE)
            await late.answered()
            nursery.start_soon(late.play, tone(1_500, 2_500, 1, rate))
            nursery.start_soon(room.play, tone(2_100, 2_500, 1, rate))
            await trio.sleep(2)
            names = [call.id for call in room.members]
            late.hang_up()
            await trio.sleep(0.5)
            nursery.cancel_scope.cancel()
        whole = WavReader((tmp_path / "all.wav").read_bytes())
        assert whole.sample_rate == rate
        samples = whole.read_all()[:, 0]
        assert samples.size / rate == pytest.approx(3.6, abs=0.2)
        assert frequencies(samples[: rate // 2], rate) == {600, 900}
        assert frequencies(samples[3 * rate // 2 : 15 * rate // 8], rate) == {600, 900, 1_500, 2_100}
        split = WavReader((tmp_path / "split.wav").read_bytes()).read_all()
        assert frequencies(split[3 * rate // 2 : 15 * rate // 8, 1], rate) == {2_100}
        assert {path.stem for path in (tmp_path / "members").iterdir()} == set(names)
        for name, hertz in zip(names, (600, 900, 1_500), strict=True):
            own = WavReader((tmp_path / "members" / f"{name}.wav").read_bytes()).read_all()[:, 0]
            assert frequencies(own[rate // 2 : rate], rate) == {hertz}


async def test_recording_that_cannot_be_written(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """BRG-6, ERR-1: told at once; of who comes later it is logged, and they are in all the same."""
    async with conference(sim, 1) as (room, _, server, _):
        with pytest.raises(AudioFileError, match="cannot record"):
            async with room.recording(tmp_path / "no" / "all.wav"):
                raise AssertionError
        with pytest.raises(AudioFileError, match="cannot record"):
            async with room.recording(tmp_path / "all.wav", members=tmp_path / "no"):
                raise AssertionError
        folder = tmp_path / "members"
        folder.mkdir()
        async with room.recording(tmp_path / "all.wav", members=folder):
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
            late = server.start_call(BRIDGE)
            await late.answered()
            await trio.sleep(0.2)
            assert len(room.members) == 2
        assert "a member of a conference is not recorded" in caplog.text
        late.hang_up()
        await trio.sleep(0.2)


async def test_recording_ends_with_the_conference(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """BRG-4, BRG-6, MED-21: the files are whole; who comes twice has two."""
    async with conference(sim, 1) as (room, calls, _, _):
        inside = member(room, calls[0])
        async with room.recording(tmp_path / "all.wav", members=tmp_path):
            await trio.sleep(1)
            other = room._operations.start_call(BRIDGE, (), None, None)
            await other.answered()
            await trio.sleep(0.1)
            room.add(other)
            await trio.sleep(0.5)
            room.remove(other)
            await trio.sleep(0.5)
            room.add(other)
            await trio.sleep(0.5)
            room.close()
            await trio.sleep(0.5)
        lengths = {
            name[:-4]: WavReader((tmp_path / name).read_bytes()).read_all().shape[0] / RATE
            for name in os.listdir(tmp_path)
        }
        assert lengths["all"] == pytest.approx(2.6, abs=0.2)
        assert lengths[inside.id] == pytest.approx(2.6, abs=0.2)
        assert lengths[other.id] == pytest.approx(0.5, abs=0.1)
        assert lengths[f"{other.id}-2"] == pytest.approx(0.5, abs=0.1)


async def test_join_returns_although_its_event_was_lost(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-2, ERR-1: a thousand events at once are more than a stream keeps."""
    async with conference(sim, 2) as (room, calls, _, _):
        inside = member(room, calls[0])
        room.remove(inside)
        for _ in range(2_000):
            room.add(inside)
            room.remove(inside)
        await trio.sleep(0.5)
        assert isinstance(calls[0].end, RemoteBye), "the task that served it has ended"
        assert len(room.members) == 1


async def test_somebody_else_may_call_for_a_conference(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6, CLI-8: an account is in From, the conference in Contact."""
    wire = sim.wire(latency=0.01)
    taken: list[Call] = []

    async def take(call: IncomingCall) -> None:
        taken.append(call)
        await call.answer()
        await call.ended()

    async with (
        wire,
        sim.phone(wire, "s", "10.0.0.1", accounts=(Account(uri="sip:desk@example.com"),)) as server,
        sim.phone(wire, "b", "10.0.0.3") as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, take)
        async with (
            server.open_conference(uri="sip:room@example.com") as room,
            server.open_conference() as plain,
        ):
            assert (await room.dial_out("sip:b@10.0.0.3", account="sip:desk@example.com")).joined
            assert (await room.dial_out("sip:b@10.0.0.3")).joined
            assert (await plain.dial_out("sip:b@10.0.0.3", headers=[("Subject", "tea")])).joined
            assert [call.remote_uri for call in taken] == [
                "sip:desk@example.com",
                "sip:room@example.com",
                "sip:s@10.0.0.1",
            ]
            assert ["isfocus" in call.headers["Contact"] for call in taken] == [True, True, False]
            assert taken[2].headers["Subject"] == "tea"
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_call_that_ends_as_it_comes_in_is_no_failure(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-6: its ACK and its BYE come at once; `join` says how it ended."""
    wire = sim.wire(latency=0.01)
    ends: list[object] = []
    async with wire, sim.phone(wire, "s", "10.0.0.1") as server, sim.phone(wire, "b", "10.0.0.3") as bob:
        async with server.open_conference() as room, trio.open_nursery() as nursery:

            async def come(call: IncomingCall) -> None:
                ends.append(await room.join(call))

            await nursery.start(server.serve, come)
            async with bob.make_call(BRIDGE) as call:
                await call.answered()
            await trio.sleep(1)
            assert ends == [RemoteBye("")]
            nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_bridges_are_listed_and_told(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-1, BRG-3, BRG-4, BRG-5: of two calls, with their true time of creation and how they hear."""
    wire = sim.wire(latency=0.01)
    told: list[Any] = []

    def note(event: object) -> bool:
        told.extend([event] if isinstance(event, facts.BridgeOpened | facts.BridgeClosed) else [])
        return False

    async with (
        wire,
        sim.phone(wire, "a", "10.0.0.2") as alice,
        sim.phone(wire, "b", "10.0.0.3", handler=AutoAnswerHandler()),
        sim.phone(wire, "s", "10.0.0.1") as server,
        trio.open_nursery() as nursery,
    ):
        server.subscribe(note)

        async def connect(call: IncomingCall) -> None:
            async with server.make_call("sip:b@10.0.0.3") as leg:
                await bridge(call, leg)

        await nursery.start(server.serve, connect)
        begun = trio.current_time()
        async with alice.make_call("sip:s@10.0.0.1") as call:
            await call.answered()
            await trio.sleep(5)
            (info,) = server.bridges
            assert begun < info.created_at < begun + 1
            assert info.mode == "relay"
            assert {server.find_session(name) for name in info.sessions} == set(server.list_active_sessions())
            assert told == [facts.BridgeOpened(info.name, info.sessions)]
        await trio.sleep(0.5)
        assert told[1:] == [facts.BridgeClosed(info.name, info.sessions)]
        assert [*server.bridges] == []
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_who_is_about_to_come_is_hung_up_when_it_is_over(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-4: who is asked for the PIN, and who is called and rings."""
    ringing: list[IncomingCall] = []

    async def ring(call: IncomingCall) -> None:
        ringing.append(call)
        call.ring()
        await call.ended()

    async with conference(sim, 1, pin="1") as (room, calls, _, told), trio.open_nursery() as nursery:
        async with sim.phone(sim.wires[0], "bob", "10.0.2.1") as bob:
            await nursery.start(bob.serve, ring)

            async def call_bob() -> None:
                result = await room.dial_out("sip:bob@10.0.2.1")
                assert isinstance(result.end, Cancelled)

            async with trio.open_nursery() as calling:
                calling.start_soon(call_bob)
                await trio.sleep(0.5)
                states = [room.empty]
                room.close()
            await trio.sleep(0.5)
            assert ringing[0].end is not None
            assert calls[0].end is not None
            assert [*states, room.empty] == [False, True]
            assert told[0] == facts.ConferenceOpened(room.name)
            nursery.cancel_scope.cancel()


async def test_coordinator_that_closes_closes_its_conferences(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-4: also those without a block of their own, and with a time limit."""
    wire = sim.wire(latency=0.01)
    async with wire, sim.phone(wire, "a", "10.0.0.2") as alice:
        async with sim.phone(wire, "s", "10.0.0.1") as server, trio.open_nursery() as nursery:
            room = server.open_conference(time_limit=1_000, uri="sip:room@10.0.0.1")
            with pytest.raises(ConfigurationError, match="uri: there is a conference at sip:room@10"):
                server.open_conference(uri="sip:room@10.0.0.1:5060;transport=udp")
            await nursery.start(server.serve, room.join)
            call = alice.start_call("sip:room@10.0.0.1")
            await call.answered()
            await trio.sleep(0.5)
            nursery.cancel_scope.cancel()
        assert room.info().closed
        assert call.end is not None
    await sim.settle()
    sim.assert_quiet()


BAD: dict[str, Any] = {
    "name": "a\nb",
    "uri": "room",
    "rate": 44_100,
    "max_members": 0,
    "music": 5,
    "pin": "12#",
    "pin_prompt": ["menu.wav"],
    "pin_tries": 0,
    "watchers": "some",
    "referrers": "some",
    "time_limit": 0,
}


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(ConferenceConfig)])
def test_bad_value_is_told_with_the_field(name: str) -> None:
    """COO-6, ERR-1: a field without a row in the table fails here."""
    with pytest.raises(ConfigurationError) as caught:
        ConferenceConfig(**{name: BAD[name]})
    assert caught.value.field == name
    assert str(caught.value).startswith(f"{name}: ")


async def test_what_is_no_field_is_told(autojump_clock: Clock) -> None:
    """COO-6: as for the coordinator; before it is open there are no conferences."""
    phone = open_coordinator()
    assert not phone.conferences
    assert not phone.bridges
    with pytest.raises(ConfigurationError, match="size: there is no such field"):
        phone.open_conference(size=5)  # type: ignore[call-arg]
