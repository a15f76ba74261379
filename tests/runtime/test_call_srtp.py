"""Protected calls in virtual time: keys in descriptions, SRTP on the wire, no downgrade."""

from __future__ import annotations

import base64
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import numpy as np
import numpy.typing as npt
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneMeasurement, ToneSource, find_tone, sine, trim_silence
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.packet import parse_rtp
from sansio_rtp.srtp import SrtpReceiver, SrtpStatistics
from sansio_sip.sdp import CryptoKey, LocalMedia, SrtpKeys, SrtpPolicy, make_crypto
from tests.runtime.media_pair import CALL, Listener, Pair, media_pair
from tests.runtime.media_pair import measure as measure_ear
from trio_runtime import Call, CallRejected, ConfigurationError, IncomingCall, MediaConfig, SessionCoordinator
from trio_runtime.events.types import MediaChanged
from trio_runtime.media import AudioFrame, MediaStatistics
from trio_runtime.media.config import rtp_config
from trio_runtime.media.protection import IN_THE_CLEAR, StreamKeys
from trio_runtime.media.srtp_backend import open_srtp_backend
from trio_runtime.observe.trace import TraceEntry
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"
ALICE_HOST, BOB_HOST = "10.0.0.1", "10.0.0.2"
SUITES = (
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
    "AES_256_CM_HMAC_SHA1_32",
    "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM",
)
OFF, OPTIONAL, REQUIRED = (MediaConfig(srtp=name) for name in ("off", "optional", "required"))
PCMU_PACKET = 172


@asynccontextmanager
async def phones(
    sim: Simulation, ours: MediaConfig, theirs: MediaConfig
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
    """Open alice and bob, each with media of its own."""
    wire = sim.wire(11)
    async with (
        wire,
        sim.phone(wire, "alice", ALICE_HOST, media=ours, trace_messages=100) as alice,
        sim.phone(wire, "bob", BOB_HOST, media=theirs) as bob,
    ):
        yield alice, bob


async def hear(call: Call, frames: int = 80) -> ToneMeasurement:
    """Measure the tone in the next frames of a call, without the edges where it begins and ends."""
    heard: list[npt.NDArray[np.int16]] = []
    async for frame in call.audio:
        heard.append(frame)
        if len(heard) == frames:
            break
    rate = call.audio.rate
    return find_tone(trim_silence(np.concatenate(heard), rate)[rate // 10 : -(rate // 10)], rate)


async def sing(call: Call, hz: float) -> None:
    await call.play(ToneSource(sine(hz), call.audio.rate).read(call.audio.rate * 2))


@attrs.frozen
class Talk:
    """What came of a call in which each sang to the other."""

    by_alice: ToneMeasurement
    by_bob: ToneMeasurement
    alice: MediaStatistics
    bob: MediaStatistics


async def converse(sim: Simulation, ours: MediaConfig, theirs: MediaConfig) -> Talk:
    """Let alice call bob: 440 Hz to alice, 1 kHz to bob."""
    by_bob: list[ToneMeasurement] = []
    at_bob: list[IncomingCall] = []

    async def answer(call: IncomingCall) -> None:
        at_bob.append(call)
        await call.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sing, call, 440.0)
            by_bob.append(await hear(call))
        await call.ended()

    async with phones(sim, ours, theirs) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
            async with trio.open_nursery() as both:
                both.start_soon(sing, call, 1000.0)
                by_alice = await hear(call)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    ours_at_end, theirs_at_end = call.statistics(), at_bob[0].statistics()
    assert ours_at_end is not None
    assert theirs_at_end is not None
    return Talk(by_alice, by_bob[0], ours_at_end, theirs_at_end)


def assert_tones(talk: Talk) -> None:
    assert abs(talk.by_alice.frequency_hz - 440) < 1
    assert abs(talk.by_bob.frequency_hz - 1000) < 1
    assert min(talk.by_alice.sndr_db, talk.by_bob.sndr_db) >= 33


def voice_on_the_wire(sim: Simulation) -> list[bytes]:
    """All RTP datagrams of both phones."""
    media = [entry.data for entry in sim.wires[0].datagrams if entry.sender[1] != 5060]
    return [data for data in media if not 192 <= data[1] <= 223]


def descriptions(sim: Simulation) -> str:
    """All signalling of both phones."""
    return b"".join(entry.data for entry in sim.wires[0].trace).decode()


@pytest.mark.parametrize("suite", SUITES)
async def test_tones_cross_protected_with_every_suite(
    sim: Simulation, autojump_clock: trio.testing.MockClock, suite: str
) -> None:
    """MED-24, MED-25, SDP-10: both hear each other; no packet on the wire carries the voice as it is."""
    config = MediaConfig(srtp="required", srtp_suites=(suite,))
    talk = await converse(sim, config, config)
    assert_tones(talk)
    assert (talk.alice.srtp, talk.bob.srtp) == (suite, suite)
    for side in (talk.alice, talk.bob):
        assert side.rtp is not None
        assert side.rtp.lost == side.rtp.undecodable == 0
        received = side.rtp.srtp_received
        assert received is not None
        assert received.packets >= side.rtp.packets_received > 90
        assert (received.authentication_failed, received.replayed) == (0, 0)
    voice = voice_on_the_wire(sim)
    # What a phone that knows no keys would play: the longer packets, as noise in which there is no tone.
    assert all(len(data) > PCMU_PACKET for data in voice)
    payloads = {parse_rtp(data).payload[:160] for data in voice}
    assert len(payloads) == len(voice)


async def test_silence_in_the_clear_repeats_itself_on_the_wire(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-25: what the test before this one relies on."""
    talk = await converse(sim, OFF, OFF)
    assert_tones(talk)
    assert (talk.alice.srtp, talk.bob.srtp) == (None, None)
    voice = voice_on_the_wire(sim)
    assert {len(data) for data in voice} == {PCMU_PACKET}
    assert len({parse_rtp(data).payload for data in voice}) < len(voice) / 2
    assert "crypto" not in descriptions(sim)


@pytest.mark.parametrize(
    ("ours", "theirs", "suite"),
    [
        (OPTIONAL, OFF, None),
        (OFF, OPTIONAL, None),
        (OPTIONAL, OPTIONAL, SUITES[0]),
        (OPTIONAL, REQUIRED, SUITES[0]),
        (REQUIRED, OPTIONAL, SUITES[0]),
        (REQUIRED, REQUIRED, SUITES[0]),
        (REQUIRED, MediaConfig(srtp="optional", srtp_suites=SUITES[1:]), SUITES[1]),
    ],
    ids=["optional-off", "off-optional", "both optional", "optional-required", "required-optional"]
    + ["both required", "the common suite"],
)
async def test_a_call_is_as_protected_as_both_want(
    sim: Simulation,
    autojump_clock: trio.testing.MockClock,
    ours: MediaConfig,
    theirs: MediaConfig,
    suite: str | None,
) -> None:
    """MED-25, SDP-10: optional with a phone that has no SRTP is a call in the clear."""
    talk = await converse(sim, ours, theirs)
    assert_tones(talk)
    assert (talk.alice.srtp, talk.bob.srtp) == (suite, suite)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (REQUIRED, OFF),
        (OFF, REQUIRED),
        (MediaConfig(srtp="required", srtp_suites=SUITES[:1]), MediaConfig(srtp="required", srtp_suites=SUITES[1:])),
    ],
    ids=["we require", "they require", "no common suite"],
)
async def test_a_call_without_the_required_keys_is_refused(
    sim: Simulation, autojump_clock: trio.testing.MockClock, ours: MediaConfig, theirs: MediaConfig
) -> None:
    """SDP-10, MED-25: 488 at the caller and not one packet of audio."""

    async def answer(call: IncomingCall) -> None:
        await call.answer()

    async with phones(sim, ours, theirs) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            with pytest.raises(CallRejected) as refused:
                await call.answered()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert refused.value.status_code == 488
    assert voice_on_the_wire(sim) == []
    sim.assert_quiet()
