"""The examples for clients do what their first lines say."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import trio
import trio.testing
import trio_websocket

from sansio_rtp.audio import WavReader, WavWriter
from tests.examples.test_examples import EXAMPLES, load
from tests.runtime.api_bench import BEARER, TOKEN
from trio_runtime import AutoAnswerHandler, CallHandler, Reject, SessionCoordinator, open_api
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
BOB = "sip:bob@10.0.0.2"
TONE = np.full(4_000, 1_000, np.int16)
assert EXAMPLES.is_dir()


async def echo(call: Any) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


async def test_p2p_phones_call_and_write_to_each_other(
    sim: Simulation, autojump_clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """EX-1, CLI-4: one waits and echoes, the other one hears itself."""
    module = load("p2p")
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", requests=module.TEXT) as alice,
        sim.phone(wire, "bob", "10.0.0.2", requests=module.TEXT) as bob,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(module.wait_for_calls, bob)
        await trio.testing.wait_all_tasks_blocked()
        mos = await module.call(alice, BOB, np.tile(TONE, 4))
        assert mos > 4
        nursery.cancel_scope.cancel()
    said = capsys.readouterr().out
    assert "call me at sip:10.0.0.2:5060" in said
    assert "sip:alice@10.0.0.1: I am about to call you" in said
    await sim.settle()
    sim.assert_quiet()


async def test_dialler_tries_again_by_the_reason(sim: Simulation, autojump_clock: Clock) -> None:
    """EX-1: busy now and answered later, nobody there, refused for good; and how long the answers took."""
    module = load("outbound_dialler")

    class Numbers(CallHandler):
        """Number 1 is busy once, 2 answers after 3 s, 3 never answers, 4 does not want it."""

        def __init__(self) -> None:
            self.tries: list[str] = []

        async def on_incoming_call(self, call: Any) -> Any:
            self.tries.append(call.called_user)
            match call.called_user:
                case "1":
                    return (
                        Reject(486)
                        if self.tries.count("1") == 1
                        else AutoAnswerHandler().on_incoming_call(call)
                    )
                case "2":
                    call.ring()
                    await trio.sleep(3)
                    return AutoAnswerHandler().on_incoming_call(call)
                case "3":
                    call.ring()
                    await call.ended()
            return Reject(603)

    numbers, wire = Numbers(), sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "trunk", "10.0.0.2", handler=numbers),
    ):
        dialler = module.Dialler(alice, "sip:10.0.0.2", TONE)
        async with trio.open_nursery() as nursery:
            for number in "1234":
                nursery.start_soon(dialler.reach, number)
        assert dict(dialler.outcomes) == {"answered": 2, "603 after 1 tries": 1, "408 after 3 tries": 1}
        assert sorted(dialler.answering_s) == pytest.approx([0, 3], abs=0.2)
        assert numbers.tries.count("3") == 3
        await sim.settle()
    sim.assert_quiet()


async def test_softphone_talks_by_a_sound_card(
    sim: Simulation, autojump_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EX-1: what the microphone hears comes back from the echo to the loudspeaker."""
    module = load("softphone")
    played: list[np.ndarray[Any, Any]] = []

    class Stream:
        """A card whose microphone hears a constant, one block in 20 ms."""

        def __init__(self, rate: int, blocksize: int, **settings: object) -> None:
            assert (rate, settings["channels"], settings["dtype"]) == (8_000, 1, "int16")
            self.blocksize = blocksize

        def __enter__(self) -> Stream:
            return self

        def __exit__(self, *_: object) -> None:
            return

        def read(self, frames: int) -> tuple[np.ndarray[Any, Any], bool]:
            return np.full((frames, 1), 2_000, np.int16), False

        def write(self, data: np.ndarray[Any, Any]) -> None:
            assert data.shape == (self.blocksize, 1)
            played.append(data)

    async def in_place(work: Callable[..., object], *words: object, abandon_on_cancel: bool) -> object:
        """Take the time of the card in the clock of the test, which does not wait for threads."""
        assert abandon_on_cancel
        await trio.sleep(0.02 if work.__name__ == "read" else 0)
        return work(*words)

    monkeypatch.setattr(trio.to_thread, "run_sync", in_place)
    library = ModuleType("sounddevice")
    library.Stream = Stream  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2") as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, echo)
        async with alice.make_call(BOB) as call:
            await call.answered()
            with trio.move_on_after(2):
                await module.talk(call)
        nursery.cancel_scope.cancel()
    assert np.count_nonzero(np.concatenate(played) > 1_500) > 2_000


async def test_softphone_without_a_card_uses_files(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """EX-1: says one file, and records the echo."""
    module = load("softphone")
    say, heard = tmp_path / "say.wav", tmp_path / "heard.wav"
    with say.open("wb") as file:
        WavWriter(file).write(TONE)
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2") as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, echo)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await module.play_and_record(call, say, str(heard))
        nursery.cancel_scope.cancel()
    assert np.count_nonzero(WavReader(heard.read_bytes()).read_all() > 500) > 3_000


async def test_client_of_the_api_calls_and_plays(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """EX-1, SRV-9: each event is told; a command that cannot be done ends it with one line."""
    module = load("websocket_api")
    with (tmp_path / "hello.wav").open("wb") as file:
        WavWriter(file).write(TONE)
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()),
    ):
        await with_api(module, alice, tmp_path, BOB)
        said = capsys.readouterr().out
        for name in ("call_answered", "job_ended", "call_terminated"):
            assert f"'event': '{name}'" in said
        with pytest.raises(SystemExit, match=r"^make_call: "):
            await with_api(module, alice, tmp_path, "bob")


async def with_api(module: ModuleType, phone: SessionCoordinator, folder: Path, uri: str) -> None:
    async with open_api(phone, port=0, token=TOKEN, folder=str(folder)) as api:
        ours, theirs = trio.testing.memory_stream_pair()
        stream: Any = ours
        async with trio.open_nursery() as nursery:
            nursery.start_soon(api.handle, theirs)
            socket = await trio_websocket.wrap_client_stream(nursery, stream, "x", "/", extra_headers=BEARER)
            ended: SystemExit | None = None
            try:
                await module.call(module.Api(socket), uri, "hello.wav")
            except SystemExit as error:
                ended = error
            await socket.aclose()
        if ended is not None:
            raise ended


def test_numbers_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """EX-1: one line of numbers, and nothing to do without any."""
    module = load("outbound_dialler")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.setattr("sys.argv", ["dialler", "sip:trunk.example.com", "message.wav"])
    trio.run(module.main)
