"""A call centre from the command line."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run
from trio_runtime import AutoAnswerHandler, QueueAgent, open_coordinator
from trio_runtime.cli.failures import UsageError
from trio_runtime.cli.printing.centre_table import tables_of
from trio_runtime.testing import Simulation, Wire

SERVER = "10.0.0.9"
BIND = ("--bind", f"{SERVER}:5060")
AGENT = ("--agent", "sip:anna@10.0.0.5", "--agent", "sip:bert@10.0.0.6", "--ring-time", "5", "--wrap-up", "2")


@pytest.mark.parametrize("form", ["json", "text"])
async def test_callers_are_served_and_it_is_all_told(
    autojump_clock: MockClock, tmp_path: Path, form: str
) -> None:
    """QUE-1, COO-6: one served, one who gives up; the numbers at the end."""
    music = tmp_path / "music.wav"
    with wave.open(str(music), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(np.full(4_000, 1_000, np.int16).tobytes())
    wire = Wire()
    more = ("--json",) if form == "json" else ()
    run = Run(("queue", *BIND, *AGENT, "--music", str(music), *more))
    async with wire, trio.open_nursery() as nursery:
        nursery.start_soon(run.main, wire.environment(SERVER))
        await run.stream.wait_for("ready")
        anna = open_coordinator(
            environment=wire.environment("10.0.0.5"), bind_host="10.0.0.5", handler=AutoAnswerHandler()
        )
        caller = open_coordinator(environment=wire.environment("10.0.0.1"), bind_host="10.0.0.1")
        async with anna, caller:
            async with caller.make_call(f"sip:sales@{SERVER}") as call:
                await call.answered()
                async with caller.make_call(f"sip:sales@{SERVER}"):
                    await trio.sleep(3)
                await trio.sleep(2)
            await trio.sleep(1)
            run.interrupt.trigger()
        await trio.sleep(40)
    assert run.status == 0
    if form == "json":
        numbers = run.record("statistics")
        assert (numbers["queue"]["offered"], numbers["queue"]["answered"]) == (2, 1)
        assert [agent["taken"] for agent in numbers["agents"]] == [1, 0]
        assert {"queued", "offered", "connected", "served", "abandoned", "agent"} <= {
            record["event"] for record in run.records
        }
    else:
        assert "callers    2, 1 answered, 1 gave up" in run.text
        assert "sip:bert@10.0.0.6: " in run.text
        assert "waits in queue calls, position 1, normal" in run.text


async def test_tables_show_agents_and_who_waits(sim: Simulation, autojump_clock: MockClock) -> None:
    """QUE-1: what is drawn where a person watches."""
    async with (
        sim.wire() as wire,
        sim.phone(wire, "sales", "10.0.0.1") as phone,
        sim.phone(wire, "caller", "10.0.0.2") as caller,
        trio.open_nursery() as nursery,
        phone.open_call_centre([QueueAgent("anna"), QueueAgent("bert", logged_in=False)]) as centre,
    ):
        centre.pause("anna", "lunch")
        await nursery.start(phone.serve, centre.open_queue("calls").join)
        async with caller.make_call("sip:sales@10.0.0.1") as call:
            await call.answered()
            await trio.sleep(7)
            agents, callers = tables_of(phone, centre)
        nursery.cancel_scope.cancel()
    assert agents.rows == [
        ("anna", "paused", "lunch", "0", "0", "0", "-"),
        ("bert", "offline", "", "0", "0", "0", "-"),
    ]
    assert callers.title == "calls: 1 wait, 0 of 1 answered, - in time, - lost"
    assert callers.rows == [("1", "sip:caller@10.0.0.2", "normal", "7 s")]
    assert all(len(row) == len(table.columns) for table in (agents, callers) for row in table.rows)


@pytest.mark.parametrize(
    ("words", "message"),
    [((), "--agent is needed"), (("--agent", "sip:a@b", "--agent", "sip:a@b"), "names one address twice")],
)
async def test_agents_are_needed_once_each(
    autojump_clock: MockClock, words: tuple[str, ...], message: str
) -> None:
    """COO-6."""
    wire = Wire()
    run = Run(("queue", *BIND, *words))
    async with wire:
        await run.main(wire.environment(SERVER))
    assert isinstance(run.error, UsageError)
    assert message in str(run.error)
