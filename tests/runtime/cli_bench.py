"""Runs verbs of the command line on a simulated network, in virtual time."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import trio

from trio_runtime.base.environment import Environment
from trio_runtime.cli.arguments import parse_arguments
from trio_runtime.cli.printing.output import Output
from trio_runtime.cli.signals import Interrupt
from trio_runtime.cli.verbs.api import serve_api
from trio_runtime.cli.verbs.b2bua import b2bua
from trio_runtime.cli.verbs.call import call
from trio_runtime.cli.verbs.conference import confer
from trio_runtime.cli.verbs.demo import demo
from trio_runtime.cli.verbs.ladder import show_capture
from trio_runtime.cli.verbs.load import load
from trio_runtime.cli.verbs.message import write_message
from trio_runtime.cli.verbs.options import ask_options
from trio_runtime.cli.verbs.proxy import proxy
from trio_runtime.cli.verbs.queue import serve_queue
from trio_runtime.cli.verbs.register import register
from trio_runtime.cli.verbs.registrar import registrar
from trio_runtime.cli.verbs.serve import serve
from trio_runtime.cli.verbs.subscribe import watch

VERBS: dict[str, Callable[..., Awaitable[int]]] = {
    "demo": demo,
    "serve": serve,
    "call": call,
    "register": register,
    "registrar": registrar,
    "proxy": proxy,
    "b2bua": b2bua,
    "queue": serve_queue,
    "options": ask_options,
    "ladder": show_capture,
    "message": write_message,
    "subscribe": watch,
    "api": serve_api,
    "conference": confer,
    "load": load,
}


class Transcript(io.StringIO):
    """What the program says, and waiting for it."""

    def __init__(self) -> None:
        super().__init__()
        self._readers = trio.lowlevel.ParkingLot()

    def write(self, text: str) -> int:
        self._readers.unpark_all()
        return super().write(text)

    async def wait_for(self, word: str) -> None:
        while word not in self.getvalue():
            await self._readers.park()


@attrs.define
class Run:
    """One run of the program; `interrupt.trigger()` is its Ctrl-C."""

    arguments: tuple[str, ...]
    stream: Transcript = attrs.field(factory=Transcript)
    interrupt: Interrupt = attrs.field(factory=Interrupt)
    status: int | None = None
    error: Exception | None = None

    async def main(self, environment: Environment) -> None:
        options = parse_arguments(self.arguments)
        output = Output(self.stream, json_lines=options.json)
        try:
            self.status = await VERBS[options.verb](options, output, self.interrupt, environment=environment)
        except Exception as error:
            self.error = error

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def record(self, event: str) -> dict[str, Any]:
        found = [record for record in self.records if record["event"] == event]
        assert len(found) == 1, self.text
        return found[0]

    def events(self) -> list[str]:
        return [record["event"] for record in self.records]

    async def said(self, word: str) -> None:
        """Wait until the program has said something."""
        with trio.fail_after(60):
            await self.stream.wait_for(word)
