"""Quality, redundant audio and digits in the audio between managers and between whole phones."""

from __future__ import annotations

import contextlib
import struct
from typing import TypeVar

import attrs
import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import dtmf_digits
from sansio_rtp.rtcp import ExtendedReport, VoipMetrics, parse_rtcp
from sansio_rtp.session import CodecFellBack, DigitReceived, QualityChanged
from sansio_sip.sdp import VOIP_METRICS, MediaFormat
from tests.runtime.media_hub import Tone
from tests.runtime.media_pair import CALL, Listener, measure, media_pair
from trio_runtime import (
    CallEnded,
    CallStateError,
    ConfigurationError,
    IncomingCall,
    MediaConfig,
    MediaError,
)
from trio_runtime.events import EventStream
from trio_runtime.events.types import DigitReceived as DigitPressed
from trio_runtime.events.types import QualityAlert, SessionEvent
from trio_runtime.media import AudioFrame, MediaStream, NoMedia, RtpTotals
from trio_runtime.session import DigitWay
from trio_runtime.testing import Simulation

Event = TypeVar("Event")
BOB = "sip:bob@10.0.0.2"


class Samples:
    """A source that plays an array once."""

    live = False

    def __init__(self, samples: AudioFrame) -> None:
        self._samples = samples

    def read(self, n_samples: int) -> AudioFrame | None:
        if not self._samples.size:
            return None
        frame, self._samples = self._samples[:n_samples], self._samples[n_samples:]
        return frame

    def close(self) -> None:
        return


def waiting(stream: EventStream[SessionEvent], kind: type[Event]) -> list[Event]:
    """What waits in a stream of events."""
    found: list[Event] = []
    with contextlib.suppress(trio.WouldBlock):
        while True:
            event = stream.receive_nowait()
            assert isinstance(event, kind)
            found.append(event)
    return found


async def test_a_call_tells_when_it_sounds_worse_and_keeps_its_history(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-20, MED-21, MET-1, EVT-2: alerts on the bus, a sample each 5 s, sums over all calls."""

    async def talk(call: IncomingCall) -> None:
        await call.answer()
        await call.ended()

    async with sim.pair(5, media_loss=0.12) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, talk)
        stream = alice.subscribe(lambda event: isinstance(event, QualityAlert))
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(31)
            during = call.statistics()
            history = call.quality_history()
            totals = alice.statistics().rtp
        await call.ended()
        alerts = waiting(stream, QualityAlert)
        after = alice.statistics().rtp
        nursery.cancel_scope.cancel()
    assert during is not None
    assert during.rtp is not None
    assert during.rtp.received.level is not None
    assert during.rtp.received.bitrate == pytest.approx(64_000, rel=0.2)
    assert during.rtp.sent.latest is not None
    assert during.rtp.sent.latest.rtt_ms is not None
    assert [round(each.at - history.received[0].at) for each in history.received] == [0, 5, 10, 15, 20, 25]
    assert 0.05 < np.mean([each.loss for each in history.received if each.loss is not None]) < 0.2
    assert call.quality_history() == history
    assert {alert.direction for alert in alerts} == {"received", "sent"}
    assert {alert.session_id for alert in alerts} == {call.id}
    assert alerts[0].before is None
    assert alerts[0].level in ("fair", "poor")
    assert isinstance(totals, RtpTotals)
    assert totals.packets_sent == pytest.approx(1_500, abs=260)  # as of the last sample
    assert after is not None
    assert call.final_statistics is not None
    final = call.final_statistics.rtp
    assert final is not None
    assert (after.packets_sent, after.packets_received, after.lost, after.late) == (
        final.packets_sent,
        final.packets_received,
        final.lost,
        final.late,
    )


async def test_extended_reports_flow_where_both_sides_want_them(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """MED-6, SDP-8: `a=rtcp-xr:voip-metrics` in offer and answer, and the blocks in RTCP."""
    async with media_pair(config=MediaConfig(rtcp_xr=True), loss=0.05) as pair:
        for_a, for_b = pair.connect()
        assert (for_a.voip_metrics, for_b.voip_metrics) == (True, True)
        assert pair.a.manager.open(CALL).attributes == (VOIP_METRICS,)
        await trio.sleep(20)
        sent = pair.a.stream().statistics().rtp
        blocks = [
            block
            for _, _, data in pair.rtcp_from(pair.b)
            for packet in parse_rtcp(data)
            if isinstance(packet, ExtendedReport)
            for block in packet.blocks
        ]
    assert blocks
    assert all(isinstance(block, VoipMetrics) for block in blocks)
    assert sent is not None
    assert sent.sent.latest is not None
    assert sent.sent.latest.burst_loss is not None


@pytest.mark.parametrize("wanted", [(True, False), (False, True), (False, False)])
async def test_extended_reports_need_both_sides(
    wanted: tuple[bool, bool], autojump_clock: trio.testing.MockClock
) -> None:
    """MED-6: RFC 3611 §5.2; who does not ask is told nothing, and tells nothing."""
    async with media_pair() as pair:
        offers = iter(wanted)
        agreed = pair.connect(
            change=lambda local: attrs.evolve(local, attributes=(VOIP_METRICS,) if next(offers) else ())
        )
        assert [side.voip_metrics for side in agreed] == [False, False]
        await trio.sleep(10)
        for side in (pair.a, pair.b):
            for _, _, data in pair.rtcp_from(side):
                assert not any(isinstance(packet, ExtendedReport) for packet in parse_rtcp(data))


def test_redundant_audio_is_offered_behind_the_codecs_and_only_if_wanted() -> None:
    """MED-5, SDP-3: for a codec whose number stays; its `fmtp` names it (RFC 2198 §4)."""

    def formats(config: MediaConfig) -> tuple[MediaFormat, ...]:
        return (
            NoMedia(config, advertised_host="10.0.0.1", random_bytes=lambda count: bytes(count))
            .open(CALL)
            .formats
        )

    red = MediaFormat("red", 8_000, 96, fmtp="8/8")
    assert formats(MediaConfig(codecs=("PCMA",), redundancy=True))[-1] == red
    assert all(item.name != "red" for item in formats(MediaConfig()))
    assert all(item.name != "red" for item in formats(MediaConfig(codecs=("L16/8000",), redundancy=True)))


def _send_twice(stream: MediaStream, red: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stream send each packet with a copy of the one before, as we do not."""
    session = stream._path.lent.bare
    assert session is not None
    plain, earlier = session._sender.frame, list[tuple[int, bytes]]()

    def frame(samples: AudioFrame, now: float) -> bytes | None:
        data = plain(samples, now)
        assert data is not None
        (timestamp,) = struct.unpack_from("!I", data, 4)
        header = copy = b""
        if earlier:
            then, copy = earlier.pop()
            header = struct.pack("!I", 1 << 31 | (timestamp - then) % 2**32 << 10 | len(copy))
        earlier.append((timestamp, data[12:]))
        return data[:1] + bytes((data[1] & 0x80 | red,)) + data[2:12] + header + b"\0" + copy + data[12:]

    monkeypatch.setattr(session._sender, "frame", frame)


async def test_what_a_peer_sends_twice_is_not_lost(
    autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-5, MED-21: negotiated; a tenth is lost, nearly all is heard."""
    config = MediaConfig(codecs=("PCMU",), redundancy=True, jitter_min_ms=60, jitter_max_ms=60)
    async with media_pair(config=config, loss=0.1) as pair:
        for_a, for_b = pair.connect()
        assert [item.name for item in for_b.receive_formats] == ["PCMU", "telephone-event", "red"]
        assert for_a.formats[0].name == "PCMU"
        red = next(item.payload_type for item in for_b.receive_formats if item.name == "red")
        _send_twice(pair.a.stream(), red, monkeypatch)
        pair.a.stream().add_source(Tone(440))
        ear = Listener()
        pair.b.stream().add_sink(ear)
        await trio.sleep(10)
        heard = pair.b.stream().statistics().rtp
    assert heard is not None
    assert heard.lost > 20
    assert heard.restored > 0.7 * heard.lost
    assert heard.received.latest is not None
    assert heard.received.latest.loss is not None
    assert heard.received.latest.loss < 0.03


async def test_digits_in_the_audio_are_digits_of_the_call(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-13: by telephone-event, in the audio and by INFO; one stream, the source named, each press once."""
    pressed: list[tuple[str, str]] = []

    async def listen(call: IncomingCall) -> None:
        await call.answer()
        async for digit in call.digits:
            pressed.append((digit.digit, digit.source))

    media = MediaConfig(inband_dtmf=True)
    async with sim.pair(3, phones={"media": media}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, listen)
        told = bob.subscribe(lambda event: isinstance(event, DigitPressed))
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(0.5)
            await call.play(dtmf_digits("12#", tone_ms=100, pause_ms=100))
            await trio.sleep(0.5)
            await call.send_dtmf("3")
            await trio.sleep(0.5)
        await trio.sleep(1)
        published = [(event.digit, event.source) for event in waiting(told, DigitPressed)]
        nursery.cancel_scope.cancel()
    assert pressed == [("1", "inband"), ("2", "inband"), ("#", "inband"), ("3", "rfc4733")]
    assert published == pressed


async def test_keys_are_sent_by_every_way(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """MED-13, SES-15: telephone-events, tones, INFO; what is no key is refused by each."""
    pressed: list[tuple[str, float, str]] = []

    async def listen(call: IncomingCall) -> None:
        await call.answer()
        async for digit in call.digits:
            pressed.append((digit.digit, digit.duration_ms, digit.source))

    async with sim.pair(3, phones={"media": MediaConfig(inband_dtmf=True)}) as (alice, bob):
        async with trio.open_nursery() as nursery:
            await nursery.start(bob.serve, listen)
            async with alice.make_call(BOB) as call:
                with pytest.raises(CallStateError):
                    await call.send_dtmf("1", way="info")
                await call.answered()
                await trio.sleep(0.5)
                ways: tuple[DigitWay, ...] = ("rfc4733", "info", "inband")
                for way in ways:
                    began = trio.current_time()
                    await call.send_dtmf("4#", duration_ms=120, gap_ms=80, way=way)
                    assert trio.current_time() - began == pytest.approx(0.4, abs=0.1)
                    await trio.sleep(1)
                    for wrong in ({"digits": "1x"}, {"digits": "1", "duration_ms": 0}):
                        with pytest.raises(MediaError):
                            await call.send_dtmf(**wrong, way=way)
            with pytest.raises(CallEnded):
                await call.send_dtmf("1", way="info")
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
    sources = [source for _, _, source in pressed]
    assert sources == ["rfc4733", "rfc4733", "info", "info", "inband", "inband"]
    assert "".join(digit for digit, _, _ in pressed) == "4#4#4#"
    assert all(duration == pytest.approx(120, abs=30) for _, duration, _ in pressed)


async def test_digits_in_the_audio_are_not_looked_for_by_default(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """MED-13."""
    async with media_pair() as pair:
        pair.connect()
        pair.a.stream().add_source(Samples(dtmf_digits("12", tone_ms=100, pause_ms=100)))
        await trio.sleep(1)
        assert pair.b.of_kind(DigitReceived) == []
        assert pair.b.of_kind(QualityChanged) == []


def test_a_rate_at_which_no_digits_are_heard_is_refused() -> None:
    """MED-13: when the media is prepared, with the name of the field."""
    config = MediaConfig(inband_dtmf=True, sample_rate=44_100)
    with pytest.raises(ConfigurationError, match="inband_dtmf"):
        NoMedia(config, advertised_host="10.0.0.1", random_bytes=lambda count: bytes(count))


def test_without_media_there_is_nothing_to_tell() -> None:
    """MED-20."""
    media = NoMedia(MediaConfig(), advertised_host="10.0.0.1", random_bytes=lambda count: bytes(count))
    assert media.quality_history(CALL).received == ()
    assert media.totals() is None


async def test_a_phone_that_sends_what_was_not_agreed_on_is_heard(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """MED-19: PCMA where the answer said PCMU."""
    async with media_pair(config=MediaConfig(codecs=("PCMU",))) as pair:
        pair.connect()
        session = pair.a.stream()._path.lent.bare
        assert session is not None
        config = attrs.evolve(
            session._config, formats={0: "PCMU", 8: "PCMA"}, send_formats={}, send_payload_type=8
        )
        session.update(config, 0.0)
        pair.a.stream().add_source(Tone(1_000))
        ear = Listener()
        pair.b.stream().add_sink(ear)
        await trio.sleep(2)
        assert pair.b.of_kind(CodecFellBack) == [CodecFellBack(8)]
        statistics = pair.b.stream().statistics().rtp
    assert measure(ear).frequency_hz == pytest.approx(1_000, abs=1)
    assert statistics is not None
    assert statistics.codec == "PCMA"
