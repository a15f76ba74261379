"""Calls in a room hear each other and not themselves."""

from __future__ import annotations

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_sip.sdp import Direction
from tests.runtime.media_hub import Hub, Tone, levels, media_hub
from tests.runtime.media_pair import Listener
from trio_runtime.base import MediaConfig
from trio_runtime.base.errors import LimitExceededError, MediaError
from trio_runtime.media import MemberJoined, MemberLeft, RoomEvent, SpeakerChanged
from trio_runtime.media.clock import phases as phases_module
from trio_runtime.media.rooms import desk as desk_module

TONES = [400.0, 646.0, 910.0, 1318.0, 1702.0]  # no sum or difference of two or three is a third one
NAMES = [str(number) for number in range(len(TONES))]


def ring(hub: Hub, tones: list[float] | None = None) -> list[Listener]:
    """Connect a phone for each tone."""
    return [hub.call(str(number), hertz) for number, hertz in enumerate(tones or TONES)]


async def test_each_hears_all_others_and_not_itself(autojump_clock: MockClock) -> None:
    """MED-17, MED-26."""
    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room()
        for name in NAMES:
            room.join(name)
        assert room.members == tuple(NAMES)
        await trio.sleep(2)
        for number, ear in enumerate(ears):
            level = levels(ear, TONES)
            others = np.delete(level, number)
            assert others == pytest.approx(np.full(4, 2_000), rel=0.02)
            assert level[number] < 20, "40 dB below the others"


async def test_twelve_in_a_room_are_moved_in_the_plane(autojump_clock: MockClock) -> None:
    """MED-17, MED-26."""
    async with media_hub() as hub:
        tones = [300.0 + 150 * number + 6 * number**2 for number in range(12)]
        ears = ring(hub, tones)
        room = hub.manager.open_room()
        for number in range(12):
            hub.phone(str(number)).muted = number % 4 != 0
            room.join(str(number))
        await trio.sleep(1)
        plane = hub.manager._engine.plane
        before = plane.counters.batched_frames
        await trio.sleep(1)
        assert plane.counters.batched_frames - before > 0.8 * 12 * 50
        for number, ear in enumerate(ears):
            expected = [2_000 * (n % 4 == 0 and n != number) for n in range(12)]
            assert levels(ear, tones) == pytest.approx(expected, rel=0.02, abs=20)


async def test_hundred_in_rooms_of_ten_share_the_phases(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-17, MED-26: a room is moved together, wherever its streams were before."""
    monkeypatch.setattr(phases_module, "_TOGETHER", 32)
    async with media_hub() as hub:
        tones = {name: 400.0 + 200 * (number % 10) for number, name in enumerate(map(str, range(100)))}
        ears = {name: hub.call(name, hertz if name in "0 1 2" else None) for name, hertz in tones.items()}
        rooms = [hub.manager.open_room() for _ in range(10)]
        for number, name in enumerate(tones):
            rooms[number % 10].join(name)
        await trio.sleep(1)
        phases = hub.manager._engine._phases.phases
        assert sorted(phase.rooms for phase in phases) == [2, 2, 3, 3]
        assert sorted(len(phase.streams) for phase in phases) == [20, 20, 30, 30]
        heard = {name: levels(ear, [400.0, 600.0, 800.0]) for name, ear in ears.items()}
        for number, name in enumerate(tones):
            loud = [2_000 * (number % 10 == n and number != n) for n in range(3)]
            assert heard[name] == pytest.approx(loud, rel=0.02, abs=20)
            statistics = hub.phones.statistics(name)
            assert statistics is not None
            assert statistics.rtp is not None
            assert (statistics.rtp.lost, statistics.rtp.out_of_order) == (0, 0), "moving it lost nothing"


async def test_rooms_do_not_hear_each_other(autojump_clock: MockClock) -> None:
    """MED-17."""
    async with media_hub() as hub:
        ears = ring(hub)
        first, second = hub.manager.open_room(), hub.manager.open_room()
        for name in NAMES:
            (first if name in "01" else second).join(name)
        await trio.sleep(2)
        assert levels(ears[0], TONES) == pytest.approx([0, 2_000, 0, 0, 0], rel=0.02, abs=20)
        assert levels(ears[3], TONES) == pytest.approx([0, 0, 2_000, 0, 2_000], rel=0.02, abs=20)


async def test_a_member_is_hidden_from_one_other_and_heard_again(autojump_clock: MockClock) -> None:
    """QUE-6, MED-17: from its first sound on, while others come and go."""
    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room()
        for name in "012":
            room.join(name, unheard_by={"2": ["0"]}.get(name, ()))
        await trio.sleep(1)
        assert levels(ears[0], [TONES[2]])[0] < 5
        assert levels(ears[1], TONES[:3]) == pytest.approx([2_000, 0, 2_000], rel=0.02, abs=20)
        room.join("3")
        room.leave("1")
        await trio.sleep(1)
        assert levels(ears[0], TONES) == pytest.approx([0, 0, 0, 2_000, 0], rel=0.02, abs=20)
        room.hide("2", "0", False)
        room.hide("0", "2")
        await trio.sleep(1)
        assert levels(ears[0], TONES) == pytest.approx([0, 0, 2_000, 2_000, 0], rel=0.02, abs=20)
        assert levels(ears[2], TONES) == pytest.approx([0, 0, 0, 2_000, 0], rel=0.02, abs=20)
        room.leave("2")
        await trio.sleep(0.1)
        room.join("2")
        await trio.sleep(1)
        assert levels(ears[2], TONES) == pytest.approx([2_000, 0, 0, 2_000, 0], rel=0.02, abs=20)
        for mistake in (("0", "0"), ("0", "9"), ("9", "0")):
            with pytest.raises(MediaError):
                room.hide(*mistake)
        with pytest.raises(MediaError, match="not in the room"):
            room.join("4", unheard_by=["9"])
        assert "4" not in room.members


def steepest(ear: Listener, since: int) -> int:
    """The largest step between two samples that follow each other, from a frame on."""
    return int(np.abs(np.diff(np.concatenate(ear.received[since:]).astype(int))).max())


@pytest.mark.parametrize("way", ["leave", "end", "close", "mute", "move"])
async def test_coming_and_going_do_not_click(autojump_clock: MockClock, way: str) -> None:
    """MED-17: of a slow tone no step is larger than a tenth of its peak, wherever in its period it begins."""
    async with media_hub() as hub:
        ears = [hub.call(name) for name in "012"]
        hub.phone("0").add_source(Tone(60, amplitude=8_000))  # a frame is no whole number of periods
        room, other = hub.manager.open_room(), hub.manager.open_room()
        room.join("1")
        other.join("2")
        await trio.sleep(0.5)
        begun = len(ears[1].received)
        for wait in (0.243, 0.251, 0.238, 0.246):
            if "0" not in room.members:
                room.join("0")
            room.mute("0", False)
            await trio.sleep(wait)
            assert np.abs(ears[1].received[-1].astype(int)).max() > 7_500
            if way == "mute":
                room.mute("0")
            elif way == "end":
                hub.manager.close("0")
            else:
                room.leave("0")
            if way == "move":
                other.join("0")
                await trio.sleep(wait)
                other.leave("0")
            await trio.sleep(wait)
            assert np.abs(ears[1].received[-1].astype(int)).max() < 20
            if way == "end":
                hub.phones.close("0")
                hub.call("0")
                hub.phone("0").add_source(Tone(60, amplitude=8_000))
            if way == "close":
                room.close()
                break
        assert steepest(ears[1], begun) < 800
        assert steepest(ears[2], begun) < 800
        assert (np.abs(np.concatenate(ears[2].received)).max() > 7_500) == (way == "move")


async def test_gain_and_muting_are_of_one_member(autojump_clock: MockClock) -> None:
    """MED-17."""
    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room()
        room.join("0", gain=2.0)
        room.join("1", muted=True)
        for name in NAMES[2:]:
            room.join(name)
        room.set_gain("2", 0.5)
        await trio.sleep(2)
        expected = [4_000, 0, 1_000, 2_000, 0]
        assert levels(ears[4], TONES) == pytest.approx(expected, rel=0.02, abs=20)
        assert levels(ears[1], TONES)[0] == pytest.approx(4_000, rel=0.02), "who is muted still hears"
        room.mute("1", False)
        room.set_gain("0", 0.0)
        await trio.sleep(1)
        expected = [0, 2_000, 1_000, 2_000, 0]
        assert levels(ears[4], TONES) == pytest.approx(expected, rel=0.02, abs=20)


async def test_own_sources_and_sinks_of_a_call_go_on(autojump_clock: MockClock) -> None:
    """MED-17, MED-23: what a call plays is heard by that call alone; a recording has both sides of it."""
    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room()
        for name in NAMES:
            room.join(name)
        tape = Listener()
        hub.stream("0").add_source(Tone(2_100))
        hub.stream("0").add_sink(tape)
        await trio.sleep(2)
        expected = [0, 2_000, 2_000, 2_000, 2_000, 2_000]
        assert levels(ears[0], [*TONES, 2_100]) == pytest.approx(expected, rel=0.02, abs=20)
        assert levels(ears[1], [2_100])[0] < 20
        assert levels(tape, TONES) == pytest.approx([2_000, 0, 0, 0, 0], rel=0.02, abs=20)
        said = Listener()
        said.received = tape.sent
        assert levels(said, [*TONES, 2_100]) == pytest.approx(expected, rel=0.02, abs=20)


async def test_call_that_is_muted_or_held_hears_nothing_of_the_room(autojump_clock: MockClock) -> None:
    """MED-17, MED-27."""
    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room()
        for name in NAMES:
            room.join(name)
        tape = Listener()
        hub.stream("1").add_sink(tape)
        hub.stream("0").muted = True
        path = hub.stream("1").path
        path.direction, path.sends = Direction.RECVONLY, False
        await trio.sleep(1)
        assert levels(ears[0], TONES).max() < 20
        assert not np.concatenate(tape.sent).any(), "what was not sent is not recorded as sent"
        assert levels(ears[2], TONES)[0] == pytest.approx(2_000, rel=0.02)


async def test_events_and_the_active_speaker(autojump_clock: MockClock) -> None:
    """MED-17."""
    async with media_hub() as hub:
        hub.call("0", 400)
        for name in NAMES[1:]:
            hub.call(name)
        events: list[RoomEvent] = []
        room = hub.manager.open_room(events.append)
        for name in NAMES:
            room.join(name)
        assert events == [MemberJoined(name) for name in NAMES]
        speakers = [room.active_speaker]
        events.clear()
        await trio.sleep(1)
        speakers.append(room.active_speaker)
        assert events == [SpeakerChanged("0")]
        hub.phone("0").muted = True
        hub.phone("3").add_source(Tone(900))
        await trio.sleep(1)
        speakers.append(room.active_speaker)
        assert events == [SpeakerChanged("0"), SpeakerChanged("3")]
        hub.manager.close("3")
        assert events[2:] == [MemberLeft("3", ended=True)]
        assert room.members == ("0", "1", "2", "4")
        speakers.append(room.active_speaker)
        assert speakers == [None, "0", "3", None]
        room.leave("4")
        assert events[3:] == [MemberLeft("4", ended=False)]
        room.close()
        room.close()
        assert events[4:] == [MemberLeft(name, ended=False) for name in "012"]
        assert room.closed
        assert not any(isinstance(event, SpeakerChanged) for event in events[2:])


async def test_hearer_that_raises_holds_nobody_up(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """MED-17, ERR-1."""

    def fail(event: RoomEvent) -> None:
        raise RuntimeError("no")

    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room(fail)
        for name in NAMES:
            room.join(name)
        await trio.sleep(1)
        hub.manager.close("4")
        assert hub.manager.open_streams == 4
        await trio.sleep(1)
        assert levels(ears[0], TONES) == pytest.approx([0, 2_000, 2_000, 2_000, 0], rel=0.02, abs=20)
        assert "MemberLeft" in caplog.text


class Broken(Listener):
    """A sink that raises, which ends the stream."""

    def take(self, received: object, sent: object) -> None:
        raise RuntimeError("no")


async def test_member_that_fails_leaves_and_the_others_go_on(autojump_clock: MockClock) -> None:
    """MED-17, ERR-1."""
    async with media_hub() as hub:
        ears = ring(hub)
        room = hub.manager.open_room()
        for name in NAMES:
            room.join(name)
        await trio.sleep(1)
        hub.stream("2").add_sink(Broken())
        await trio.sleep(1)
        assert room.members == ("0", "1", "3", "4")
        assert levels(ears[0], TONES) == pytest.approx([0, 2_000, 0, 2_000, 2_000], rel=0.02, abs=20)
        assert len(hub.manager._engine.desk.mixes[0]) == 4


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
async def test_calls_that_are_not_in_the_plane_take_part(autojump_clock: MockClock, rate: int) -> None:
    """MED-17, MED-18: another rate, or packets of 30 ms."""
    async with media_hub(MediaConfig(codecs=("PCMU",), sample_rate=rate)) as hub:
        ptime = 30 if rate == 8_000 else 20
        ears = [hub.call(str(number), hertz, ptime=ptime) for number, hertz in enumerate(TONES)]
        room = hub.manager.open_room()
        for name in NAMES:
            room.join(name)
        await trio.sleep(3)  # the jitter buffers have found their delay by then
        assert all(hub.stream(name).row is None for name in NAMES)
        for number, ear in enumerate(ears):
            expected = np.where(np.arange(5) == number, 0, 2_000)
            assert levels(ear, TONES, rate=rate) == pytest.approx(expected, rel=0.03, abs=20)
        hub.manager.close("0")
        await trio.sleep(1)
        expected = np.array([0, 0, 2_000, 2_000, 2_000])
        assert levels(ears[1], TONES, rate=rate) == pytest.approx(expected, rel=0.03, abs=20)


async def test_both_kinds_of_calls_share_a_room(autojump_clock: MockClock) -> None:
    """MED-17, MED-26."""
    async with media_hub() as hub:
        ears = [hub.call(str(n), hertz, ptime=20 if n < 3 else 40) for n, hertz in enumerate(TONES)]
        room = hub.manager.open_room()
        for name in NAMES:
            room.join(name)
        await trio.sleep(2)
        assert [hub.stream(name).row is None for name in NAMES] == [False, False, False, True, True]
        for number, ear in enumerate(ears):
            expected = np.where(np.arange(5) == number, 0, 2_000)
            assert levels(ear, TONES) == pytest.approx(expected, rel=0.02, abs=20)


async def test_misuse_changes_nothing(autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """MED-17, ERR-1."""
    async with media_hub() as hub:
        ring(hub)
        room, other = hub.manager.open_room(), hub.manager.open_room()
        room.join("0")
        for target in (room, other):
            with pytest.raises(MediaError, match="in a room already"):
                target.join("0")
        with pytest.raises(MediaError, match="no media"):
            room.join("nobody")
        with pytest.raises(MediaError, match=r"gain is 17, not in 0\.\.16"):
            room.join("1", gain=17)
        with pytest.raises(MediaError, match="gain is nan"):
            room.set_gain("0", float("nan"))
        for verb in (room.leave, room.mute, other.leave):
            with pytest.raises(MediaError, match="not in the room"):
                verb("1")
        assert (room.members, other.members) == (("0",), ())
        assert repr(room) == "<Room 1 members>"
        room.leave("0")
        other.join("0")  # still fades out of the first
        with pytest.raises(MediaError, match="in a room already"):
            room.join("0")
        other.leave("0")
        room.join("0")
        room.set_gain("0", 2.0)
        await trio.sleep(0.1)
        assert (room.members, other.members) == (("0",), ())
        monkeypatch.setattr(desk_module, "MAX_SEATS", 1)
        with pytest.raises(LimitExceededError, match="1 members at most"):
            room.join("1")
        monkeypatch.setattr(desk_module, "MAX_ROOMS", 2)
        with pytest.raises(LimitExceededError, match="2 rooms"):
            hub.manager.open_room()
        other.close()
        hub.manager.open_room()
        with pytest.raises(MediaError, match="room is closed"):
            other.join("1")


async def test_room_whose_members_all_end_leaves_nothing_in_its_phase(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-17, MED-26: also when no other stream is moved in that phase any more."""
    monkeypatch.setattr(phases_module, "_TOGETHER", 32)
    async with media_hub() as hub:
        for number in range(40):
            hub.call(str(number))
        engine = hub.manager._engine
        first, second = hub.manager.open_room(), hub.manager.open_room()
        for number in range(10):
            first.join(str(number))
        for number in range(10, 40):
            second.join(str(number))
        await trio.sleep(0.1)
        assert sorted(map(len, engine.desk.mixes)) == [0, 0, 10, 30]
        for number in range(10):
            hub.manager.close(str(number))
        await trio.sleep(0.1)
        assert sorted(map(len, engine.desk.mixes)) == [0, 0, 0, 30]
        assert sum(phase.rooms for phase in engine._phases.phases) == 1


async def test_who_ends_while_it_changes_rooms_is_in_none(autojump_clock: MockClock) -> None:
    """MED-17."""
    async with media_hub() as hub:
        ring(hub)
        events: list[RoomEvent] = []
        room, other = hub.manager.open_room(), hub.manager.open_room(events.append)
        room.join("0")
        await trio.sleep(0.1)
        room.leave("0")
        other.join("0")
        hub.manager.close("0")
        await trio.sleep(0.1)
        assert events == [MemberJoined("0"), MemberLeft("0", ended=True)]
        assert not any(len(mix) for mix in hub.manager._engine.desk.mixes)
        assert not any(phase.rooms for phase in hub.manager._engine._phases.phases)
