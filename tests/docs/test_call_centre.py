"""The page about call centres shows what happens."""

from __future__ import annotations

import re
import wave
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import trio
import trio.testing

import trio_runtime
from trio_runtime import (
    AutoAnswerHandler,
    Call,
    CallPriority,
    IncomingCall,
    QueueAgent,
    QueueConfig,
    QueueEnd,
    QueueOutcome,
    SessionCoordinator,
)
from trio_runtime import queue as queue_names
from trio_runtime.events import queue_types as facts
from trio_runtime.events.supervision_types import SupervisionChanged
from trio_runtime.queue import AgentState, AgentStatistics, BySkill, QueueStatistics
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
REST = {"full", "max_ringing", "closed", "no_agents", "choose", "rings_all", "rich", "bridge", "deadline"}
PAGE = (Path(__file__).parents[2] / "docs" / "call_centre.md").read_text()


def program(name: str) -> dict[str, Any]:
    """Return the names that a program of the page defines."""
    found = re.search(rf"<!-- example: {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], "docs/call_centre.md", "exec"), names)
    return names


def write(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(np.full(4_000, 2_000, np.int16).tobytes())


class Boss(AutoAnswerHandler):
    """Answers, and remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on_call_established(self, call: Call) -> None:
        self.calls.append(call)


async def test_callers_are_served_and_supervised_as_the_page_says(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PRJ-1, QUE-1, QUE-6: the programs of the page as they stand."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "music.wav")
    boss = Boss()
    wire = sim.wire(latency=0.01)
    async with (
        wire,
        sim.phone(wire, "phone", "10.0.0.1") as phone,
        sim.phone(wire, "anna", "10.0.1.1", handler=AutoAnswerHandler()),
        sim.phone(wire, "boss", "10.0.0.3", handler=boss),
        sim.phone(wire, "caller", "10.0.0.2") as caller,
        trio.open_nursery() as nursery,
    ):
        events = phone.subscribe()
        nursery.start_soon(program("callers and agents")["work"], phone)
        await trio.testing.wait_all_tasks_blocked()
        async with phone.make_call("sip:boss@10.0.0.3") as supervisor:
            await supervisor.answered()
            nursery.start_soon(program("supervisors")["supervise"], phone, supervisor)
            await trio.testing.wait_all_tasks_blocked()
            async with caller.make_call("sip:sales@10.0.0.1") as call:
                await call.answered()
                for _ in range(2):
                    await trio.sleep(1)
                    await boss.calls[0].send_dtmf("1")
                await trio.sleep(1)
            await trio.sleep(0.5)
            nursery.cancel_scope.cancel()
    told = [event async for event in events]
    served = [event.agent for event in told if isinstance(event, facts.CallerServed)]
    modes = [event.mode for event in told if isinstance(event, SupervisionChanged)]
    assert (served, modes) == (["anna"], ["monitor", "whisper", "barge", "ended"])


async def test_the_fragments_of_the_page_are_configurations(sim: Simulation, autojump_clock: Clock) -> None:
    """PRJ-1, QUE-4: skills, priorities, announcements and keys."""
    names, waiting = program("who gets whom"), program("while they wait")
    config = QueueConfig(**names["SKILLED"], **waiting["PATIENT"])
    assert config.strategy == BySkill()

    class Caller:
        called_user, remote_uri, priority = "de", "sip:mueller@example.com", CallPriority.LOW

    assert names["skills_of"](Caller) == {"german": 2}
    assert names["priority_of"](Caller) is CallPriority.HIGH
    place = waiting["QueuePlace"]
    assert waiting["announce"](place(Caller, 3, None, 0.0)) == "position-3.wav"
    assert waiting["announce"](place(Caller, 30, 20.0, 0.0)) is None
    assert len(waiting["announce"](place(Caller, 30, 500.0, 0.0))) == 2


def test_every_name_on_the_page_exists() -> None:
    """PRJ-1: states, endings, numbers, fields and events."""
    names = set(re.findall(r"`([A-Z][a-z]\w+)[`(.]", PAGE))
    assert names <= {
        *trio_runtime.__all__,
        *queue_names.__all__,
        *facts.__all__,
        "LimitsConfig",
        "SupervisionChanged",
    }
    states = set(re.findall(r"`([A-Z_]{4,})`", PAGE))
    ends = {end.name for end in QueueEnd}
    assert states == {state.name for state in AgentState} | ends | {"NORMAL"}
    known = {
        field.name
        for kind in (QueueConfig, QueueAgent, QueueOutcome, QueueStatistics, AgentStatistics)
        for field in attrs.fields(kind)
    }
    verbs = {
        *dir(SessionCoordinator),
        *dir(trio_runtime.CallCentre),
        *dir(trio_runtime.CallQueue),
        *dir(IncomingCall),
    }
    for word in re.findall(r"`([a-z_]{4,})[`(=]", PAGE):
        assert word in known | verbs | REST, word
