"""Running our own command line as a peer program would be run, or in the process of the test."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import trio

from tests.interop.process import HOST, free_ports, running, stop, until, written
from tests.runtime.cli_bench import Run
from trio_runtime.api import kernel_environment

Line = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


@attrs.define
class Served:
    """A running ``serve``.

    Attributes:
        port: Its SIP port.
        media_ports: The first and the last of its media ports.
        host: Its address.
    """

    port: int
    media_ports: tuple[int, int]
    host: str

    def _written(self) -> str:
        """Return what it has said on standard output."""
        raise NotImplementedError

    async def _ended(self) -> tuple[int | None, str]:
        """Have it end; return its exit status, and what it said on standard error."""
        raise NotImplementedError

    @property
    def target(self) -> str:
        """``host:port`` to call it at."""
        return f"{written(self.host)}:{self.port}"

    @property
    def uri(self) -> str:
        """The URI to call it at."""
        return f"sip:serve@{self.target}"

    @property
    def capture_filter(self) -> str:
        """What lets its signalling and its media through."""
        first, last = self.media_ports
        return f"udp port {self.port} or udp portrange {first}-{last}"

    def lines(self, event: str | None = None) -> list[Line]:
        """Return the JSON lines so far, of one event or of all."""
        whole = self._written().rpartition("\n")[0]
        lines: list[Line] = [json.loads(line) for line in whole.splitlines()]
        return lines if event is None else [line for line in lines if line["event"] == event]

    async def wait_for(self, event: str, count: int = 1, *, timeout: float = 10.0) -> list[Line]:
        """Wait until so many lines of an event are there, and return them."""
        await until(
            lambda: len(self.lines(event)) >= count,
            timeout=timeout,
            what=lambda: f"{len(self.lines(event))} of {count} {event}: {self.lines()[-5:]}",
        )
        return self.lines(event)

    async def interrupted(self) -> Line:
        """Ask it to end as Ctrl-C does, check that it did so well, and return its statistics."""
        ended = await self._ended()
        assert ended == (0, ""), (ended, self.lines()[-3:])
        (line,) = self.lines("statistics")
        return line


@attrs.define
class Serve(Served):
    """A running ``python -m trio_runtime serve``.

    Attributes:
        process: The child.
    """

    process: trio.Process
    _out: Path
    _err: Path

    def _written(self) -> str:
        return self._out.read_text(encoding="utf-8")

    async def _ended(self) -> tuple[int, str]:
        return await stop(self.process, signal.SIGINT), self.errors

    @property
    def errors(self) -> str:
        """What it wrote to standard error."""
        return self._err.read_text(encoding="utf-8")


@attrs.define
class ServedHere(Served):
    """A running ``serve`` in a task of the test."""

    _run: Run
    _over: trio.Event

    def _written(self) -> str:
        return self._run.text

    async def _ended(self) -> tuple[int | None, str]:
        self._run.interrupt.trigger()
        await self._over.wait()
        return self._run.status, str(self._run.error or "")


def _arguments(host: str, port: int, media_ports: int, more: tuple[str, ...]) -> tuple[list[str], int, int]:
    first = free_ports(media_ports)
    last = first + media_ports - 1
    ports = ["--bind", f"{written(host)}:{port}", "--media-ports", f"{first}-{last}"]
    return ["serve", "--json", *ports, *more], first, last


@asynccontextmanager
async def serving(
    folder: Path, *arguments: str, media_ports: int = 10, host: str = HOST, port: int = 0
) -> AsyncIterator[Serve]:
    """Serve on a port, any free one if 0, while the block lasts, with ``--json`` and these arguments."""
    out, err = folder / "serve.jsonl", folder / "serve.err"
    said, first, last = _arguments(host, port, media_ports, arguments)
    command = [sys.executable, "-W", "error", "-m", "trio_runtime", *said]
    async with running(command, out=out, err=err, cwd=ROOT) as process:
        server = Serve(0, (first, last), host, process, out, err)
        (ready,) = await server.wait_for("ready", timeout=20)
        server.port = _port(ready)
        yield server


@asynccontextmanager
async def serving_here(*arguments: str, media_ports: int = 10, host: str = HOST) -> AsyncIterator[Served]:
    """Do as `serving` in a task of the test, which spares a second of CPU where no process is needed."""
    said, first, last = _arguments(host, 0, media_ports, ("--gc", "default", *arguments))
    run, environment, over = Run(tuple(said)), kernel_environment(), trio.Event()

    async def serve(task_status: trio.TaskStatus[None]) -> None:
        task_status.started()
        try:
            await run.main(environment)
        finally:
            environment.close()
            over.set()

    async with trio.open_nursery() as nursery:
        await nursery.start(serve)
        server = ServedHere(0, (first, last), host, run, over)
        (ready,) = await server.wait_for("ready")
        server.port = _port(ready)
        yield server
        nursery.cancel_scope.cancel()


def _port(ready: Line) -> int:
    return int(ready["addresses"][0].rpartition(":")[2])
