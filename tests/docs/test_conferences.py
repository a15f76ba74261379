"""The pages about conferences, voice agents and examples show what happens."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trio
import trio.testing

from sansio_rtp.audio import WavReader, rms
from trio_runtime import AutoAnswerHandler, Call, ConferenceRole, IncomingCall
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
TOP = Path(__file__).parents[2]


def program(page: str, name: str) -> dict[str, Any]:
    """Return the names that a program of a page defines."""
    text = (TOP / "docs" / page).read_text()
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], f"docs/{page}", "exec"), names)
    return names


async def hold_the_line(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


async def test_meeting_is_held_as_the_page_says(
    sim: Simulation,
    autojump_clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """PRJ-1, BRG-6: dialled out, asked for the PIN, put in order, recorded; over when the chair goes."""
    monkeypatch.chdir(tmp_path)
    names = program("conferences.md", "meeting")
    chairs: list[IncomingCall] = []

    async def take_the_chair(call: IncomingCall) -> None:
        chairs.append(call)
        await hold_the_line(call)

    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "room", "10.0.0.1") as phone,
        sim.phone(wire, "chair", "10.0.0.2") as chair,
        sim.phone(wire, "alice", "10.0.0.3") as alice,
        trio.open_nursery() as nursery,
    ):
        await names["meeting"](phone, "sip:chair@10.0.0.2")
        assert capsys.readouterr().out.startswith("the chair is not there: Rejected(")
        await nursery.start(chair.serve, take_the_chair)
        nursery.start_soon(names["meeting"], phone, "sip:chair@10.0.0.2")
        await trio.sleep(1)
        calls: list[Call] = [alice.start_call("sip:room@10.0.0.1") for _ in range(2)]
        for call in calls:
            await call.answered()
            await trio.sleep(0.5)
            await call.send_dtmf("2580")
        await trio.sleep(0.5)
        (room,) = phone.conferences
        names["order"](phone, room.members[1])
        lines = capsys.readouterr().out.splitlines()
        assert lines == [
            "sip:chair@10.0.0.2 moderator heard",
            "sip:alice@10.0.0.3 speaker heard",
            "sip:alice@10.0.0.3 speaker muted",
        ]
        chairs[0].hang_up()
        await trio.sleep(1)
        assert capsys.readouterr().out == "2 were left\n"
        assert [call.end is None for call in calls] == [False, False]
        assert WavReader((tmp_path / "board.wav").read_bytes()).read_all().shape[0] > 8_000
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_chair_of_the_page_has_somebody_called_in_and_hung_up(
    sim: Simulation, autojump_clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """PRJ-1, BRG-6: by REFER in a call that knows that it leads into a conference; and in no other call."""
    chair = program("conferences.md", "chair")["chair"]
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "room", "10.0.0.1") as server,
        sim.phone(wire, "alice", "10.0.0.2") as alice,
        sim.phone(wire, "carol", "10.0.0.3", handler=AutoAnswerHandler()) as carol,
        server.open_conference(uri="sip:room@voice.example") as room,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, partial(room.join, role=ConferenceRole.MODERATOR))
        async with alice.make_call("sip:carol@10.0.0.3") as call:
            await call.answered()
            await chair(alice, call)
        async with alice.make_call("sip:room@10.0.0.1") as call:
            await call.answered()
            await trio.sleep(0.1)
            nursery.start_soon(chair, alice, call)
            await trio.sleep(30)
            assert [each.remote_uri for each in room.members] == ["sip:alice@10.0.0.2", "sip:carol@10.0.0.3"]
            await trio.sleep(35)
            assert [each.remote_uri for each in room.members] == ["sip:alice@10.0.0.2"]
        assert 'entity="sip:room@voice.example"' in capsys.readouterr().out
        assert carol.list_active_sessions() == []
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_agent_of_the_page_answers_and_is_interrupted(sim: Simulation, autojump_clock: Clock) -> None:
    """PRJ-1, EX-1."""
    agent = program("voice_agents.md", "agent")["agent"]
    sentence = (6_000 * np.sin(np.arange(8_000) * 2 * np.pi * 440 / 8_000)).astype(np.int16)
    wire = sim.wire(latency=0.01)
    levels: list[tuple[float, float]] = []

    async def listen(call: Call) -> None:
        async for frame in call.audio:
            levels.append((trio.current_time(), rms(frame)))

    async with (
        wire,
        sim.phone(wire, "agent", "10.0.0.1") as phone,
        sim.phone(wire, "alice", "10.0.0.2") as alice,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(phone.serve, agent)
        async with alice.make_call("sip:agent@10.0.0.1") as call:
            await call.answered()
            nursery.start_soon(listen, call)
            await trio.sleep(0.5)
            await call.play(sentence)
            await trio.sleep(1)
            interrupted = trio.current_time()
            assert levels[-1][1] > 1_000
            await call.play(sentence[:2_000])
            assert max(at for at, level in levels if level > 300) - interrupted < 0.2
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


def test_table_of_examples_is_the_folder() -> None:
    """EX-1: each program has its line, and each line its program."""
    rows = re.findall(r"^\| `(\w+\.py)` \| \S.*\|$", (TOP / "docs" / "examples.md").read_text(), re.MULTILINE)
    assert rows == sorted(path.name for path in (TOP / "examples").glob("*.py"))
