"""The page about registering shows what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

import trio_runtime
from tests.runtime.registrar import registrar
from trio_runtime import Call, IncomingCall, open_coordinator
from trio_runtime.coordinator import RegistrationState
from trio_runtime.events import types as facts
from trio_runtime.testing import Simulation

PAGE = (Path(__file__).parents[2] / "docs" / "registering.md").read_text()
USERS = {"alice": "secret", "sales": "other"}


async def test_example_registers_calls_and_is_refused(
    sim: Simulation, autojump_clock: trio.testing.MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """PRJ-1, CLI-2, CLI-8: the program of the page as it stands."""
    program = re.search(r"<!-- example: registering -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert program is not None
    names: dict[str, Any] = {}
    exec(compile(program[1], "docs/registering.md", "exec"), names)
    greeted: list[str] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        await call.ended()

    async def greet(call: Call) -> None:
        greeted.append(call.local_uri)

    wire = sim.wire()
    wire.names["example.com"] = ["10.0.0.9"]
    server = registrar(
        wire.environment("10.0.0.9"),
        users=USERS,
        options={"bind_host": "10.0.0.9"},
        service_route=("<sip:10.0.0.2;lr>",),
    )
    environment = wire.environment("10.0.0.1")
    uri, password = "sip:alice@example.com", USERS["alice"]
    phone = open_coordinator(uri, environment=environment, bind_host="10.0.0.1", password=password)
    async with wire, server, sim.phone(wire, "bob", "10.0.0.2") as bob, phone:
        async with trio.open_nursery() as nursery:
            await nursery.start(bob.serve, answer)
            await names["at_work"](phone, greet)
            await names["with_a_wrong_password"](phone)
            nursery.cancel_scope.cancel()
    assert greeted == ["sip:sales@example.com"]
    assert capsys.readouterr().out == "sip:sales@example.com registered 3600\n401\n"


def test_every_name_on_the_page_exists() -> None:
    """PRJ-1."""
    names = set(re.findall(r"`([A-Z][a-z]\w+)[`(]", PAGE))
    assert names <= {*trio_runtime.__all__, *facts.__all__}
    states = set(re.findall(r"`([A-Z]{4,})`", PAGE))
    assert states == {state.name for state in RegistrationState}
