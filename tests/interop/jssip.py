"""Running JsSIP in Node: its phone without a browser, which signals and plays no media."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio

from tests.interop.process import running, until

Event = dict[str, Any]
SCRIPT = Path(__file__).parent / "scripts" / "jssip_phone.js"
VERSIONS = "jssip@3.13.8 ws@8.23.0"


@attrs.define
class JsSip:
    """A running phone.

    Attributes:
        process: The child.
    """

    process: trio.Process
    _out: Path

    async def command(self, command: str, **values: str) -> None:
        """Give a command; see the script for which there are."""
        assert self.process.stdin is not None
        line = json.dumps({"command": command, **values}) + "\n"
        await self.process.stdin.send_all(line.encode())

    def events(self, name: str | None = None) -> list[Event]:
        """What it told so far, of one event or of all."""
        text = self._out.read_text("utf-8")
        lines = [line for line in text.rpartition("\n")[0].splitlines() if line.startswith("{")]
        events: list[Event] = [json.loads(line) for line in lines]
        return [event for event in events if name is None or event["event"] == name]

    async def wait_for(self, name: str, count: int = 1, *, timeout: float = 10.0) -> Event:
        """Wait until so many of an event are there, and return the last of them."""
        await until(
            lambda: len(self.events(name)) >= count,
            timeout=timeout,
            what=lambda: f"JsSIP told no {name}: {self._out.read_text('utf-8')[-2_000:]}",
        )
        return self.events(name)[count - 1]


def find_jssip() -> tuple[str, str]:
    """Return Node and the folder of modules; without them the test is skipped, in CI it fails."""
    node, modules = shutil.which("node"), os.environ.get("JSSIP_MODULES", "")
    if node and Path(modules, "jssip").is_dir() and Path(modules, "ws").is_dir():
        return node, str(Path(modules).resolve())
    missing = f"JsSIP is not installed: npm install --prefix DIR {VERSIONS}; JSSIP_MODULES=DIR/node_modules"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(missing)
    pytest.skip(missing)


@asynccontextmanager
async def jssip(folder: Path, url: str, uri: str, password: str = "") -> AsyncIterator[JsSip]:
    """Run a phone while the block lasts; it is connected when the block begins.

    Args:
        folder: An existing folder.
        url: Of the server, as ``ws://127.0.0.1:8080``.
        uri: Its address.
        password: Its password.
    """
    node, modules = find_jssip()
    out = folder / "jssip.jsonl"
    command = [node, str(SCRIPT), modules, url, uri, password]
    async with running(command, out=out, err=folder / "jssip.err", typed=True) as process:
        phone = JsSip(process, out)
        await phone.wait_for("connected", timeout=20)
        yield phone
