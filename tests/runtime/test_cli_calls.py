from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.audio import ToneSource, WavReader, WavWriter, find_tone, sine, trim_silence
from tests.runtime.cli_bench import Run
from trio_runtime.base import (
    CallRejected,
    CallTimedOut,
    NetworkError,
    RequestTimedOutError,
)
from trio_runtime.observe import headline
from trio_runtime.testing import Wire

SERVER, CALLER = "10.0.0.2", "10.0.0.1"
BOB = f"sip:bob@{SERVER}"


@asynccontextmanager
async def serving(wire: Wire, *arguments: str) -> AsyncIterator[Run]:
    """Serve while the block lasts, then interrupt and wait for the end."""
    run = Run(("serve", "--json", "--gc", "default", "--bind", f"{SERVER}:5060", *arguments))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.said("ready")
        yield run
        await trio.sleep(1)
        run.interrupt.trigger()


async def call(wire: Wire, *arguments: str) -> Run:
    run = Run(("call", *arguments, "--json"))
    await run.main(wire.environment(CALLER))
    return run


def messages(wire: Wire) -> list[str]:
    return [headline(entry.data) for entry in wire.trace]


def tone_file(path: Path, hz: float, seconds: float) -> Path:
    with path.open("wb") as file:
        WavWriter(file).write(ToneSource(sine(hz)).read(int(8_000 * seconds)))
    return path


def channel(path: Path, number: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return WavReader(path.read_bytes()).read_all()[:, number]


async def test_serve_says_ready_events_and_statistics(autojump_clock: MockClock) -> None:
    """COO-6, SES-18: one ready line, a line for each event, the statistics at the end."""
    wire = Wire()
    async with serving(wire) as server:
        caller = await call(wire, BOB, "--duration", "2")
    assert caller.status == 0
    assert caller.events() == ["calling", "media", "answered", "ended", "audio"]
    assert server.status == 0
    assert server.events() == ["ready", "incoming", "media", "answered", "ended", "statistics"]
    assert server.record("ready")["addresses"] == [f"{SERVER}:5060"]
    assert server.record("ended")["end"] == "RemoteBye"
    assert server.record("statistics")["sessions"]["total_sessions"] == 1
    assert server.record("statistics")["media"]["skipped"] == 0
    assert wire.open_sockets == []


async def test_events_are_text_for_people(autojump_clock: MockClock) -> None:
    """COO-6, OBS-1."""
    wire = Wire()
    async with serving(wire):
        run = Run(("call", BOB, "--duration", "1", "--ladder"))
        await run.main(wire.environment(CALLER))
    assert run.status == 0
    assert f"calling {BOB}" in run.text
    assert "answered" in run.text
    assert "ended after 1.0 s: we hung up" in run.text
    assert "0 lost" in run.text
    assert "|--------------- INVITE (SDP) --------------->|" in run.text
    assert "200 OK (BYE)" in run.text


async def test_echo_comes_back(autojump_clock: MockClock, tmp_path: Path) -> None:
    """MED-3: what is played is what the recording hears of the echo, with one G.711 pass each way."""
    wire = Wire()
    played = tone_file(tmp_path / "tone.wav", 1_004, 2)
    async with serving(wire, "--answer", "echo"):
        run = await call(wire, BOB, "--play", str(played), "--record", str(tmp_path / "call.wav"))
    assert run.status == 0
    heard = trim_silence(channel(tmp_path / "call.wav", 0), 8_000)
    assert find_tone(heard, 8_000).frequency_hz == pytest.approx(1_004, abs=1)
    assert len(heard) / 8_000 == pytest.approx(2, abs=0.2)


async def test_tone_is_served_for_as_long_as_wanted(autojump_clock: MockClock, tmp_path: Path) -> None:
    """MED-4."""
    wire = Wire()
    async with serving(wire, "--answer", "tone:440") as server:
        await call(wire, BOB, "--duration", "3", "--record", str(tmp_path / "call.wav"))
    heard = trim_silence(channel(tmp_path / "call.wav", 0), 8_000)
    assert len(heard) / 8_000 == pytest.approx(3, abs=0.2)
    tone = find_tone(heard, 8_000)
    assert tone.frequency_hz == pytest.approx(440, abs=1)
    assert tone.sndr_db >= 33
    assert "handler_failed" not in server.events()


async def test_served_file_ends_the_call(autojump_clock: MockClock, tmp_path: Path) -> None:
    """MED-4: without anything to do, the caller stays until the peer hangs up."""
    wire = Wire()
    played = tone_file(tmp_path / "tone.wav", 700, 1.5)
    async with serving(wire, "--answer", f"play:{played}"):
        run = await call(wire, BOB)
    assert run.status == 0
    assert run.record("ended")["end"] == "RemoteBye"
    assert run.record("ended")["duration_s"] == pytest.approx(1.5, abs=0.1)


async def test_calls_are_recorded_into_a_folder(autojump_clock: MockClock, tmp_path: Path) -> None:
    """MED-21: the peer left, we right."""
    wire = Wire()
    played = tone_file(tmp_path / "tone.wav", 600, 1)
    async with serving(wire, "--answer", f"record:{tmp_path / 'calls'}") as server:
        await call(wire, BOB, "--play", str(played))
    session = server.record("incoming")["call"]
    heard = trim_silence(channel(tmp_path / "calls" / f"{session}.wav", 0), 8_000)
    assert find_tone(heard, 8_000).frequency_hz == pytest.approx(600, abs=1)


async def test_keys_are_pressed_and_shown(autojump_clock: MockClock) -> None:
    """MED-2: each key once, in order."""
    wire = Wire()
    async with serving(wire) as server:
        run = await call(wire, BOB, "--dtmf", "12#")
    assert run.status == 0
    assert [record["digit"] for record in server.records if record["event"] == "digit"] == ["1", "2", "#"]


async def test_busy_is_status_and_phrase(autojump_clock: MockClock) -> None:
    """SES-9, HND-2: 486 by the callback style; the caller's program fails with what it was told."""
    wire = Wire()
    async with serving(wire, "--answer", "busy"):
        run = await call(wire, BOB)
    assert isinstance(run.error, CallRejected)
    assert str(run.error) == "call rejected: 486 Busy Here"
    assert run.record("ended")["status_code"] == 486


@pytest.mark.parametrize("caller", ["optional", "required"])
async def test_audio_is_protected_where_both_want_it(autojump_clock: MockClock, caller: str) -> None:
    """COO-6, MED-25: and the last line says so."""
    wire = Wire()
    async with serving(wire, "--srtp", "required"):
        run = Run(("call", BOB, "--duration", "1", "--srtp", caller))
        await run.main(wire.environment(CALLER))
    assert run.status == 0
    assert run.text.splitlines()[-1].endswith(", SRTP AES_CM_128_HMAC_SHA1_80")
    assert "inline:" not in run.text


@pytest.mark.parametrize("media", [(), ("--no-media",)], ids=["a task", "a callback"])
async def test_server_that_requires_protection_refuses_a_call_without(
    autojump_clock: MockClock, media: tuple[str, ...]
) -> None:
    """COO-6, SDP-10: 488 at the caller, and the server goes on."""
    wire = Wire()
    async with serving(wire, "--srtp", "required", *media) as server:
        refused = await call(wire, BOB)
        taken = await call(wire, BOB, "--srtp", "required", "--duration", "1")
    assert isinstance(refused.error, CallRejected)
    assert refused.error.status_code == 488
    assert (taken.status, server.status) == (0, 0)
    assert "no audio stream with SRTP" in server.text


async def test_interrupt_before_the_answer_cancels(autojump_clock: MockClock) -> None:
    """SES-11: Ctrl-C while it rings: CANCEL, 487, exit status 1."""
    wire = Wire()
    async with serving(wire, "--answer", "ring") as server:
        run = Run(("call", BOB, "--json"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run.main, wire.environment(CALLER))
            await run.said("ringing")
            await trio.sleep(2)
            run.interrupt.trigger()
    assert (run.status, run.error) == (1, None)
    assert run.record("ended")["end"] == "Cancelled"
    assert server.record("ended")["end"] == "Cancelled"
    assert "CANCEL" in messages(wire)
    assert "BYE" not in messages(wire)


async def test_interrupt_after_the_answer_hangs_up(autojump_clock: MockClock) -> None:
    """SES-11: Ctrl-C in the call: BYE, exit status 0, and the measurements are still printed."""
    wire = Wire()
    async with serving(wire):
        run = Run(("call", BOB, "--json"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run.main, wire.environment(CALLER))
            await run.said("answered")
            await trio.sleep(2)
            run.interrupt.trigger()
    assert (run.status, run.error) == (0, None)
    assert run.events()[-2:] == ["ended", "audio"]
    assert "BYE" in messages(wire)
    assert "CANCEL" not in messages(wire)


async def test_interrupted_server_hangs_up_and_drains(autojump_clock: MockClock) -> None:
    """SRV-3: SIGTERM ends running calls with BYE before the statistics."""
    wire = Wire()
    caller = Run(("call", BOB, "--json"))
    async with trio.open_nursery() as nursery:
        async with serving(wire) as server:
            nursery.start_soon(caller.main, wire.environment(CALLER))
            await caller.said("answered")
            await trio.sleep(1)
        assert server.events()[-2:] == ["ended", "statistics"]
        assert server.record("statistics")["left_after_drain"] == 0
    assert caller.status == 0
    assert caller.record("ended")["end"] == "RemoteBye"


async def test_load_mode_has_no_audio_and_no_task(autojump_clock: MockClock) -> None:
    """HND-2, COO-6: answered by a callback, with an inactive stream; quiet says only what must be said."""
    wire = Wire()
    async with serving(wire, "--no-media", "--quiet") as server:
        run = await call(wire, BOB, "--duration", "1")
    assert run.status == 0
    assert run.record("media")["direction"] == "inactive"
    assert server.events() == ["ready", "statistics"]


async def test_server_stops_by_itself_after_its_duration(autojump_clock: MockClock) -> None:
    """COO-6."""
    wire = Wire()
    run = Run(("serve", "--gc", "default", "--bind", f"{SERVER}:0", "--duration", "5"))
    async with wire:
        await run.main(wire.environment(SERVER))
    assert run.status == 0
    assert trio.current_time() == pytest.approx(5, abs=0.1)
    assert run.text.startswith(f"ready {SERVER}:49152\n")


async def test_server_prints_the_ladder_of_each_call(autojump_clock: MockClock) -> None:
    """OBS-1."""
    wire = Wire()
    async with serving(wire, "--ladder") as server:
        await call(wire, BOB, "--duration", "1")
        await call(wire, BOB, "--duration", "1")
    ladders = [record["lines"] for record in server.records if record["event"] == "ladder"]
    assert len(ladders) == 2
    assert all("INVITE (SDP)" in lines[1] and "200 OK (BYE)" in lines[-1] for lines in ladders)


async def test_options_tells_round_trip_status_server_and_allow(autojump_clock: MockClock) -> None:
    """CLI-3."""
    wire = Wire(latency=0.05)
    run = Run(("options", BOB, "--json"))
    async with serving(wire):
        await run.main(wire.environment(CALLER))
    assert run.status == 0
    answer = run.record("options")
    assert answer["round_trip_ms"] == pytest.approx(100, abs=1)
    assert (answer["status_code"], answer["reason"]) == (200, "OK")
    assert answer["server"].startswith("sansio-voip/")
    assert {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS"} <= set(answer["allow"])


async def test_nobody_answers_options(autojump_clock: MockClock) -> None:
    """CLI-3, TXN-10: OPTIONS waits 5 s."""
    wire = Wire()
    run = Run(("options", "sip:nobody@10.0.0.9"))
    async with wire:
        await run.main(wire.environment(CALLER))
    assert isinstance(run.error, RequestTimedOutError)
    assert trio.current_time() == pytest.approx(5, abs=0.1)


async def test_nobody_answers_the_call(autojump_clock: MockClock) -> None:
    """TXN-7: Timer B."""
    wire = Wire()
    async with wire:
        run = await call(wire, "sip:nobody@10.0.0.9")
    assert isinstance(run.error, CallTimedOut)
    assert wire.open_sockets == []


async def test_name_without_address_is_a_failure_of_the_world(autojump_clock: MockClock) -> None:
    """ERR-1."""
    wire = Wire()
    async with wire:
        asked = Run(("options", "sip:no.such.host"))
        await asked.main(wire.environment(CALLER))
        called = await call(wire, "sip:bob@no.such.host")
    assert isinstance(asked.error, NetworkError)
    assert "no.such.host" in str(called.error)


async def test_caller_that_signs_in_names_itself(autojump_clock: MockClock) -> None:
    """CLI-8: --user makes the From of the called domain, --from any."""
    wire = Wire()
    async with serving(wire, "--answer", "busy") as server:
        await call(wire, BOB, "--user", "carol", "--password", "hush")
        await call(wire, BOB, "--from", "sip:dave@example.com")
    callers = [record["remote"] for record in server.records if record["event"] == "incoming"]
    assert callers == [f"sip:carol@{SERVER}", "sip:dave@example.com"]


async def challenge_every_call(wire: Wire, invites: list[bytes]) -> None:
    """A server that wants credentials, and refuses whoever has shown some."""
    socket = await wire.environment(SERVER).network.open_datagram(SERVER, 5060, receive_buffer=65_536)
    while True:
        await socket.wait_readable()
        while (received := socket.receive()) is not None:
            data, source = received
            if not data.startswith(b"INVITE"):
                continue
            invites.append(data)
            copied = [
                line
                for line in data.split(b"\r\n\r\n")[0].split(b"\r\n")
                if line.startswith((b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:"))
            ]
            shown = b"Authorization:" in data
            lines = [b"SIP/2.0 403 Forbidden"] if shown else [b"SIP/2.0 401 Unauthorized"]
            lines += [line + b";tag=x" if line.startswith(b"To:") else line for line in copied]
            lines.append(b'WWW-Authenticate: Digest realm="house", nonce="n1", algorithm=MD5')
            socket.send(b"\r\n".join([*lines, b"Content-Length: 0", b"", b""]), source)


async def test_caller_answers_a_challenge(autojump_clock: MockClock) -> None:
    """CLI-2: --user and --password sign the call; the password itself never goes out."""
    wire = Wire()
    invites: list[bytes] = []
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(challenge_every_call, wire, invites)
        run = await call(wire, BOB, "--user", "carol", "--password", "hush-hush")
        nursery.cancel_scope.cancel()
    assert isinstance(run.error, CallRejected)
    assert run.error.status_code == 403
    first, second = invites
    assert b"Authorization:" not in first
    assert b'username="carol"' in second
    assert not any(b"hush-hush" in invite for invite in invites)


@pytest.mark.parametrize("seed", range(5))
async def test_demo_hears_what_was_sent(autojump_clock: MockClock, tmp_path: Path, seed: int) -> None:
    """PRJ-1, MED-1, MED-2: tones, keys and no loss; both recordings are written."""
    wire = Wire(seed)
    run = Run(("demo", "--json", "--out", str(tmp_path)))
    async with wire:
        await run.main(wire.environment("127.0.0.1"))
    assert run.error is None
    result = run.record("demo")
    assert (run.status, result["ok"], result["faults"]) == (0, True, [])
    assert [way["digits"] for way in result["directions"]] == ["12#", "34*"]
    assert [way["lost"] for way in result["directions"]] == [0, 0]
    assert all(way["sndr_db"] >= 33 for way in result["directions"])
    assert result["recordings"] == [str(tmp_path / "alice.wav"), str(tmp_path / "bob.wav")]
    assert "INVITE (SDP)" in result["ladder"][1]
    assert "200 OK (BYE)" in result["ladder"][-1]


async def test_demo_fails_when_the_audio_is_not_what_was_sent(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """PRJ-1: the demo is a check that can fail."""
    wire = Wire(3, media_loss=0.05)
    run = Run(("demo", "--out", str(tmp_path)))
    async with wire:
        await run.main(wire.environment("127.0.0.1"))
    assert run.status == 1
    assert "packets were lost" in run.text
    assert "is the audio that was sent" not in run.text
