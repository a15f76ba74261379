"""The recorder of `examples/` keeps both sides of a call that it connects."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, WavReader, find_tone, sine
from tests.examples.test_examples import load, served
from trio_runtime import CallRejected, IncomingCall, RejectAllHandler, SessionCoordinator
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock


async def sing(call: IncomingCall) -> None:
    await call.answer()
    await call.play(ToneSource(sine(900.0)))


async def test_both_sides_are_in_the_file(sim: Simulation, autojump_clock: Clock, tmp_path: Path) -> None:
    """EX-1, SRV-10, MED-21: the caller left, the callee right; a call that nobody answers leaves none."""
    module = load("recorder")

    def task(server: SessionCoordinator) -> Awaitable[None]:
        return server.serve(
            lambda call: module.connect(server, call, f"10.0.0.{call.called_user[-1]}", tmp_path)
        )

    async with served(sim, task) as (alice, wire), trio.open_nursery() as nursery:
        async with (
            sim.phone(wire, "bob", "10.0.0.3") as bob,
            sim.phone(wire, "carol", "10.0.0.4", handler=RejectAllHandler(603)),
        ):
            await nursery.start(bob.serve, sing)
            async with alice.make_call("sip:3@10.0.0.2") as call, trio.open_nursery() as singing:
                await call.answered()
                singing.start_soon(call.play, ToneSource(sine(600.0)))
                await trio.sleep(3)
                singing.cancel_scope.cancel()
            await trio.sleep(0.5)
            (name,) = os.listdir(tmp_path)
            both = WavReader((tmp_path / name).read_bytes()).read_all()
            assert both.shape[0] / 8_000 == pytest.approx(3, abs=0.3)
            for side, hertz in enumerate((600, 900)):
                tone = find_tone(np.ascontiguousarray(both[8_000:16_000, side]), 8_000)
                assert tone.frequency_hz == pytest.approx(hertz, abs=1)
            async with alice.make_call("sip:4@10.0.0.2") as call:
                with pytest.raises(CallRejected, match="603"):
                    await call.answered()
            await trio.sleep(0.5)
            assert os.listdir(tmp_path) == [name]
            nursery.cancel_scope.cancel()
