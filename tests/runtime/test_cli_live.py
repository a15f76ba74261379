"""Live tables: what a person sees, and that nobody else sees anything of them."""

from __future__ import annotations

import io
import re

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run, Transcript
from trio_runtime import AutoAnswerHandler
from trio_runtime.cli.printing.call_tables import calls_table, members_table
from trio_runtime.cli.printing.live import LiveTable, live_tables
from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.testing import Simulation

TABLE = LiveTable("2 \x1b[31mcalls", ("call", ">for"), (("a[bold]", "0:01"), ("b\x07", "0:02")))


class Terminal(Transcript):
    """A person watches; waiting for what threads write is done by looking."""

    def write(self, text: str) -> int:
        return io.StringIO.write(self, text)

    def isatty(self) -> bool:
        return True

    async def wait_for(self, word: str) -> None:
        while re.search(word, self.getvalue()) is None:  # noqa: ASYNC110 - a thread writes
            await trio.sleep(0.1)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LINES", "50")


async def test_table_is_drawn_under_the_lines(autojump_clock: MockClock) -> None:
    """COO-6: rows as they are now; foreign text commands neither the terminal nor rich."""
    terminal = Terminal()
    output = Output(terminal, json_lines=False)
    tables = [TABLE]
    async with live_tables(lambda: tables, output):
        await terminal.wait_for(r"a\[bold\]")
        assert "2 ?[31mcalls" in terminal.getvalue()
        output.write(Record("said", "a line of [bold]text[/bold], " + "x" * 200))
        await terminal.wait_for(r"a line of \[bold\]text\[/bold\], x{200}")
        tables[0] = LiveTable("31 calls", ("call",), [(str(number),) for number in range(31)])
        await terminal.wait_for("and 11 more")
    output.write(Record("said", "the end"))
    assert terminal.getvalue().endswith("the end\n")
    assert "\x07" not in terminal.getvalue()


@pytest.mark.parametrize("case", ["json", "pipe", "dumb", "without rich"])
async def test_nothing_is_drawn_where_nobody_watches(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """COO-6: with --json, into a pipe, on a terminal that cannot, without the library."""
    terminal = Transcript() if case == "pipe" else Terminal()
    if case == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    if case == "without rich":
        monkeypatch.setattr("trio_runtime.cli.printing.live.find_spec", lambda name: None)
    output = Output(terminal, json_lines=case == "json")
    async with live_tables(lambda: [TABLE], output):
        await trio.sleep(2)
        output.write(Record("said", "text"))
    assert terminal.getvalue() in ("text\n", '{"event": "said"}\n')


async def test_serve_shows_its_calls(sim: Simulation, autojump_clock: MockClock) -> None:
    """COO-6, SES-19: who calls, in which state and for how long."""
    wire = sim.wire()
    run = Run(("serve", "--bind", "10.0.0.2:5060", "--no-media", "--gc", "default"), Terminal())
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", no_media=True) as alice,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(run.main, wire.environment("10.0.0.2"))
        await run.said("ready")
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await run.stream.wait_for("1 calls, 1 in all, 0 failed")
            await run.stream.wait_for(r"from +sip:alice@10\.0\.0\.1 +active +\d+:\d\d")
        await trio.sleep(1)
        run.interrupt.trigger()
    assert (run.status, run.error) == (0, None)


async def test_members_of_a_conference_are_a_table(sim: Simulation, autojump_clock: MockClock) -> None:
    """BRG-6: in the order in which they came, with what is special."""
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()) as bob,
    ):
        async with alice.open_conference() as room, alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(1.5)
            table = calls_table(bob)
            assert table.title == "1 calls, 1 in all, 0 failed"
            assert [row[1:] for row in table.rows] == [
                ("from", "sip:alice@10.0.0.1", "active", "0:01", "PCMU")
            ]
            room.add(call, muted=True)
            room.locked = True
            table = members_table(room)
            assert table.title == f"conference {room.name}: 1 members, locked"
            assert table.rows == [(call.id, "sip:bob@10.0.0.2", "0:01", "PCMU", "muted")]
        await sim.settle()
    sim.assert_quiet()
