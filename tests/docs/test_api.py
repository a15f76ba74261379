"""The page about the public face: every name is there, and every example runs."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

import trio_runtime
from trio_runtime import IncomingCall, RejectAllHandler
from trio_runtime.testing import Simulation

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = {
    section.partition("\n")[0]: re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    for section in PAGE.split("\n## ")[1:]
}


async def echo(call: IncomingCall) -> None:
    await call.answer()
    async for frame in call.audio:
        await call.audio.send(frame)


def test_face_has_less_than_twenty_functions() -> None:
    """CLI-7: a face that fits into a head; the rest are verbs of what they return."""
    face = [getattr(trio_runtime, name) for name in trio_runtime.__all__]
    functions = [each for each in face if callable(each) and not inspect.isclass(each)]
    assert 5 <= len(functions) < 20
    assert trio_runtime.__all__ == sorted(trio_runtime.__all__)


@pytest.mark.parametrize("name", trio_runtime.__all__)
def test_name_has_a_docstring_and_stands_in_an_example(name: str) -> None:
    """PRJ-1."""
    assert any(re.search(rf"\b{name}\b", block) for blocks in SECTIONS.values() for block in blocks)
    value = getattr(trio_runtime, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__
        assert value.__doc__.partition("\n")[0].rstrip().endswith((".", ":"))


@pytest.mark.parametrize("section", SECTIONS)
async def test_example_runs(
    section: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    """PRJ-1."""
    monkeypatch.chdir(tmp_path)
    sim = Simulation()
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as phone,
        sim.phone(wire, "bob", "10.0.0.2") as bob,
        sim.phone(wire, "busy", "10.0.0.3", handler=RejectAllHandler()),
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, echo)
        phones = {"phone": phone, "bob": bob}
        for block in SECTIONS[section]:
            names: dict[str, Any] = {}
            exec(compile(block, f"docs/api.md, {section}", "exec"), names)
            wanted = inspect.signature(names["example"]).parameters
            await names["example"](**{name: phones[name] for name in wanted})
        nursery.cancel_scope.cancel()
