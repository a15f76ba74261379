"""Running our own command line as a peer program would be run."""

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

Line = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


@attrs.define
class Serve:
    """A running ``python -m trio_runtime serve``.

    Attributes:
        process: The child.
        port: Its SIP port.
        media_ports: The first and the last of its media ports.
        host: Its address.
    """

    process: trio.Process
    port: int
    media_ports: tuple[int, int]
    _out: Path
    _err: Path
    host: str = HOST

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
        whole = self._out.read_text(encoding="utf-8").rpartition("\n")[0]
        lines: list[Line] = [json.loads(line) for line in whole.splitlines()]
        return lines if event is None else [line for line in lines if line["event"] == event]

    @property
    def errors(self) -> str:
        """What it wrote to standard error."""
        return self._err.read_text(encoding="utf-8")

    async def wait_for(self, event: str, count: int = 1, *, timeout: float = 10.0) -> list[Line]:
        """Wait until so many lines of an event are there, and return them."""
        await until(
            lambda: len(self.lines(event)) >= count,
            timeout=timeout,
            what=lambda: f"{len(self.lines(event))} of {count} {event}: {self.lines()[-5:]}\n{self.errors}",
        )
        return self.lines(event)

    async def interrupted(self) -> Line:
        """Ask it to end as Ctrl-C does, check that it did so well, and return its statistics."""
        status = await stop(self.process, signal.SIGINT)
        assert (status, self.errors) == (0, ""), (status, self.errors, self.lines()[-3:])
        (line,) = self.lines("statistics")
        return line


@asynccontextmanager
async def serving(
    folder: Path, *arguments: str, media_ports: int = 10, host: str = HOST, port: int = 0
) -> AsyncIterator[Serve]:
    """Serve on a port, any free one if 0, while the block lasts, with ``--json`` and these arguments."""
    out, err = folder / "serve.jsonl", folder / "serve.err"
    first = free_ports(media_ports)
    last = first + media_ports - 1
    command = [sys.executable, "-W", "error", "-m", "trio_runtime", "serve", "--json"]
    command += ["--bind", f"{written(host)}:{port}", "--media-ports", f"{first}-{last}", *arguments]
    async with running(command, out=out, err=err, cwd=ROOT) as process:
        server = Serve(process, 0, (first, last), out, err, host)
        (ready,) = await server.wait_for("ready", timeout=20)
        server.port = int(ready["addresses"][0].rpartition(":")[2])
        yield server
