"""Media of many calls at one time, in virtual time: every sample arrives, nothing drifts, nothing grows."""

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp import RtpStatistics
from sansio_rtp.codec import PCMU
from tests.runtime.media_hub import Hub
from trio_runtime.base import MediaConfig
from trio_runtime.base.types import Address
from trio_runtime.media import AudioFrame, MediaManager, MediaStatistics
from trio_runtime.testing.machines import Machine
from trio_runtime.testing.wire import Wire
from trio_runtime.testing.wire_sockets import WireSocket

TICK_S = 0.02
FRAME = 160
PERIOD = 251  # a prime: whatever is missing or said twice is noticed, unless it is 31 ms long to the sample
# Values that G.711 knows, so that what is heard is what was said to the bit.
SOUND = np.tile(PCMU.decode(bytes(97 * place % PERIOD for place in range(PERIOD))), 3)
SETTLE_S = 4.0  # until no buffer looks for its delay any more


class Cable(Wire):
    """A wire that carries everything at once and keeps no record of it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._carriage.forward = self._at_once  # type: ignore[method-assign]

    def _at_once(self, machine: Machine, socket: WireSocket, data: bytes, destination: Address) -> None:
        receiver = self.public.hosts[destination[0]].sockets.get(destination[1])
        if receiver is not None:
            receiver.deliver(data, socket.source)


class Talker:
    """A source that says the sound over and over."""

    live = False

    def __init__(self, place: int) -> None:
        self._place = place % PERIOD

    def read(self, n_samples: int) -> AudioFrame:
        place, self._place = self._place, (self._place + n_samples) % PERIOD
        return SOUND[place : place + n_samples]

    def close(self) -> None:
        return


class Checker:
    """A sink that looks, from a moment on, whether it hears the sound with no sample too many or too few."""

    def __init__(self) -> None:
        self.frames = self.wrong = 0
        self._place: int | None = None

    def begin(self) -> None:
        """Find the place in the sound with the next frame, and follow it from there."""
        self._place = -1

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        if self._place is None:
            return
        if self._place < 0:
            found = [p for p in range(PERIOD) if np.array_equal(SOUND[p : p + FRAME], received)]
            assert len(found) == 1, "what is heard before the check begins is not the sound"
            self._place = found[0]
        place, self._place = self._place, (self._place + FRAME) % PERIOD
        self.frames += 1
        self.wrong += not np.array_equal(SOUND[place : place + FRAME], received)

    def close(self) -> None:
        return


def rtp_of(statistics: MediaStatistics | None) -> RtpStatistics:
    assert statistics is not None
    assert statistics.rtp is not None
    assert (statistics.unsent_packets, statistics.skipped_ms) == (0, 0)
    return statistics.rtp


def sides(hub: Hub) -> tuple[MediaManager, MediaManager]:
    return hub.manager, hub.phones


def statistics_of(hub: Hub, calls: int) -> list[RtpStatistics]:
    return [rtp_of(side.statistics(str(call))) for call in range(calls) for side in sides(hub)]


def blocks(hub: Hub) -> int:
    """How many blocks of memory Python has allocated, without the events that the hub keeps."""
    hub.events.clear()
    gc.collect()
    return sys.getallocatedblocks()


async def run_a_little_later(manager: MediaManager) -> None:
    """Run with a clock between the ticks of the other one: else it is chance who reads before who sends."""
    await trio.sleep(0.002)
    await manager.run()


async def begin_calls(hub: Hub, calls: int) -> list[Checker]:
    """Begin the calls within a second, and return the ears of both sides of each."""
    checkers: list[Checker] = []
    for call in range(calls):
        keeper = hub.call(str(call))
        hub.phone(str(call)).remove_sink(keeper)
        for stream in (hub.stream(str(call)), hub.phone(str(call))):
            checkers.append(Checker())
            stream.add_source(Talker(len(checkers)))
            stream.add_sink(checkers[-1])
        await trio.sleep(1 / calls)
    return checkers


def check_calls(before: list[RtpStatistics], after: list[RtpStatistics], seconds: float) -> None:
    """Check that each side of each call sent and heard all, and waits as long as it did."""
    for then, now in zip(before, after, strict=True):
        assert now.packets_sent - then.packets_sent == pytest.approx(seconds / TICK_S, abs=1)
        assert now.packets_received - then.packets_received == pytest.approx(seconds / TICK_S, abs=1)
        assert (now.lost, now.late, now.discarded, now.duplicates, now.out_of_order) == (0, 0, 0, 0, 0)
        assert now.concealed == then.concealed
        assert now.jitter_buffer_ms == pytest.approx(then.jitter_buffer_ms, abs=1)
        assert now.jitter_ms == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("calls", "seconds", "growth"),
    [
        # One block a packet would be 100; what has a window, such as the clock's lateness, still fills it.
        (20, 6.0, 50.0),
        pytest.param(1_000, 600.0, 0.05, marks=(pytest.mark.long, pytest.mark.timeout(7_200))),
    ],
)
async def test_many_calls_lose_no_sample_do_not_drift_and_do_not_grow(
    autojump_clock: MockClock, calls: int, seconds: float, growth: float
) -> None:
    """MED-1, MED-21, MED-26, SIM-2: the long form is a thousand calls of ten minutes.

    `growth` is how many blocks of memory there may be more a call and second, over the second half.
    """
    hub = Hub(Cable(1), MediaConfig(codecs=("PCMU",), ports=(10_000, 20_000)))
    async with hub.wire, trio.open_nursery() as nursery:
        nursery.start_soon(hub.manager.run)
        nursery.start_soon(run_a_little_later, hub.phones)
        checkers = await begin_calls(hub, calls)
        await trio.sleep(SETTLE_S)
        for checker in checkers:
            checker.begin()
        before = statistics_of(hub, calls)
        await trio.sleep(seconds / 2)
        allocated = blocks(hub)
        await trio.sleep(seconds / 2)
        grown = blocks(hub) - allocated
        check_calls(before, statistics_of(hub, calls), seconds)
        for side in sides(hub):
            engine = side.engine_statistics()
            assert engine is not None
            assert (engine.streams, engine.skipped, engine.failed, engine.shed) == (calls, 0, 0, 0)
            assert engine.ticks == pytest.approx(trio.current_time() / TICK_S, abs=1)
            side.close_all()
        assert hub.wire.open_sockets == []
        nursery.cancel_scope.cancel()
    assert {checker.wrong for checker in checkers} == {0}
    assert min(checker.frames for checker in checkers) >= seconds / TICK_S - 1
    assert grown <= growth * calls * seconds / 2
