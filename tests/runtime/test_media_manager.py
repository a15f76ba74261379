from __future__ import annotations

import attrs
import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.audio import ToneSource, sine
from sansio_rtp.session import DigitReceived
from sansio_sip.sdp import Direction
from tests.runtime.media_pair import CALL, Listener, measure, media_pair
from trio_runtime.base import (
    CallEnded,
    ConfigurationError,
    MediaConfig,
    MediaError,
    PortsExhaustedError,
    UnsupportedError,
)
from trio_runtime.media import AudioFrame, MediaManager, NoMedia, Player, RtpTimedOut, StreamFailed
from trio_runtime.testing.wire import Wire


def tone(frequency_hz: float = 1_000.0) -> Player:
    return Player(ToneSource(sine(frequency_hz)), ended=lambda: CallEnded("over"))


async def test_sixty_seconds_of_packets_are_exact_and_do_not_drift(autojump_clock: MockClock) -> None:
    """MED-1, MED-21."""
    async with media_pair(latency=0.004) as pair:
        pair.connect()
        await trio.sleep(60.015)
        packets = pair.rtp_from(pair.a)
        assert len(packets) == 3_000
        first_time, first_sequence, first_timestamp = packets[0][:3]
        for index, (time, sequence, timestamp, payload_type, marker, payload) in enumerate(packets):
            assert sequence == (first_sequence + index) & 0xFFFF
            assert timestamp == (first_timestamp + 160 * index) & 0xFFFFFFFF
            assert time == pytest.approx(first_time + 0.02 * index, abs=1e-9)
            assert (payload_type, marker, len(payload)) == (0, index == 0, 160)
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert (engine.ticks, engine.skipped, engine.failed, engine.streams) == (3_000, 0, 0, 1)
        assert engine.lateness_max_ms == pytest.approx(0, abs=1e-6)
        await trio.sleep(0.008)  # until the last one is read
        statistics = pair.b.manager.statistics(CALL)
        assert statistics is not None
        assert statistics.rtp is not None
        assert (statistics.rtp.packets_received, statistics.rtp.lost, statistics.rtp.late) == (3_000, 0, 0)
        assert statistics.rtp.jitter_ms == pytest.approx(0, abs=0.01)


async def test_tone_comes_through_both_ways(autojump_clock: MockClock) -> None:
    """MED-1, MED-23."""
    async with media_pair() as pair:
        pair.connect()
        ears = Listener(), Listener()
        for side, ear, frequency in ((pair.a, ears[0], 1_000.0), (pair.b, ears[1], 700.0)):
            side.stream().add_source(tone(frequency))
            side.stream().add_sink(ear)
        await trio.sleep(3)
    for ear, frequency in zip(ears, (700.0, 1_000.0), strict=True):
        measured = measure(ear)
        assert measured.frequency_hz == pytest.approx(frequency, abs=1)
        assert measured.sndr_db >= 33
        assert ear.closed == 1


async def test_sources_mix_and_saturate(autojump_clock: MockClock) -> None:
    """MED-23."""
    async with media_pair() as pair:
        pair.connect()
        loud = np.full(800, 30_000, np.int16)
        for _ in range(2):
            pair.a.stream().add_source(Player(Feed(loud), ended=RuntimeError))
        ear = Listener()
        pair.a.stream().add_sink(ear)
        await trio.sleep(0.2)
    assert np.concatenate(ear.sent).max() == 32_767
    assert np.count_nonzero(np.concatenate(ear.sent)) == 800


class Feed:
    def __init__(self, samples: AudioFrame) -> None:
        self.left = samples

    def read(self, n_samples: int) -> AudioFrame:
        piece, self.left = self.left[:n_samples], self.left[n_samples:]
        return piece


async def test_digits_come_through_once_each_and_sending_waits_until_they_are_out(
    autojump_clock: MockClock,
) -> None:
    """SES-15, MED-13."""
    async with media_pair(loss=0.1, seed=3) as pair:
        pair.connect()
        await trio.sleep(0.5)
        begun = trio.current_time()
        await pair.a.manager.send_digits(CALL, "12#d", duration_ms=100, gap_ms=80)
        assert 4 * 0.1 + 3 * 0.08 <= trio.current_time() - begun < 1.0
        await trio.sleep(0.5)
        digits = [event.digit for event in pair.b.of_kind(DigitReceived) if isinstance(event, DigitReceived)]
        assert digits == ["1", "2", "#", "D"]


@pytest.mark.parametrize(("digits", "message"), [("1x2", "'x' is no"), ("1" * 70, "waiting already")])
async def test_digits_that_cannot_be_sent_are_refused(
    autojump_clock: MockClock, digits: str, message: str
) -> None:
    """SES-15."""
    async with media_pair() as pair:
        pair.connect()
        with pytest.raises(MediaError, match="is not a DTMF digit" if "x" in digits else message):
            await pair.a.manager.send_digits(CALL, digits)


async def test_digits_without_media_or_telephone_events_are_refused(autojump_clock: MockClock) -> None:
    """SES-15."""
    async with media_pair(config=MediaConfig(dtmf=False)) as pair:
        pair.a.manager.open(CALL)
        with pytest.raises(UnsupportedError):
            await pair.a.manager.send_digits(CALL, "1")
        pair.connect()
        with pytest.raises(MediaError, match="takes no telephone-event"):
            await pair.a.manager.send_digits(CALL, "1")
        with pytest.raises(MediaError, match="no media"):
            await pair.a.manager.send_digits("other", "1")


async def test_hold_stops_packets_and_resume_continues_the_timestamps(autojump_clock: MockClock) -> None:
    """MED-2, MED-27."""
    async with media_pair() as pair:
        pair.connect()
        await trio.sleep(1.001)
        before = len(pair.rtp_from(pair.b))
        pair.connect(direction=Direction.SENDONLY)
        await trio.sleep(1)
        assert len(pair.rtp_from(pair.b)) == before == 50
        assert len(pair.rtp_from(pair.a)) == 100
        pair.connect()
        await trio.sleep(1)
        packets = pair.rtp_from(pair.b)
        assert len(packets) == 100
        assert packets[50][1] == packets[49][1] + 1
        assert packets[50][2] == (packets[0][2] + 100 * 160) & 0xFFFFFFFF
        assert packets[50][4], "the first packet after a pause has the marker"


async def test_player_waits_on_hold_while_live_audio_passes(autojump_clock: MockClock) -> None:
    """MED-2."""
    async with media_pair() as pair:
        pair.connect(direction=Direction.INACTIVE)
        samples = np.ones(1_600, np.int16)
        player = Player(Feed(samples), ended=RuntimeError)
        pair.a.stream().add_source(player)
        audio = pair.a.manager.audio(CALL)
        with trio.fail_after(2):
            await audio.send(np.ones(8_000, np.int16))
        pair.connect()
        with trio.fail_after(0.5):
            await player.finished()


async def test_mute_sends_silence(autojump_clock: MockClock) -> None:
    """MED-1."""
    async with media_pair() as pair:
        pair.connect()
        stream = pair.a.stream()
        stream.add_source(tone())
        stream.muted = True
        await trio.sleep(0.5)
        assert {packet[5] for packet in pair.rtp_from(pair.a)} == {b"\xff" * 160}
        assert stream.statistics().muted


async def test_ten_percent_loss_keeps_going(autojump_clock: MockClock) -> None:
    """MED-14, MED-20."""
    async with media_pair(loss=0.1, reorder=0.05, latency=(0.005, 0.03)) as pair:
        pair.connect()
        ear = Listener()
        pair.a.stream().add_source(tone())
        pair.b.stream().add_sink(ear)
        await trio.sleep(20.001)
        statistics = pair.b.manager.close(CALL)
        assert statistics is not None
        assert statistics.rtp is not None
        assert 0.06 < statistics.rtp.fraction_lost < 0.14
        assert statistics.rtp.mos is not None
        assert statistics.rtp.mos < 4
    heard = ear.heard()
    assert len(heard) == 160 * 1_000
    assert measure(ear).frequency_hz == pytest.approx(1_000, abs=1)


async def test_failing_sink_ends_its_stream_only(autojump_clock: MockClock) -> None:
    """MED-1."""

    class Broken(Listener):
        def take(self, received: AudioFrame, sent: AudioFrame) -> None:
            raise ZeroDivisionError("broken sink")

    async with media_pair() as pair:
        pair.connect("good")
        pair.connect("bad")
        await trio.sleep(0.1)
        broken = Broken()
        pair.a.stream("bad").add_sink(broken)
        await trio.sleep(1)
        assert pair.a.manager.stream("bad") is None
        assert ("bad", StreamFailed("ZeroDivisionError: broken sink")) in pair.a.events
        assert broken.closed == 1
        assert pair.a.manager.open_streams == 1
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert (engine.failed, engine.streams) == (1, 1)
        statistics = pair.b.manager.statistics("good")
        assert statistics is not None
        assert statistics.rtp is not None
        assert statistics.rtp.lost == 0
        assert statistics.rtp.packets_received > 50


async def test_sink_that_cannot_even_be_closed_keeps_no_port_and_no_sender(
    autojump_clock: MockClock,
) -> None:
    """MED-1, MED-4."""

    class Broken(Listener):
        def close(self) -> None:
            raise ZeroDivisionError("broken sink")

    async with media_pair() as pair:
        pair.connect()
        audio = pair.a.manager.audio(CALL)
        pair.a.stream().add_sink(Broken())
        with pytest.raises(ZeroDivisionError):
            pair.a.manager.close(CALL)
        assert [frame async for frame in audio] == []
        assert len(pair.wire.open_sockets) == 1
        assert pair.a.manager.open_streams == 0


async def test_owner_that_raises_on_an_event_ends_that_stream_only(autojump_clock: MockClock) -> None:
    """MED-1."""
    async with media_pair() as pair:

        def hook(session: str, event: object) -> None:
            raise RuntimeError("owner")

        pair.a.hook = hook
        pair.connect()
        await trio.sleep(0.5)
        assert pair.a.manager.stream(CALL) is None
        pair.a.hook = lambda session, event: None
        pair.connect("next")
        await trio.sleep(0.5)
        assert pair.a.stream("next").started


async def test_owner_may_close_a_call_from_within_its_event(autojump_clock: MockClock) -> None:
    """MED-2."""
    async with media_pair() as pair:

        def close(session: str, event: object) -> None:
            pair.a.manager.close(session)

        pair.a.hook = close
        pair.connect()
        pair.connect("other")
        await trio.sleep(0.5)
        assert pair.a.manager.open_streams == 0
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert engine.failed == 0


async def test_close_says_goodbye_and_gives_the_last_statistics(autojump_clock: MockClock) -> None:
    """MED-1, MED-6."""
    async with media_pair() as pair:
        pair.connect()
        await trio.sleep(1.001)
        statistics = pair.a.manager.close(CALL)
        assert statistics is not None
        assert statistics.rtp is not None
        assert statistics.rtp.packets_sent == 50
        assert pair.a.manager.close(CALL) is None
        assert pair.a.manager.stream(CALL) is None
        assert pair.a.manager.statistics(CALL) is None
        # The last packet of the compound is a BYE.
        assert 203 in pair.rtcp_from(pair.a)[-1][2]
        sent = len(pair.wire.datagrams)
        await trio.sleep(0.05)
        assert len(pair.rtp_from(pair.a)) == 50
        assert sent < len(pair.wire.datagrams)


async def test_no_audio_any_more_ends_the_media_but_keeps_the_ports(autojump_clock: MockClock) -> None:
    """MED-1."""
    async with media_pair() as pair:
        pair.connect()
        await trio.sleep(0.1)
        pair.a.manager.apply(CALL, None)
        assert not pair.a.stream().started
        sent = len(pair.rtp_from(pair.a))
        await trio.sleep(0.2)
        assert len(pair.rtp_from(pair.a)) == sent
        statistics = pair.a.manager.statistics(CALL)
        assert statistics is not None
        assert statistics.rtp is not None
        assert statistics.rtp.packets_sent == sent
        pair.connect()
        await trio.sleep(0.2)
        assert len(pair.rtp_from(pair.a)) > sent
        pair.a.manager.apply("unknown", None)
        with pytest.raises(MediaError, match="no media ports"):
            pair.a.manager.apply("unknown", pair.connect()[0])


async def test_packets_before_the_agreement_are_counted(autojump_clock: MockClock) -> None:
    """MED-21."""
    async with media_pair() as pair:
        for_a, _ = pair.connect()
        pair.a.manager.close(CALL)
        local = pair.a.manager.open(CALL)
        pair.b.manager.apply(CALL, attrs.evolve(pair.connect("x")[1], remote_port=local.port))
        await trio.sleep(0.2)
        statistics = pair.a.manager.statistics(CALL)
        assert statistics is not None
        assert statistics.early_packets > 5
        assert statistics.rtp is None
        assert statistics.direction is Direction.INACTIVE
        assert for_a.local_port != local.port


async def test_without_mux_reports_use_the_odd_port(autojump_clock: MockClock) -> None:
    """MED-4."""
    async with media_pair() as pair:
        pair.connect(change=lambda local: attrs.evolve(local, rtcp_mux=False))
        await trio.sleep(12)
        reports = pair.rtcp_from(pair.a)
        assert reports
        port = pair.a.stream().ports.port
        assert {(sender[1], receiver[1]) for sender, receiver, _ in reports} == {(port + 1, port + 1)}
        assert len(pair.wire.open_sockets) == 4
        statistics = pair.a.manager.statistics(CALL)
        assert statistics is not None
        assert statistics.rtp is not None
        assert statistics.rtp.rtt_ms == pytest.approx(20, abs=25)


async def test_with_mux_the_odd_socket_is_given_back(autojump_clock: MockClock) -> None:
    """MED-4, MED-6."""
    async with media_pair() as pair:
        pair.connect()
        assert len(pair.wire.open_sockets) == 2
        await trio.sleep(12)
        assert {receiver[1] for _, receiver, _ in pair.rtcp_from(pair.a)} == {pair.b.stream().ports.port}


@pytest.mark.parametrize(("ptime", "samples"), [(10, 80), (20, 160), (30, 240), (40, 320), (60, 480)])
async def test_packets_have_the_length_the_peer_wants(
    autojump_clock: MockClock, ptime: int, samples: int
) -> None:
    """SDP-6."""
    async with media_pair(config=MediaConfig(ptime_ms=ptime)) as pair:
        pair.connect()
        pair.a.stream().add_source(tone())
        ear = Listener()
        pair.b.stream().add_sink(ear)
        await trio.sleep(3.001)
        packets = pair.rtp_from(pair.a)
        assert len(packets) == 24_000 // samples
        assert {len(packet[5]) for packet in packets} == {samples}
        assert (packets[-1][2] - packets[0][2]) & 0xFFFFFFFF == samples * (len(packets) - 1)
    assert measure(ear).sndr_db >= 33


async def test_silence_of_the_peer_is_told_once(autojump_clock: MockClock) -> None:
    """MED-21."""
    async with media_pair(config=MediaConfig(rtp_timeout=2)) as pair:
        pair.connect()
        await trio.sleep(5)
        assert pair.a.of_kind(RtpTimedOut) == []
        pair.b.manager.close(CALL)
        await trio.sleep(5)
        (event,) = pair.a.of_kind(RtpTimedOut)
        assert isinstance(event, RtpTimedOut)
        assert 2 <= event.silent_s < 2.15


async def test_exhausted_ports_name_the_range_and_closed_ones_come_back(autojump_clock: MockClock) -> None:
    """MED-4."""
    async with media_pair(config=MediaConfig(ports=(20_000, 20_003))) as pair:
        manager = pair.a.manager
        assert [manager.open("one").port, manager.open("two").port] == [20_000, 20_002]
        assert manager.open("one").port == 20_000, "opening again gives the same"
        with pytest.raises(PortsExhaustedError, match="20000-20003"):
            manager.open("three")
        assert manager.open_streams == 2
        manager.close("one")
        with pytest.raises(PortsExhaustedError, match="1 resting"):
            manager.open("three")
        await trio.sleep(2)
        assert manager.open("three").port == 20_000


async def test_play_returns_at_the_end_and_raises_when_the_call_ends_first(autojump_clock: MockClock) -> None:
    """MED-23."""
    async with media_pair() as pair:
        pair.connect()
        begun = trio.current_time()
        await pair.a.manager.play(CALL, np.ones(8_000, np.int16))
        assert trio.current_time() - begun == pytest.approx(1, abs=0.021)
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def _() -> None:
                with pytest.raises(CallEnded, match="hung up"):
                    await pair.a.manager.play(
                        CALL, np.ones(8_000, np.int16), ended=lambda: CallEnded("hung up")
                    )

            @nursery.start_soon
            async def _() -> None:
                with pytest.raises(CallEnded, match="hung up"):
                    await pair.a.manager.send_digits(CALL, "123", ended=lambda: CallEnded("hung up"))

            await trio.sleep(0.1)
            pair.a.manager.close(CALL)
        with pytest.raises(MediaError, match="no media"):
            await pair.a.manager.play(CALL, b"")


async def test_cancelled_play_is_silent_at_once(autojump_clock: MockClock) -> None:
    """MED-23."""
    async with media_pair() as pair:
        pair.connect()
        with trio.move_on_after(0.1):
            await pair.a.manager.play(CALL, ToneSource(sine(1_000.0)))
        await trio.sleep(0.1)
        assert pair.rtp_from(pair.a)[-1][5] == b"\xff" * 160


async def test_audio_may_be_asked_for_before_there_is_media_and_echoes(autojump_clock: MockClock) -> None:
    """MED-23."""
    async with media_pair() as pair:
        audio = pair.b.manager.audio(CALL)
        assert pair.b.manager.audio(CALL) is audio

        async def echo() -> None:
            async for frame in audio:
                await audio.send(frame)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(echo)
            await trio.sleep(1)
            pair.connect()
            ear = Listener()
            pair.a.stream().add_sink(ear)
            pair.a.stream().add_source(tone())
            await trio.sleep(3)
            pair.b.manager.close(CALL)
        measured = measure(ear)
        assert measured.sndr_db >= 30
        assert audio.statistics().dropped_received == 0


async def test_same_seed_gives_the_same_bytes(autojump_clock: MockClock) -> None:
    """SIM-1."""

    async def run(seed: int) -> list[bytes]:
        async with media_pair(seed, loss=0.05, latency=(0.005, 0.040)) as pair:
            pair.connect()
            pair.a.stream().add_source(tone())
            await pair.a.manager.send_digits(CALL, "42")
            await trio.sleep(6)
            # Reports hold the time of day, which has gone on in the second run.
            return [entry.data for entry in pair.wire.datagrams if not 64 <= entry.data[1] & 0x7F < 96]

    first = await run(7)
    assert await run(7) == first
    assert await run(8) != first


async def test_without_media_everything_is_inactive(autojump_clock: MockClock) -> None:
    """MED-1."""
    manager = NoMedia(MediaConfig(), advertised_host="10.0.0.1", random_bytes=bytes)
    with trio.fail_after(1):
        await manager.run()
    local = manager.open(CALL)
    assert (local.port, local.direction) == (9, Direction.INACTIVE)
    manager.apply(CALL, None)
    audio = manager.audio(CALL)
    with pytest.raises(MediaError, match="no media"):
        await manager.play(CALL, b"")
    assert (manager.stream(CALL), manager.statistics(CALL), manager.engine_statistics()) == (None, None, None)
    assert manager.open_streams == 0
    assert manager.close(CALL) is None
    assert [frame async for frame in audio] == []
    kept = manager.audio(CALL)
    manager.close_all()
    assert [frame async for frame in kept] == []


def test_unknown_codec_is_refused_at_once() -> None:
    """MED-27."""
    wire = Wire(1)
    with pytest.raises(
        ConfigurationError, match="codecs: unknown codec 'G729'; known are opus, G722, PCMU, PCMA"
    ):
        MediaManager(
            wire.environment(),
            MediaConfig(codecs=("G729",)),
            advertised_host="10.0.0.1",
            on_event=lambda session, event: None,
        )
