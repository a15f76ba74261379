"""Rooms at 8, 16 and 48 kHz, and what sounds to a whole room or listens to all of it."""

from __future__ import annotations

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from tests.runtime.media_hub import Tone, levels, media_hub
from tests.runtime.media_pair import Listener
from trio_runtime.base import MediaConfig
from trio_runtime.base.errors import ConfigurationError, LimitExceededError, MediaError
from trio_runtime.media import AudioFrame
from trio_runtime.media.rooms import desk as desk_module
from trio_runtime.media.rooms.rates import room_rate

WIDE = MediaConfig(codecs=("G722", "L16/16000", "PCMU"))
FULL = MediaConfig(codecs=("opus", "L16/48000", "PCMU"))


class Short(Tone):
    """A source that ends after half a second."""

    left = 25

    def read(self, n_samples: int) -> AudioFrame | None:  # type: ignore[override]
        self.left -= 1
        return super().read(n_samples) if self.left >= 0 else None


class Broken(Listener):
    """A sink and a source that raises."""

    live = True

    def take(self, received: object, sent: object) -> None:
        raise RuntimeError("no")

    def read(self, n_samples: int) -> AudioFrame:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("config", "codec", "hertz"),
    [(WIDE, "G722", 5_200), (WIDE, "L16", 6_400), (FULL, "opus", 9_600), (FULL, "L16", 15_000)],
)
async def test_wideband_members_hear_what_a_telephone_cannot(
    autojump_clock: MockClock, config: MediaConfig, codec: str, hertz: float
) -> None:
    """MED-17, BRG-6: above 4 kHz, in a room that has the rate for it, and not in one of 8 kHz."""
    async with media_hub(config) as hub:
        ears = [hub.call(name, codecs=(codec,)) for name in "012"]
        rate = hub.phone("0").rate
        hub.phone("0").add_source(Tone(hertz, rate=rate))
        room, narrow = hub.manager.open_room(), hub.manager.open_room(rate=8_000)
        assert (room.rate, narrow.rate) == (rate, 8_000)
        for name in "012":
            room.join(name)
        await trio.sleep(2)
        assert levels(ears[1], [hertz], rate=rate) == pytest.approx([2_000], rel=0.25)
        assert levels(ears[2], [hertz], rate=rate) == pytest.approx([2_000], rel=0.25)
        assert levels(ears[0], [hertz], rate=rate)[0] < 20
        for name in "012":
            room.leave(name)
            narrow.join(name)
        await trio.sleep(2)
        assert levels(ears[1], [hertz, abs(hertz - 8_000)], rate=rate).max() < 20


@pytest.mark.parametrize("config", [WIDE, FULL])
async def test_telephone_in_a_wide_room_hears_and_is_heard_without_images(
    autojump_clock: MockClock, config: MediaConfig
) -> None:
    """MED-17: what mirrors at 4 and at 8 kHz is 60 dB below, both ways."""
    async with media_hub(config) as hub:
        wide, narrow = hub.call("0", codecs=("L16",)), hub.call("1", codecs=("PCMU",))
        rate = hub.phone("0").rate
        room = hub.manager.open_room()
        for name in "01":
            room.join(name)
        hub.phone("0").add_source(Tone(1_000, amplitude=8_000, rate=rate))
        hub.phone("0").add_source(Tone(5_200, amplitude=8_000, rate=rate))
        hub.phone("1").add_source(Tone(1_300, amplitude=8_000, rate=rate))
        await trio.sleep(2)
        heard = levels(narrow, [1_000, 2_800, 5_200, 7_000], rate=rate)
        assert heard[0] == pytest.approx(8_000, rel=0.03)
        assert heard[1:].max() < 30, "its alias, itself, the image of the first: mu-law leaves some noise"
        heard = levels(wide, [1_300, 6_700, 1_000], rate=rate)
        assert heard[0] == pytest.approx(8_000, rel=0.03)
        assert heard[1:].max() < 8


async def test_telephones_in_rooms_of_all_rates_at_once(autojump_clock: MockClock) -> None:
    """MED-17, MED-26: streams of the plane in each, all converted together; no room hears another."""
    async with media_hub() as hub:
        tones = [400.0, 646.0, 910.0]
        ears = {f"{n} {k}": hub.call(f"{n} {k}", hertz) for n in range(3) for k, hertz in enumerate(tones)}
        rooms = [hub.manager.open_room(rate=rate) for rate in (8_000, 16_000, 48_000)]
        tapes = [Listener() for _ in rooms]
        for number, (room, tape) in enumerate(zip(rooms, tapes, strict=True)):
            room.add_sink(tape)
            for k in range(3):
                room.join(f"{number} {k}")
        for room in rooms[1:]:
            room.set_gain(room.members[0], 2.0)
        plane = hub.manager._engine.plane
        await trio.sleep(1)
        before = plane.counters.batched_frames
        await trio.sleep(2)
        assert plane.counters.batched_frames - before > 0.9 * 9 * 100
        for name, ear in ears.items():
            number, own = map(int, name.split())
            expected = [4_000 if number else 2_000, 2_000, 2_000]
            expected[own] = 0
            assert levels(ear, tones) == pytest.approx(expected, rel=0.03, abs=20), name
        for room, tape in zip(rooms[1:], tapes[1:], strict=True):
            images = [8_000 - hertz for hertz in tones]
            heard = levels(tape, [*tones, *images], rate=room.rate)
            assert heard[:3] == pytest.approx([4_000, 2_000, 2_000], rel=0.03)
            assert heard[3:].max() < 4, "60 dB below"


@pytest.mark.parametrize("rate", [16_000, 48_000])
@pytest.mark.parametrize("way", ["leave", "end", "mute", "move"])
async def test_coming_and_going_do_not_click(autojump_clock: MockClock, way: str, rate: int) -> None:
    """MED-17, BRG-6: no step over a tenth of the peak of a slow tone, in streams that are converted."""
    async with media_hub() as hub:
        ears = [hub.call(name) for name in "012"]
        hub.phone("0").add_source(Tone(60, amplitude=8_000))  # a frame is no whole number of periods
        room, other = hub.manager.open_room(rate=rate), hub.manager.open_room(rate=16_000)
        room.join("1")
        other.join("2")
        await trio.sleep(0.5)
        begun = len(ears[1].received)
        for wait in (0.243, 0.251, 0.238):
            if "0" not in room.members:
                room.join("0")
            room.mute("0", False)
            await trio.sleep(wait)
            assert np.abs(ears[1].received[-1].astype(int)).max() > 7_500
            match way:
                case "mute":
                    room.mute("0")
                case "end":
                    hub.manager.close("0")
                case _:
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
        for ear in ears[1:]:
            samples = np.concatenate(ear.received[begun:]).astype(int)
            assert np.abs(np.diff(samples)).max() < 800


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
async def test_announcements_sound_to_all_and_a_sink_hears_everything(
    autojump_clock: MockClock, rate: int
) -> None:
    """MED-17, BRG-6: what is announced is what was sent, the members are what was received."""
    async with media_hub() as hub:
        tones = [400.0, 646.0]
        ears = [hub.call(str(number), hertz) for number, hertz in enumerate(tones)]
        room = hub.manager.open_room(rate=rate)
        tape, announced = Listener(), Tone(910, rate=rate)
        for name in "01":
            room.join(name)
        room.add_source(announced)
        room.add_sink(tape)
        await trio.sleep(2)
        assert levels(ears[0], [*tones, 910]) == pytest.approx([0, 2_000, 2_000], rel=0.03, abs=20)
        assert levels(ears[1], [*tones, 910]) == pytest.approx([2_000, 0, 2_000], rel=0.03, abs=20)
        said = Listener()
        said.received = tape.sent
        assert levels(tape, [*tones, 910], rate=rate) == pytest.approx([2_000, 2_000, 0], rel=0.03, abs=20)
        assert levels(said, [*tones, 910], rate=rate) == pytest.approx([0, 0, 2_000], rel=0.03, abs=20)
        assert room.members == ("0", "1"), "the house is no member"
        room.remove_source(announced)
        room.remove_sink(tape)
        taken = len(tape.received)
        await trio.sleep(1)
        assert levels(ears[0], [910])[0] < 20
        assert len(tape.received) == taken
        assert hub.manager._engine.desk.houses == 0, "nobody sits where nothing sounds"


async def test_room_without_members_is_still_recorded(autojump_clock: MockClock) -> None:
    """MED-17, BRG-6: the clock runs for what listens, and rests when nothing does any more."""
    async with media_hub() as hub:
        room, tape, short = hub.manager.open_room(), Listener(), Short(500)
        await trio.sleep(0.1)
        room.add_sink(tape)
        room.add_source(short)
        await trio.sleep(1)
        assert len(tape.received) == pytest.approx(50, abs=1)
        assert not np.concatenate(tape.received).any()
        assert np.abs(np.concatenate(tape.sent[:25]).astype(int)).max() > 1_900
        assert not np.concatenate(tape.sent[26:]).any(), "what has ended is silent"
        statistics = hub.manager.engine_statistics()
        assert statistics is not None
        assert statistics.streams == 0
        room.close()
        assert tape.closed == 1
        await trio.sleep(0.1)
        ticks = hub.manager._engine._ticks
        await trio.sleep(1)
        assert hub.manager._engine._ticks == ticks
        with pytest.raises(MediaError, match="room is closed"):
            room.add_sink(tape)


async def test_what_fails_in_the_house_holds_no_member_up(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """MED-17, ERR-1."""
    async with media_hub() as hub:
        ears = [hub.call(str(number), hertz) for number, hertz in enumerate([400.0, 646.0])]
        room, tape = hub.manager.open_room(), Listener()
        for name in "01":
            room.join(name)
        broken = Broken()
        room.add_source(broken)
        room.add_sink(broken)
        room.add_sink(tape)
        await trio.sleep(1)
        assert levels(ears[0], [646])[0] == pytest.approx(2_000, rel=0.03)
        assert levels(tape, [400, 646]) == pytest.approx([2_000, 2_000], rel=0.03)
        assert "announcement failed" in caplog.text
        assert "listens to a room failed" in caplog.text
        assert hub.manager.open_streams == 2


async def test_house_in_a_room_without_place_changes_nothing(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-17, ERR-1."""
    async with media_hub() as hub:
        hub.call("0")
        room, tape = hub.manager.open_room(), Listener()
        room.join("0")
        monkeypatch.setattr(desk_module, "MAX_SEATS", 1)
        with pytest.raises(LimitExceededError, match="1 members at most"):
            room.add_sink(tape)
        with pytest.raises(LimitExceededError, match="1 members at most"):
            room.add_source(Tone(500))
        monkeypatch.undo()
        await trio.sleep(0.5)
        assert tape.received == []
        room.remove_sink(tape)
        room.add_sink(tape)
        await trio.sleep(0.5)
        assert len(tape.received) == pytest.approx(25, abs=1)
        room.leave("0")
        for number in range(32):
            room.add_source(Tone(500 + number))
        with pytest.raises(LimitExceededError, match="32 audio sources"):
            room.add_source(Tone(500))


@pytest.mark.parametrize(
    ("wanted", "audio", "rate"),
    [
        (None, 8_000, 8_000),
        (None, 12_000, 16_000),
        (None, 44_100, 48_000),
        (None, 48_000, 48_000),
        (8_000, 48_000, 8_000),
        (16_000, 8_000, 16_000),
    ],
)
def test_rate_of_a_room(wanted: int | None, audio: int, rate: int) -> None:
    """MED-17: what is asked for, or enough for what calls have."""
    assert room_rate(wanted, audio) == rate


def test_other_rates_are_refused() -> None:
    """COO-6: a telephone's, a wideband telephone's or all that one hears; the field is named."""
    with pytest.raises(ConfigurationError, match="rate: must be one of 8000, 16000, 48000 Hz, not 44100"):
        room_rate(44_100, 8_000)


@pytest.mark.parametrize("ptime", [20, 30])
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
async def test_who_leaves_hears_no_click(autojump_clock: MockClock, rate: int, ptime: int) -> None:
    """MED-17, BRG-6: what one hears of a room fades when one leaves it, and when one comes."""
    async with media_hub() as hub:
        ear = hub.call("0", ptime=ptime)
        hub.call("1")
        hub.phone("1").add_source(Tone(60, amplitude=8_000))
        room = hub.manager.open_room(rate=rate)
        room.join("1")
        await trio.sleep(0.5)
        for wait in (0.243, 0.251, 0.238):
            room.join("0")
            await trio.sleep(wait)
            room.leave("0")
            await trio.sleep(wait)
            assert np.abs(ear.received[-1].astype(int)).max() < 20
        samples = np.concatenate(ear.received).astype(int)
        assert np.abs(samples).max() > 7_500
        assert np.abs(np.diff(samples)).max() < 800
