"""The page about the WebSocket API tells what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import trio.testing

from tests.runtime.api_bench import check, validator
from trio_runtime.control.commands import COMMANDS
from trio_runtime.control.commands.replies import REPLIES
from trio_runtime.control.errors import ErrorCode
from trio_runtime.testing import Simulation

PAGE = (Path(__file__).parents[2] / "docs" / "websocket_api.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"`(\w+)`", PAGE))


def test_every_command_reply_and_code_is_there() -> None:
    """SRV-9: none is missing in the tables."""
    assert set(COMMANDS) <= WORDS
    assert {reply.name for reply in REPLIES} <= WORDS
    assert set(get_args(ErrorCode)) <= WORDS


def test_messages_of_the_page_are_as_the_schema_has_them() -> None:
    """SRV-9: what is cut short there is left out."""
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    messages = [json.loads(line) for line in block.splitlines()]
    assert len(messages) == 4
    for message in messages:
        if "call" not in message or isinstance(message["call"], str):
            check(message)
    assert validator("command.make_call").is_valid(messages[0])


async def test_example_runs(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SRV-9, PRJ-1."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/websocket_api.md", "exec"), names)
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as phone:
        await names["example"](phone)
    sim.assert_quiet()
