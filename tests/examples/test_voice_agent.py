"""The voice agent of `examples/`: it answers, is interrupted, takes keys, transfers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import rms
from tests.examples.test_examples import load, served
from trio_runtime import Call, SessionCoordinator
from trio_runtime.media import AudioFrame
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
RATE = 8_000
SENTENCE = (6_000 * np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE)).astype(np.int16)  # a second
PEOPLE = "sip:people@10.0.0.3"
Say = Callable[[AudioFrame], Awaitable[None]]


class Ear:
    """When a caller heard something, in seconds; frame by frame."""

    def __init__(self) -> None:
        self.levels: list[tuple[float, float]] = []

    async def listen(self, call: Call) -> None:
        async for frame in call.audio:
            self.levels.append((trio.current_time(), rms(frame)))

    def loud(self, since: float = 0.0) -> list[float]:
        return [at for at, level in self.levels if level > 300 and at >= since]


@asynccontextmanager
async def talking(sim: Simulation, model: Callable[..., Awaitable[None]]) -> AsyncIterator[tuple[Call, Ear]]:
    """Call the agent while the block lasts; hanging up is no failure of it, whatever it does then."""
    module: ModuleType = load("voice_agent")

    async def task(server: SessionCoordinator) -> None:
        try:
            await server.serve(lambda call: module.talk(call, model, PEOPLE))
        finally:
            assert server.statistics().handlers.failed == 0

    async with served(sim, task) as (alice, _), alice.make_call("sip:agent@10.0.0.2") as call:
        await call.answered()
        async with trio.open_nursery() as nursery:
            ear = Ear()
            nursery.start_soon(ear.listen, call)
            await trio.sleep(0.5)
            yield call, ear
            nursery.cancel_scope.cancel()


async def test_agent_repeats_what_it_heard(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1, SRV-10: as it stands in the file, after the caller has paused."""
    async with talking(sim, load("voice_agent").respond) as (call, ear):
        await call.play(SENTENCE)
        said = trio.current_time()
        await trio.sleep(2.5)
        begun, ended = ear.loud()[0], ear.loud()[-1]
        assert 0.4 < begun - said < 0.9
        assert 0.9 < ended - begun < 1.2


@pytest.mark.parametrize("rate", [0.5, 1.3])
async def test_agent_is_silent_within_a_fifth_of_a_second_when_it_is_interrupted(
    sim: Simulation, autojump_clock: Clock, rate: float
) -> None:
    """EX-1, SRV-10: however much the model has said at once; then it listens, and answers anew."""
    turns: list[float] = []

    async def model(heard: AudioFrame, say: Say) -> None:
        turns.append(heard.size / RATE)
        for _ in range(10):
            await say(SENTENCE)  # ten seconds, if nobody stops it

    async with talking(sim, model) as (call, ear):
        await call.play(SENTENCE)
        await trio.sleep(2 * rate)
        assert ear.loud()[-1] > trio.current_time() - 0.1, "it speaks"
        interrupted = trio.current_time()
        await call.play(SENTENCE[: RATE // 2])
        assert ear.loud()[-1] - interrupted < 0.2
        await trio.sleep(2)
        assert len(turns) == 2
        assert turns[0] == pytest.approx(1.6, abs=0.3), "with the pause"
        assert turns[1] == pytest.approx(1.1, abs=0.3)
        assert ear.loud()[-1] > trio.current_time() - 0.1, "and speaks again"


async def test_agent_that_thinks_is_interrupted_as_well(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1: a model that has not answered yet is not heard any more."""
    given_up: list[float] = []

    async def model(heard: AudioFrame, say: Say) -> None:
        try:
            await trio.sleep(2)
        except trio.Cancelled:
            given_up.append(trio.current_time())
            raise
        await say(SENTENCE)

    async with talking(sim, model) as (call, ear):
        await call.play(SENTENCE)
        await trio.sleep(1)
        await call.play(SENTENCE)
        assert len(given_up) == 1
        await trio.sleep(1)
        assert not ear.loud()
        await trio.sleep(2.5)
        assert ear.loud()


async def test_key_gets_a_human(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1, SRV-10: a transfer; one that is refused does not end the talk."""
    async with talking(sim, load("voice_agent").respond) as (call, ear):
        await call.send_dtmf("5")
        await call.send_dtmf("0")
        with trio.fail_after(5):
            request: Any = await anext(call.transfer_requests)
        assert request.target == PEOPLE
        request.reject()
        await trio.sleep(0.5)
        await call.play(SENTENCE)
        await trio.sleep(2)
        assert ear.loud()
        await call.send_dtmf("0")
        with trio.fail_after(5):
            request = await anext(call.transfer_requests)
        request.reject()
