"""Whole calls in virtual time, with every codec that this machine has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneMeasurement, ToneSource, find_tone, sine, trim_silence
from sansio_rtp.packet import parse_rtp
from sansio_sip.sdp import parse_sdp
from trio_runtime import Call, IncomingCall, MediaConfig
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"
Frame = npt.NDArray[np.int16]

CODECS = ("PCMU", "PCMA", "G722", "opus", "L16/8000", "L16/16000", "L16/44100", "L16/48000", "L16/44100/2")
WIDE = {"G722", "opus", "L16/16000", "L16/44100", "L16/48000", "L16/44100/2"}


async def hear(call: Call, frames: int) -> Frame:
    """Return the next frames of a call."""
    heard: list[Frame] = []
    async for frame in call.audio:
        heard.append(frame)
        if len(heard) == frames:
            break
    return np.concatenate(heard)


async def sing(call: Call, hz: float, seconds: float = 2.0) -> None:
    await call.play(ToneSource(sine(hz), call.audio.rate).read(int(call.audio.rate * seconds)))


def measure(samples: Frame, rate: int) -> ToneMeasurement:
    """Measure the tone, without the edges where it begins and ends."""
    heard = trim_silence(samples, rate)
    return find_tone(heard[rate // 10 : -(rate // 10)], rate)


async def converse(
    sim: Simulation, ours: MediaConfig, theirs: MediaConfig, **wire: float
) -> tuple[ToneMeasurement, ToneMeasurement, Call]:
    """Let alice call bob, each sing to the other, and measure what each heard: alice first."""
    network = sim.wire(5, **wire)  # type: ignore[arg-type]
    alice = sim.phone(network, "alice", "10.0.0.1", media=ours)
    bob = sim.phone(network, "bob", "10.0.0.2", media=theirs)
    by_bob: list[ToneMeasurement] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sing, call, 440.0)
            by_bob.append(measure(await hear(call, 130), call.audio.rate))
        await call.ended()

    async with network, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
            async with trio.open_nursery() as both:
                both.start_soon(sing, call, 1000.0)
                by_alice = measure(await hear(call, 130), call.audio.rate)
            await trio.sleep(0.5)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    return by_alice, by_bob[0], call


@pytest.mark.parametrize("codec", CODECS)
async def test_tones_cross_with_every_codec(
    sim: Simulation, autojump_clock: trio.testing.MockClock, codec: str
) -> None:
    """MED-7, MED-8, MED-9, MED-18: each hears the other's tone, in the codec that was agreed on."""
    config = MediaConfig(codecs=(codec,))
    by_alice, by_bob, call = await converse(sim, config, config)
    least = 38.0 if codec in WIDE else 33.0
    assert abs(by_alice.frequency_hz - 440) < 1
    assert abs(by_bob.frequency_hz - 1000) < 1
    assert min(by_alice.sndr_db, by_bob.sndr_db) >= least
    statistics = call.statistics()
    assert statistics is not None
    assert statistics.rtp is not None
    assert statistics.rtp.codec == codec
    assert (statistics.rtp.lost, statistics.rtp.undecodable, statistics.rtp.unknown_payload) == (0, 0, 0)
