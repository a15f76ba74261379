"""Audio between whole phones in virtual time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, WavReader, WavWriter, find_tone, sine, trim_silence
from sansio_rtp.packet import parse_rtp
from trio_runtime import AudioFileError, CallEnded, IncomingCall, MediaError
from trio_runtime.testing import Simulation, Wire

BOB = "sip:bob@10.0.0.2"
Frame = npt.NDArray[np.int16]


def tone(hz: float, seconds: float) -> Frame:
    """A tone of -10 dBm0 at 8 kHz."""
    return ToneSource(sine(hz)).read(int(8000 * seconds))


def write_wav(path: Path, samples: Frame, rate: int = 8000) -> Path:
    with path.open("wb") as file:
        WavWriter(file, rate).write(samples)
    return path


def read_wav(path: Path) -> Frame:
    reader = WavReader(path.read_bytes())
    return reader.read_all()


async def echo(call: IncomingCall) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


async def test_tones_cross_in_both_directions(
    sim: Simulation, autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    """MED-2, MED-7, PRJ-1: each side hears the other's tone, at least 33 dB above everything else."""
    high, low = write_wav(tmp_path / "a.wav", tone(1000, 3)), write_wav(tmp_path / "b.wav", tone(440, 3))

    async def bob_plays(call: IncomingCall) -> None:
        await call.answer()
        async with call.recording(tmp_path / "bob.wav", channels="received"):
            await call.play(str(low))
            await call.ended()

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, bob_plays)
        async with alice.make_call(BOB) as call:
            await call.answered()
            async with call.recording(tmp_path / "alice.wav", channels="received"):
                await call.play(str(high))
                await trio.sleep(0.5)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    for name, hz in (("bob", 1000), ("alice", 440)):
        heard = find_tone(trim_silence(read_wav(tmp_path / f"{name}.wav")[:, 0], 8000), 8000)
        assert heard.frequency_hz == pytest.approx(hz, abs=1)
        assert heard.sndr_db >= 33


async def test_echo_handler_returns_what_it_hears(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-23: `async for frame in call.audio`, `await call.audio.send(frame)`."""
    heard: list[Frame] = []

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        async with alice.make_call(BOB) as call:

            async def listen() -> None:
                heard.extend([frame async for frame in call.audio])

            nursery.start_soon(listen)
            await call.answered()
            await call.audio.send(tone(1000, 2))
            await trio.sleep(1)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    measured = find_tone(trim_silence(np.concatenate(heard), 8000), 8000)
    assert measured.frequency_hz == pytest.approx(1000, abs=1)
    assert measured.sndr_db >= 30  # two passes through G.711
    sim.assert_quiet()


async def test_digits_arrive_once_each_under_loss(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-13, SES-15: one digit a press, in order, with a tenth of the packets lost."""
    pressed: list[str] = []

    async def bob_listens(call: IncomingCall) -> None:
        await call.answer()
        pressed.extend([digit.digit async for digit in call.digits])

    async with sim.pair(7, media_loss=0.1) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, bob_listens)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(0.5)
            await call.send_dtmf("0123456789*#ABCD")
            await trio.sleep(1)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert "".join(pressed) == "0123456789*#ABCD"
    sim.assert_quiet()


@pytest.mark.parametrize("seconds", [20, pytest.param(60, marks=pytest.mark.long)])
async def test_media_keep_exact_time(
    sim: Simulation, autojump_clock: trio.testing.MockClock, seconds: int
) -> None:
    """MED-5, MED-26: sequence and timestamp rise by exactly one packet each, no drift at the end."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        async with alice.make_call(BOB) as call:
            await call.answered()
            started = trio.current_time()
            await trio.sleep(seconds)
            statistics = call.statistics()
            lateness = alice.statistics().media
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    packets = [
        (entry.time, parse_rtp(entry.data))
        for entry in sim.wires[0].datagrams
        if entry.sender[0] == "10.0.0.1" and entry.sender[1] != 5060 and entry.data[1] & 0x7F < 64
    ]
    assert len(packets) == pytest.approx(seconds * 50, abs=60)
    first_time, first = packets[0]
    for index, (time, packet) in enumerate(packets):
        assert packet.sequence == (first.sequence + index) & 0xFFFF
        assert packet.timestamp == (first.timestamp + 160 * index) & 0xFFFF_FFFF
        assert time == pytest.approx(first_time + 0.02 * index, abs=1e-6)
    assert first_time - started < 0.05
    assert statistics is not None
    assert statistics.rtp is not None
    assert statistics.rtp.lost == 0
    assert statistics.rtp.mos == pytest.approx(4.4, abs=0.1)
    assert lateness is not None
    assert lateness.lateness_max_ms == pytest.approx(0, abs=1e-6)
    assert lateness.skipped == 0


async def test_playing_to_a_call_that_ends_raises(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-2: play raises CallEnded when the peer hangs up."""

    async def brief(call: IncomingCall) -> None:
        await call.answer()
        await trio.sleep(1)

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, brief)
        async with alice.make_call(BOB) as call:
            await call.answered()
            with pytest.raises(CallEnded, match="the peer hung up"):
                await call.play(tone(1000, 10))
        with pytest.raises(CallEnded):
            await call.play(tone(1000, 1))
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


@pytest.mark.parametrize(
    "content", [b"", b"RIFF1234WAVE", b"not a wave file at all", b"\xff\xd8\xff\xe0" * 50]
)
async def test_wrong_file_is_refused_in_one_line(
    sim: Simulation, autojump_clock: trio.testing.MockClock, tmp_path: Path, content: bytes
) -> None:
    """ERR-1: a WAV of the wrong format is one clear line, and the call goes on."""
    bad = tmp_path / "bad.wav"
    bad.write_bytes(content)
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        async with alice.make_call(BOB) as call:
            await call.answered()
            with pytest.raises(AudioFileError) as caught:
                await call.play(str(bad))
            assert "\n" not in str(caught.value)
            assert call.is_active
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_media_ports_are_given_back(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """MED-4, SES-22: an ended call frees its ports; there are none left over."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        for _ in range(5):
            async with alice.make_call(BOB) as call:
                await call.answered()
                await trio.sleep(0.2)
            await trio.sleep(0.2)
        assert [port for _, port in sim.wires[0].open_sockets] == [5060, 5060]
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_no_media_calls_have_no_ports(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """MED-1: without audio there is nothing to play into, and the call stands all the same."""
    async with sim.pair(phones={"no_media": True}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, echo)
        async with alice.make_call(BOB) as call:
            await call.answered()
            with pytest.raises(MediaError):
                await call.play(tone(1000, 1))
            assert call.statistics() is None
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


def run_once(seed: int) -> list[tuple[float, bytes]]:
    """Everything that two phones put on the wire in one call."""

    async def main() -> list[tuple[float, bytes]]:
        sim = Simulation()
        async with sim.pair(seed, loss=0.05, reorder=0.1) as (alice, bob), trio.open_nursery() as nursery:
            await nursery.start(bob.serve, echo)
            async with alice.make_call(BOB) as call:
                await call.answered()
                await call.send_dtmf("12")
                await trio.sleep(2)
            await trio.sleep(1)
            nursery.cancel_scope.cancel()
        wire: Wire = sim.wires[0]
        return [(entry.time, entry.data) for entry in wire.datagrams]

    return trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))


def test_same_seed_gives_the_same_bytes() -> None:
    """SIM-1: SIP, RTP and RTCP of two phones replay byte for byte; another seed gives others."""
    first, again, other = run_once(3), run_once(3), run_once(4)
    assert len(first) > 200
    assert first == again
    assert first != other
