"""Hold, resume, mute and other media in a call that lasts: what is heard, what is sent, what is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, sine
from sansio_sip.message import Request, parse_message
from trio_runtime import (
    Call,
    CallEnded,
    CallState,
    CallStateError,
    ConfigurationError,
    IncomingCall,
    MediaConfig,
    MediaError,
    SessionCoordinator,
    SipFailure,
    UnsupportedError,
)
from trio_runtime.events.types import CallHeld, CallResumed, RemoteHoldChanged
from trio_runtime.handlers import AutoAnswerHandler
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
RATE = 8_000


@asynccontextmanager
async def talking(
    sim: Simulation, *, alice: MediaConfig | None = None, bob: MediaConfig | None = None, **conditions: float
) -> AsyncIterator[tuple[Call, Call, Wire]]:
    """Let alice and bob talk while the block lasts: both sides of the call, and the wire."""
    wire = sim.wire(**conditions)  # type: ignore[arg-type]
    taken: list[IncomingCall] = []

    class Taker(AutoAnswerHandler):
        def on_call_established(self, call: Call) -> None:
            assert isinstance(call, IncomingCall)
            taken.append(call)

    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", media=alice or MediaConfig()) as phone,
        sim.phone(wire, "bob", "10.0.0.2", media=bob or MediaConfig(), handler=Taker()),
    ):
        async with phone.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(2)
            yield call, taken[0], wire
    await sim.settle()
    sim.assert_quiet()


async def loudness(call: Call, seconds: float = 0.5) -> float:
    """Return the greatest sample that is heard from now on."""
    heard = 0.0
    with trio.move_on_after(seconds):
        async for frame in call.audio:
            heard = max(heard, float(np.abs(frame).max()))
    return heard


async def pitch(call: Call, seconds: float = 1.0) -> float:
    """Return the frequency that sounds loudest from now on, in Hz."""
    frames = []
    with trio.move_on_after(seconds):
        async for frame in call.audio:
            frames.append(frame)
    samples = np.concatenate(frames[-30:]).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(spectrum.argmax() * RATE / samples.size)


def directions(wire: Wire) -> list[str]:
    """Return what each INVITE wants to do, in the order they were sent."""
    requests = [parse_message(entry.data) for entry in wire.trace if entry.data.startswith(b"INVITE")]
    wanted = [request.body.decode() for request in requests if isinstance(request, Request)]
    return [
        next((name for name in ("sendonly", "recvonly", "inactive") if f"a={name}" in body), "sendrecv")
        for body in wanted
    ]


async def test_hold_counts_from_the_answer_on_and_resume_takes_it_back(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-12, SDP-4, MED-2: re-INVITE sendonly and sendrecv; both sides see it, and it is told."""
    async with talking(sim, latency=0.1) as (call, far, wire):
        ours, theirs = call.events, far.events
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call.hold)
            await trio.sleep(0.15)
            assert (call.state, call.on_hold) == (CallState.ACTIVE, False)  # no answer yet
        assert (call.state, call.on_hold, far.remote_hold) == (CallState.ON_HOLD, True, True)
        assert far.state is CallState.ACTIVE
        await call.hold()  # again: nothing happens
        await call.resume()
        assert (call.state, far.remote_hold) == (CallState.ACTIVE, False)
        await call.resume()
        assert directions(wire) == ["sendrecv", "sendonly", "sendrecv"]
        await trio.sleep(0.5)
        told = [type(event) for event in drained(ours)]
        assert [kind for kind in told if kind in (CallHeld, CallResumed)] == [CallHeld, CallResumed]
        seen = [event.held for event in drained(theirs) if isinstance(event, RemoteHoldChanged)]
        assert seen == [True, False]


def drained(stream: object) -> list[object]:
    """Return what waits in a stream of events."""
    events = []
    while True:
        try:
            events.append(stream.receive_nowait())  # type: ignore[attr-defined]
        except (trio.WouldBlock, trio.EndOfChannel):
            return events


async def test_peer_on_hold_hears_the_music_and_nothing_else(sim: Simulation, autojump_clock: Clock) -> None:
    """MED-22, SES-12: the music repeats without a gap, what was played waits, what is live is gone."""
    async with talking(sim) as (call, far, _), trio.open_nursery() as nursery:
        nursery.start_soon(
            call.play, (12_000 * np.sin(np.arange(40_000) * 2 * np.pi * 700 / RATE)).astype(np.int16)
        )
        assert await pitch(far) == pytest.approx(700, abs=5)
        music = (9_000 * np.sin(np.arange(160 * 7) * 2 * np.pi * 400 / RATE)).astype(np.int16)  # 140 ms of it
        await call.hold(music=music)
        assert await pitch(far, 3) == pytest.approx(400, abs=5)
        call.audio.send_nowait(np.full(1_600, 20_000, np.int16))
        await call.hold(music=(9_000 * np.sin(np.arange(1_600) * 2 * np.pi * 1_000 / RATE)).astype(np.int16))
        assert await pitch(far, 3) == pytest.approx(1_000, abs=5)
        await call.hold()
        await trio.sleep(0.3)
        far.audio.clear()
        await loudness(far, 0.3)
        assert await loudness(far) < 100
        await call.resume()
        assert await pitch(far) == pytest.approx(700, abs=5)  # the rest of what was played


async def test_music_that_cannot_be_played_leaves_the_call_as_it_is(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """MED-22."""
    async with talking(sim) as (call, _, wire):
        with pytest.raises(MediaError, match="cannot play"):
            await call.hold(music=b"no WAV")
        assert call.state is CallState.ACTIVE
        assert directions(wire) == ["sendrecv"]


async def test_muted_we_send_silence_without_asking(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-16: RTP goes on, no re-INVITE, at once."""
    async with talking(sim) as (call, far, wire):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call.play, ToneSource(sine(1_000.0)))
            assert await loudness(far) > 1_000
            call.mute()
            assert [call.muted] == [True]
            before = far.statistics()
            await trio.sleep(0.3)
            await loudness(far, 0.3)
            assert await loudness(far) < 100
            after = far.statistics()
            assert before is not None
            assert after is not None
            assert before.rtp is not None
            assert after.rtp is not None
            assert after.rtp.packets_received - before.rtp.packets_received >= 50
            call.unmute()
            assert [call.muted] == [False]
            assert await loudness(far) > 1_000
            nursery.cancel_scope.cancel()
        assert directions(wire) == ["sendrecv"]


async def test_codec_is_switched_in_mid_call(sim: Simulation, autojump_clock: Clock) -> None:
    """SDP-7, SES-18: the new one is first in the offer, and the tone goes on in it."""
    async with talking(sim) as (call, far, _):
        assert (call.codec, far.codec) == ("PCMU", "PCMU")
        await call.switch_codec("PCMA")
        assert (call.codec, far.codec) == ("PCMA", "PCMA")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call.play, ToneSource(sine(1_000.0)))
            assert await pitch(far) == pytest.approx(1_000, abs=5)
            nursery.cancel_scope.cancel()
        await far.switch_codec("pcmu")  # by the callee, and back
        assert (call.codec, far.codec) == ("PCMU", "PCMU")


async def test_codec_that_the_peer_does_not_take_is_told(sim: Simulation, autojump_clock: Clock) -> None:
    """SDP-7: the call goes on with one that both have; one that nobody knows is not even asked for."""
    async with talking(sim, bob=MediaConfig(codecs=("PCMU",))) as (call, _, wire):
        with pytest.raises(UnsupportedError, match="PCMA"):
            await call.switch_codec("PCMA")
        assert call.codec == "PCMU"
        sent = len(directions(wire))
        with pytest.raises(ConfigurationError, match="XYZ"):
            await call.switch_codec("XYZ")
        assert len(directions(wire)) == sent


async def test_direction_can_be_anything(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-18, SDP-8: only listening is not holding."""
    async with talking(sim) as (call, far, wire):
        await call.update_media(direction="recvonly")
        assert (call.state, far.remote_hold) == (CallState.ACTIVE, False)
        assert directions(wire)[-1] == "recvonly"
        with pytest.raises(MediaError, match="sideways"):
            await call.update_media(direction="sideways")  # type: ignore[arg-type]
        await call.update_media(direction="sendrecv")
        assert directions(wire)[-1] == "sendrecv"


async def test_changes_of_one_call_wait_for_each_other(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-18: and of two that hold each other at one moment both are held in the end (DLG-17)."""
    async with talking(sim, latency=0.05) as (call, far, _):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call.hold)
            nursery.start_soon(call.switch_codec, "PCMA")
            nursery.start_soon(far.hold)
        assert (call.on_hold, far.on_hold) == (True, True)
        assert (call.remote_hold, far.remote_hold) == (True, True)
        assert call.codec == far.codec == "PCMA"


async def test_wish_counts_even_if_nobody_waits_for_it_any_more(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-12: the peer has agreed, so the call is on hold; the next wish waits for that."""
    async with talking(sim, latency=0.5) as (call, far, _):
        with trio.move_on_after(0.2) as scope:
            await call.hold()
        assert scope.cancelled_caught
        assert [call.on_hold] == [False]
        await call.update_media(direction="sendonly")
        assert [call.on_hold] == [True]
        assert far.remote_hold


@pytest.mark.parametrize(
    ("verb", "what"),
    [
        (lambda call: call.hold(), "put on hold"),
        (lambda call: call.resume(), "resumed"),
        (lambda call: call.update_media(direction="sendonly"), "changed"),
        (lambda call: call.switch_codec("PCMA"), "changed"),
        (lambda call: call.transfer("sip:carol@10.0.0.3"), "transferred"),
    ],
    ids=["hold", "resume", "update_media", "switch_codec", "transfer"],
)
async def test_verbs_need_an_answered_call(
    sim: Simulation, autojump_clock: Clock, verb: Callable[[Call], object], what: str
) -> None:
    """SES-4: a state error before the answer, the end of the call afterwards; nothing is sent."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice, sim.phone(wire, "bob", "10.0.0.2"):
        call = alice.start_call("sip:bob@10.0.0.2")
        with pytest.raises(CallStateError, match=f"initiating cannot be {what}"):
            await verb(call)  # type: ignore[misc]
        await call.ended()
        with pytest.raises(Exception, match="480"):
            await verb(call)  # type: ignore[misc]
    await sim.settle()
    sim.assert_quiet()


async def test_refusal_of_the_peer_leaves_the_call_as_it_was(sim: Simulation, autojump_clock: Clock) -> None:
    """SDP-5, SES-12: re-INVITEs that are lost time out with 408, and the call is not on hold."""
    blocked = [False]
    wire = sim.wire(loss_for=lambda entry: blocked[0] and entry.data.startswith(b"INVITE"))
    async with wire, phones(sim, wire) as alice:
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(0.5)
            blocked[0] = True
            with pytest.raises((SipFailure, CallEnded)):
                await call.hold()
            assert [call.on_hold] == [False]
    await sim.settle()
    sim.assert_quiet()


async def test_call_that_ends_meanwhile_ends_the_waiting(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-12, SES-22."""
    async with talking(sim, latency=0.2) as (call, far, _):
        far.hang_up()
        with pytest.raises(CallEnded):
            await call.hold()
        assert call.state is CallState.TERMINATED


@asynccontextmanager
async def phones(sim: Simulation, wire: Wire) -> AsyncIterator[SessionCoordinator]:
    async with (
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()),
    ):
        yield alice
