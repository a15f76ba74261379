"""Calls whose packets pass to each other without being decoded."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence

import attrs
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.relay import RelayPlane
from sansio_rtp.session import DigitReceived, RtpStatistics
from sansio_sip.sdp import Direction
from tests.runtime.media_hub import Hub, Tone, levels, media_hub
from tests.runtime.media_pair import Listener
from trio_runtime.base import MediaConfig
from trio_runtime.base.errors import ConfigurationError, MediaError, MediaMismatchError
from trio_runtime.media import (
    AudioFrame,
    CodecRefused,
    MediaStream,
    RelayEnded,
    RelayEvent,
    RtpTimedOut,
)
from trio_runtime.media.relays import board as relay_board

PCMU = MediaConfig(codecs=("PCMU",))
IMMEDIATE = attrs.evolve(PCMU, relay_mode="immediate")
MODES = pytest.mark.parametrize("config", [PCMU, IMMEDIATE], ids=["tick", "immediate"])


def sent(hub: Hub, stream: MediaStream, kind: str = "rtp") -> list[tuple[float, bytes]]:
    """What the hub sent from the port of a stream: time and octets."""
    return [
        (entry.time, entry.data)
        for entry in hub.wire.datagrams
        if entry.sender == ("10.0.0.1", stream.ports.port)
        and (192 <= entry.data[1] <= 223) == (kind == "rtcp")
    ]


def delays(hub: Hub, name: str, other: str) -> list[float]:
    """How long the packets of a phone took from their arrival at the hub to where they left it."""
    leg = next(leg for leg in hub.manager._engine.relays._rows.values() if leg.stream is hub.stream(name))
    leg.settle()
    shift = leg.path._numbering.number - leg.path._numbering.sequence
    left = {int.from_bytes(data[2:4], "big"): time for time, data in sent(hub, hub.stream(other))}
    came = {
        int.from_bytes(entry.data[2:4], "big"): entry.time + 0.012
        for entry in hub.wire.datagrams
        if entry.sender == ("10.0.0.2", hub.phone(name).ports.port)
    }
    numbers = {number: (number + shift) & 0xFFFF for number in came}
    return [left[numbers[number]] - time for number, time in came.items() if numbers[number] in left]


def gaps(packets: Sequence[tuple[float, bytes]]) -> set[tuple[int, int]]:
    """How far sequence numbers and timestamps go from packet to packet."""
    numbers = [struct.unpack_from("!HI", data, 2) for _, data in packets]
    return {((b[0] - a[0]) & 0xFFFF, (b[1] - a[1]) & 0xFFFFFFFF) for a, b in itertools.pairwise(numbers)}


def rtp(hub: Hub, name: str) -> RtpStatistics:
    statistics = hub.manager.statistics(name)
    assert statistics is not None
    assert statistics.rtp is not None
    return statistics.rtp


@MODES
async def test_two_calls_hear_each_other(autojump_clock: MockClock, config: MediaConfig) -> None:
    """BRG-8: exactly what the other phone says, 5 ms later at most; at once where that was asked for."""
    async with media_hub(config) as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        relay = hub.manager.relay("a", "b")
        await trio.sleep(2)
        assert levels(ears[0], [400, 910]) == pytest.approx([0, 2_000], rel=0.02, abs=20)
        assert levels(ears[1], [400, 910]) == pytest.approx([2_000, 0], rel=0.02, abs=20)
        for name, other in (("a", "b"), ("b", "a")):
            took = delays(hub, name, other)
            assert len(took) > 90
            assert 0 <= min(took) <= max(took) <= (0.0051 if config is PCMU else 0.0001)
            assert relay.statistics()[name].packets > 90
            assert rtp(hub, name).lost == 0
            assert rtp(hub, name).packets_received > 90
            assert rtp(hub, name).packets_sent > 90


async def test_many_relays_are_moved_together(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BRG-8, MED-26: forty calls; statistics, reports and audio are those of each."""
    monkeypatch.setattr(relay_board, "RelayPlane", lambda: RelayPlane(fewest=32))
    async with media_hub() as hub:
        ears = {str(n): hub.call(str(n), 400 + 50 * n) for n in range(40)}
        relays = [hub.manager.relay(str(n), str(n + 1)) for n in range(0, 40, 2)]
        await trio.sleep(5)
        plane = hub.manager._engine.relays.plane
        assert plane.counters.batched > 0.9 * 40 * 50 * 5
        for n in range(40):
            other = n + 1 - 2 * (n % 2)
            level = levels(ears[str(n)], [400 + 50 * n, 400 + 50 * other])
            assert level == pytest.approx([0, 2_000], rel=0.02, abs=20)
            statistics = rtp(hub, str(n))
            assert (statistics.lost, statistics.out_of_order, statistics.duplicates) == (0, 0, 0)
            assert statistics.packets_received == relays[n // 2].statistics()[str(n)].packets
            reports = sent(hub, hub.stream(str(n)), "rtcp")
            assert reports
            assert reports[-1][1][1] == 200, "a sender's report"
        for n in range(0, 40, 4):
            relays[n // 2].close()
        before = attrs.evolve(plane.counters)
        await trio.sleep(1)
        assert plane.counters.batched == before.batched, "too few are left"
        assert plane.counters.single > before.single + 20 * 45
        assert levels(ears["3"], [500, 550]) == pytest.approx([2_000, 0], rel=0.02, abs=20)


@MODES
async def test_announcement_takes_the_place_of_the_other_call(
    autojump_clock: MockClock, config: MediaConfig
) -> None:
    """BRG-8, MED-23: one phone hears it, the other goes on hearing; and back, without a gap."""
    async with media_hub(config) as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        hub.manager.relay("a", "b")
        await trio.sleep(1)
        samples = Tone(1_500).read(8_000)
        await hub.manager.play("b", samples)
        await trio.sleep(0.1)
        assert levels(ears[1], [400, 1_500], frames=25) == pytest.approx([0, 2_000], rel=0.1, abs=400)
        await trio.sleep(1)
        assert levels(ears[1], [400, 1_500]) == pytest.approx([2_000, 0], rel=0.02, abs=20)
        assert levels(ears[0], [910, 1_500]) == pytest.approx([2_000, 0], rel=0.02, abs=20)
        packets = sent(hub, hub.stream("b"))
        assert {number for number, _ in gaps(packets)} == {1}
        assert {units for _, units in gaps(packets)} <= set(range(120, 440)), (
            "some ms where the source changes"
        )
        assert gaps(sent(hub, hub.stream("a"))) == {(1, 160)}
        assert len({data[8:12] for _, data in packets}) == 1, "one source"


async def test_audio_of_a_call_that_says_nothing_is_no_announcement(autojump_clock: MockClock) -> None:
    """BRG-8, MED-23: `call.audio` waits for words; while there are some they are heard."""
    async with media_hub() as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        audio = hub.manager.audio("b")
        hub.manager.relay("a", "b")
        await trio.sleep(1)
        assert levels(ears[1], [400]) == pytest.approx([2_000], rel=0.02)
        tone = Tone(1_500)
        for _ in range(10):
            await audio.send(tone.read(1_600))
        await trio.sleep(0.02)
        assert levels(ears[1], [400, 1_500]) == pytest.approx([0, 2_000], rel=0.05, abs=50)
        await trio.sleep(1)
        assert levels(ears[1], [400, 1_500]) == pytest.approx([2_000, 0], rel=0.02, abs=20)


async def test_muted_call_hears_silence(autojump_clock: MockClock) -> None:
    """BRG-8, MED-27: muting says silence in place of all else."""
    async with media_hub() as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        hub.manager.relay("a", "b")
        hub.stream("b").muted = True
        await trio.sleep(1)
        assert levels(ears[1], [400])[0] < 20
        assert levels(ears[0], [910]) == pytest.approx([2_000], rel=0.02)
        hub.stream("b").muted = False
        await trio.sleep(1)
        assert levels(ears[1], [400]) == pytest.approx([2_000], rel=0.02)
        assert gaps(sent(hub, hub.stream("b"))) >= {(1, 160)}


async def test_who_listens_hears_both_sides(autojump_clock: MockClock) -> None:
    """BRG-8, MED-23: a recording of a relayed call; the packets pass all the same."""
    async with media_hub() as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        hub.manager.relay("a", "b")
        tape = Listener()
        await trio.sleep(0.5)
        hub.stream("a").add_sink(tape)
        await trio.sleep(1)
        said = Listener()
        said.received = tape.sent
        assert levels(tape, [400, 910]) == pytest.approx([2_000, 0], rel=0.02, abs=20)
        assert levels(said, [400, 910]) == pytest.approx([0, 2_000], rel=0.02, abs=20)
        assert levels(ears[0], [910]) == pytest.approx([2_000], rel=0.02)
        hub.stream("a").remove_sink(tape)
        frames = len(tape.received)
        await trio.sleep(0.5)
        assert len(tape.received) == frames
        assert not hub.manager._engine.relays._rows[0].path.listened


@MODES
async def test_digits_pass_and_are_told(autojump_clock: MockClock, config: MediaConfig) -> None:
    """BRG-8, MED-13: one event a press at the hub, and one at the other phone."""
    async with media_hub(config) as hub:
        hub.call("a", 400)
        hub.call("b", 910)
        told: list[object] = []
        hub.phones._on_event = lambda session, event: told.append((session, event))
        hub.manager.relay("a", "b")
        await trio.sleep(0.5)
        hub.phone("a").send_digits("42")
        await trio.sleep(1)
        pressed = [
            event.digit for name, event in hub.events if isinstance(event, DigitReceived) and name == "a"
        ]
        assert pressed == ["4", "2"]
        heard = [item for item in told if isinstance(item, tuple) and isinstance(item[1], DigitReceived)]
        assert [(name, event.digit) for name, event in heard] == [("b", "4"), ("b", "2")]


async def test_digit_in_the_audio_is_told(autojump_clock: MockClock) -> None:
    """BRG-8, MED-13: where digits are heard in the audio, a relay listens."""
    async with media_hub(attrs.evolve(PCMU, inband_dtmf=True)) as hub:
        hub.call("a")
        hub.call("b", 910)
        hub.manager.relay("a", "b")
        await trio.sleep(0.5)
        tones = Tone(770, amplitude=6_000).read(1_600) + Tone(1_336, amplitude=6_000).read(1_600)
        await hub.phones.play("a", tones)
        await trio.sleep(0.5)
        assert [event.digit for name, event in hub.events if isinstance(event, DigitReceived)] == ["5"]
        assert {name for name, event in hub.events if isinstance(event, DigitReceived)} == {"a"}


async def test_digits_that_are_sent_into_a_relayed_call(autojump_clock: MockClock) -> None:
    """BRG-8, MED-13: by us, to one of the two; the relay goes on behind them."""
    async with media_hub() as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        told: list[object] = []
        hub.phones._on_event = lambda session, event: told.append((session, event))
        hub.manager.relay("a", "b")
        await trio.sleep(0.5)
        await hub.manager.send_digits("b", "7")
        await trio.sleep(1)
        digits = [item for item in told if isinstance(item, tuple) and isinstance(item[1], DigitReceived)]
        assert [(name, event.digit) for name, event in digits] == [("b", "7")]
        assert levels(ears[1], [400]) == pytest.approx([2_000], rel=0.02)


async def test_hold_and_resume(autojump_clock: MockClock) -> None:
    """BRG-8, MED-27: a leg that only listens is still heard of; nothing is missed afterwards."""
    async with media_hub() as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        relay = hub.manager.relay("a", "b")
        await trio.sleep(1)
        agreed = hub.agreed["b"]
        hub.manager.apply("b", attrs.evolve(agreed, direction=Direction.RECVONLY))
        before = len(sent(hub, hub.stream("b")))
        await trio.sleep(1)
        assert len(sent(hub, hub.stream("b"))) == before
        assert levels(ears[0], [910]) == pytest.approx([2_000], rel=0.02)
        hub.manager.apply("b", agreed)
        await trio.sleep(1)
        assert not relay.closed
        assert levels(ears[1], [400]) == pytest.approx([2_000], rel=0.02)
        assert {number for number, _ in gaps(sent(hub, hub.stream("b")))} == {1}


@pytest.mark.parametrize("way", ["close", "none", "block", "relay"])
async def test_end_of_a_relay(autojump_clock: MockClock, way: str) -> None:
    """BRG-8: what is left is a call like any other; the hub is told why."""
    async with media_hub() as hub:
        hub.call("a", 400)
        ear = hub.call("b", 910)
        events: list[RelayEvent] = []
        relay = hub.manager.relay("a", "b", events.append)
        with relay if way == "block" else trio.CancelScope():
            await trio.sleep(1)
            if way == "close":
                hub.manager.close("a")
            elif way == "none":
                hub.manager.apply("a", None)
            elif way == "relay":
                relay.close()
        relay.close()
        assert relay.closed
        reasons = {"close": "a leg was closed", "none": "a leg has no media any more"}
        assert events == [RelayEnded(reasons.get(way, "closed"))]
        assert len(hub.manager._engine.relays) == 0
        tape = Listener()
        hub.stream("b").add_sink(tape)
        hub.stream("b").add_source(Tone(1_500))
        await trio.sleep(1)
        assert levels(ear, [400, 1_500]) == pytest.approx([0, 2_000], rel=0.02, abs=20)
        assert levels(tape, [910]) == pytest.approx([2_000], rel=0.02)
        assert hub.stream("b").row is not None, "in the plane again"
        assert relay.statistics()["b"].packets > 45
        assert repr(relay) == "<Relay of a and b, closed>"


async def test_relay_after_a_room_and_a_room_after_a_relay(autojump_clock: MockClock) -> None:
    """BRG-8, MED-17: one or the other, never both."""
    async with media_hub() as hub:
        ears = [hub.call("a", 400), hub.call("b", 910)]
        room = hub.manager.open_room()
        room.join("a")
        room.join("b")
        await trio.sleep(0.5)
        with pytest.raises(MediaError, match="in a room"):
            hub.manager.relay("a", "b")
        room.leave("a")
        room.leave("b")
        await trio.sleep(0.1)
        relay = hub.manager.relay("a", "b")
        with pytest.raises(MediaError, match="relayed"):
            room.join("a")
        await trio.sleep(1)
        assert levels(ears[1], [400]) == pytest.approx([2_000], rel=0.02)
        relay.close()
        room.join("a")
        room.join("b")
        await trio.sleep(1)
        assert levels(ears[1], [400, 910]) == pytest.approx([2_000, 0], rel=0.02, abs=20)


async def test_what_cannot_be_relayed(autojump_clock: MockClock) -> None:
    """BRG-8, ERR-1: every error is typed, and nothing has changed."""
    async with media_hub() as hub:
        hub.call("a", 400)
        hub.call("b", 910)
        hub.manager.open("c")
        for pair, text in ((("a", "a"), "to itself"), (("a", "x"), "no media"), (("a", "c"), "no media")):
            with pytest.raises(MediaError, match=text):
                hub.manager.relay(*pair)
        hub.manager.relay("a", "b")
        with pytest.raises(MediaError, match="relayed already"):
            hub.manager.relay("b", "a")
        await trio.sleep(0.5)
        assert len(hub.manager._engine.relays) == 2


async def test_calls_with_other_codecs_are_refused(autojump_clock: MockClock) -> None:
    """BRG-8: the error names the difference; the calls go on as they were."""
    async with media_hub(MediaConfig(codecs=("PCMU", "PCMA"))) as hub:
        hub.call("a", 400)
        hub.call("b", 910, codecs=("PCMA",))
        with pytest.raises(MediaMismatchError) as caught:
            hub.manager.relay("a", "b")
        assert caught.value.differences == ("codec: PCMU and PCMA",)
        tape = Listener()
        hub.stream("a").add_sink(tape)
        await trio.sleep(1)
        assert levels(tape, [400]) == pytest.approx([2_000], rel=0.02)


async def test_renegotiation_to_another_codec_ends_a_relay(autojump_clock: MockClock) -> None:
    """BRG-8: then a room is the way; a codec that only one call has is told while it lasts."""
    async with media_hub(MediaConfig(codecs=("PCMU", "PCMA"))) as hub:
        hub.call("a", 400)
        hub.call("b", 910, codecs=("PCMU",))
        events: list[RelayEvent] = []
        hub.manager.relay("a", "b", events.append)
        await trio.sleep(0.5)
        swapped = hub.agreed["a"]
        swapped = attrs.evolve(swapped, formats=swapped.formats[1::-1] + swapped.formats[2:])
        hub.phones.apply("a", attrs.evolve(hub.agreed_by_phone["a"], formats=swapped.formats))
        await trio.sleep(0.5)
        assert events == [CodecRefused("a", 8, "PCMA")]
        hub.manager.apply("a", swapped)
        assert events[1:] == [RelayEnded("the legs of a relay do not agree: codec: PCMA and PCMU")]


@MODES
async def test_peer_that_falls_silent_is_told(autojump_clock: MockClock, config: MediaConfig) -> None:
    """BRG-8, MED-27: of its own leg, once."""
    async with media_hub(attrs.evolve(config, rtp_timeout=2.0)) as hub:
        hub.call("a", 400)
        hub.call("b", 910)
        hub.manager.relay("a", "b")
        await trio.sleep(1)
        hub.phones.close("a")
        await trio.sleep(5)
        silent = [(name, event) for name, event in hub.events if isinstance(event, RtpTimedOut)]
        assert [name for name, _ in silent] == ["a"]


@MODES
async def test_secured_and_plain_calls(autojump_clock: MockClock, config: MediaConfig) -> None:
    """BRG-8, MED-8: SRTP with one phone, none with the other."""
    async with media_hub(attrs.evolve(config, srtp="optional")) as hub:
        ears = [hub.call("a", 400), hub.call("b", 910, secured=False)]
        hub.manager.relay("a", "b")
        await trio.sleep(1)
        assert levels(ears[0], [400, 910]) == pytest.approx([0, 2_000], rel=0.02, abs=20)
        assert levels(ears[1], [400, 910]) == pytest.approx([2_000, 0], rel=0.02, abs=20)
        statistics = [hub.manager.statistics(name) for name in "ab"]
        assert [each is not None and each.srtp is not None for each in statistics] == [True, False]
        assert {len(data) for _, data in sent(hub, hub.stream("a"))} == {182}
        assert {len(data) for _, data in sent(hub, hub.stream("b"))} == {172}


class Broken(Tone):
    """A source and a sink that raises."""

    def read(self, n_samples: int) -> AudioFrame:
        raise RuntimeError("no")

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize("name", ["a", "b"])
@pytest.mark.parametrize("side", ["source", "sink"])
async def test_stream_that_raises_ends_its_relay_alone(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture, name: str, side: str
) -> None:
    """BRG-8, ERR-1: that stream is closed; the other leg goes on alone, and so does the other relay."""
    async with media_hub() as hub:
        ears = {each: hub.call(each, 400) for each in "abcd"}
        events: list[RelayEvent] = []
        hub.manager.relay("a", "b", events.append)
        hub.manager.relay("c", "d")
        await trio.sleep(0.2)
        if side == "source":
            hub.stream(name).add_source(Broken(1))
        else:
            hub.stream(name).add_sink(Broken(1))
        await trio.sleep(1)
        assert events == [RelayEnded("a leg was closed")]
        assert levels(ears["d"], [400]) == pytest.approx([2_000], rel=0.02)
        assert hub.manager.stream(name) is None
        assert hub.manager.open_streams == 3


async def test_hearer_that_raises_holds_nobody_up(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """BRG-8, ERR-1: what the application does with an event of a relay is its own business."""

    def fail(event: RelayEvent) -> None:
        raise RuntimeError("no")

    async with media_hub() as hub:
        hub.call("a", 400)
        hub.call("b", 910)
        relay = hub.manager.relay("a", "b", fail)
        await trio.sleep(0.2)
        hub.manager.close("a")
        assert relay.closed
        assert hub.manager.open_streams == 1
        assert "who listens to a relay failed" in caplog.text


async def test_own_lateness_is_no_jitter(autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """BRG-8, MED-21: a clock that was held up passes everything on, and reports what the network did."""
    async with media_hub() as hub:
        hub.call("a", 400)
        hub.call("b", 910)
        hub.manager.relay("a", "b")
        await trio.sleep(1)
        reader = hub.manager._engine.relays._reader
        receive = reader.receive

        def receive_late(now: float, *, late: bool = False) -> None:
            receive(now, late=True)

        monkeypatch.setattr(reader, "receive", receive_late)
        await trio.sleep(1)
        assert rtp(hub, "a").lost == 0
        assert rtp(hub, "a").packets_received > 90
        jitter = rtp(hub, "a").jitter_ms
        assert jitter is not None
        assert jitter < 3


def test_mode_is_checked() -> None:
    """BRG-8, COO-2: another word is an error that names the field."""
    with pytest.raises(ConfigurationError, match="relay_mode"):
        MediaConfig(relay_mode="later")
