from __future__ import annotations

import struct
from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.media_pair import CALL, Listener, media_pair
from trio_runtime.base import MediaConfig, TrioClock
from trio_runtime.media import AudioFrame, MediaManager
from trio_runtime.media.clock.engine import MediaEngine
from trio_runtime.media.clock.lateness import Lateness
from trio_runtime.testing.wire import Wire


class Staller(Listener):
    """A sink that once takes a long time."""

    def __init__(self, clock: MockClock, seconds: float) -> None:
        super().__init__()
        self.clock, self.seconds = clock, seconds

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        super().take(received, sent)
        seconds, self.seconds = self.seconds, 0.0
        self.clock.jump(seconds)


async def test_short_delay_is_caught_up(autojump_clock: MockClock) -> None:
    """MED-1, MED-21."""
    async with media_pair() as pair:
        pair.connect()
        await trio.sleep(1.001)
        pair.a.stream().add_sink(Staller(autojump_clock, 0.095))
        await trio.sleep(1)
        packets = pair.rtp_from(pair.a)
        assert len(packets) == 100
        assert {b[2] - a[2] for a, b in pairwise(packets)} == {160}
        assert packets[-1][0] - packets[0][0] == pytest.approx(99 * 0.02, abs=1e-9)
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert (engine.ticks, engine.skipped) == (100, 0)
        assert engine.lateness_p50_ms == pytest.approx(0, abs=1e-6)
        assert engine.lateness_max_ms == pytest.approx(75, abs=0.001)
        assert engine.busy_max_ms == pytest.approx(95, abs=0.001)
        assert engine.window == 100


async def test_long_delay_is_left_out_and_counted_and_the_grid_stays(autojump_clock: MockClock) -> None:
    """MED-1, MED-21."""
    async with media_pair() as pair:
        pair.connect()
        await trio.sleep(1.001)
        staller = Staller(autojump_clock, 0.525)
        pair.a.stream().add_sink(staller)
        await trio.sleep(1.1)
        packets = pair.rtp_from(pair.a)
        start = packets[0]
        for time, _, timestamp, *_ in packets[52:]:
            assert timestamp - start[2] == pytest.approx((time - start[0]) * 8_000, abs=0.01)
        assert [packet[4] for packet in packets].count(True) == 2, "a gap is a new talk spurt"
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert engine.skipped == 25
        statistics = pair.a.manager.statistics(CALL)
        assert statistics is not None
        assert statistics.skipped_ms == 500
        # A recording keeps in step with time: a frame for each tick, missed or not.
        assert len(staller.received) * 0.02 == pytest.approx(1.1, abs=0.03)
        other = pair.b.manager.statistics(CALL)
        assert other is not None
        assert other.rtp is not None
        assert other.rtp.lost == 0


async def test_engine_sleeps_without_streams_and_begins_a_new_grid(autojump_clock: MockClock) -> None:
    """MED-1."""
    async with media_pair() as pair:
        await trio.sleep(100)
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert (engine.ticks, engine.lateness_p50_ms, engine.busy_max_ms) == (0, None, None)
        pair.connect()
        begun = trio.current_time()
        await trio.sleep(0.1)
        pair.a.manager.close(CALL)
        await trio.sleep(50.007)
        pair.connect("again")
        again = trio.current_time()
        await trio.sleep(0.1)
        times = [packet[0] for packet in pair.rtp_from(pair.a)]
        assert times[0] == pytest.approx(begun + 0.02, abs=1e-6)
        assert any(time == pytest.approx(again + 0.02, abs=1e-6) for time in times)
        engine = pair.a.manager.engine_statistics()
        assert engine is not None
        assert engine.ticks < 12
        assert engine.skipped == 0


async def test_flood_on_one_socket_does_not_hold_the_clock(autojump_clock: MockClock) -> None:
    """MED-1."""
    async with media_pair() as pair:
        pair.connect()
        stranger = pair.wire.environment("10.0.0.9").network.open_media().open("10.0.0.9", 5_000)
        target = pair.a.host, pair.a.stream().ports.port
        await trio.sleep(0.501)
        for number in range(1_000):
            stranger.send(struct.pack("!BBHII", 0x80, 0, number & 1, 0, 99) + bytes(3_000), target)
        before = len(pair.rtp_from(pair.a))
        await trio.sleep(1)
        assert len(pair.rtp_from(pair.a)) == before + 50
        statistics = pair.a.manager.statistics(CALL)
        assert statistics is not None
        assert statistics.rtp is not None
        assert statistics.rtp.strangers == 0, "the socket is connected: strangers do not get so far"
        assert statistics.rtp.packets_received == pytest.approx(74, abs=1)
        stranger.close()


@pytest.mark.parametrize(
    ("relatch_after", "host", "heard_again"),
    [(3.0, "10.0.0.2", True), (None, "10.0.0.2", False), (3.0, "10.0.0.9", False)],
)
async def test_a_peer_with_a_new_port_is_heard_after_a_silence(
    autojump_clock: MockClock, relatch_after: float | None, host: str, heard_again: bool
) -> None:
    """MED-27, SEC-1: once it has proven itself; before that, and on another host, it is a stranger."""
    async with media_pair(config=MediaConfig(relatch_after=relatch_after)) as pair:
        pair.connect()
        await trio.sleep(1)
        target = pair.a.host, pair.a.stream().ports.port
        pair.b.manager.close(CALL)
        moved = pair.wire.environment(host).network.open_media().open(host, 5_000)
        heard: list[int] = []
        for number in range(300):
            moved.send(struct.pack("!BBHII", 0x80, 0, number, number * 160, 99) + bytes(160), target)
            await trio.sleep(0.02)
            heard.append(sum(entry.receiver == (host, 5_000) for entry in pair.wire.datagrams))
        assert heard[140] == 0, "not before three seconds of silence"
        assert heard[299] - heard[160] == pytest.approx(139 if heard_again else 0, abs=3)
        moved.close()


async def test_engine_can_be_shared(autojump_clock: MockClock) -> None:
    """MED-1."""
    wire = Wire(1)
    environment = wire.environment()
    engine = MediaEngine(TrioClock(), environment.network.open_media(), environment.network.open_media())
    managers = [
        MediaManager(
            environment,
            MediaConfig(ports=(10_000 + 100 * number, 10_099 + 100 * number)),
            advertised_host="10.0.0.1",
            on_event=lambda session, event: None,
            engine=engine,
        )
        for number in range(2)
    ]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        for manager in managers:
            await manager.run()
            manager.open(CALL)
        await trio.sleep(0.1)
        assert engine.statistics().streams == 2
        managers[0].close_all()
        assert engine.statistics().streams == 1
        managers[1].close_all()
        nursery.cancel_scope.cancel()


def test_quantiles_of_lateness() -> None:
    """MED-21."""
    lateness = Lateness(window=100)
    for late in range(1_000):
        lateness.note(late / 1_000, 0.001)
    assert lateness.window == 100
    assert lateness.quantile_ms(0.5) == pytest.approx(949)
    assert lateness.quantile_ms(0.99) == pytest.approx(998)
    assert lateness.quantile_ms(1.0) == pytest.approx(999)
    assert lateness.busy_max_ms == pytest.approx(1)
