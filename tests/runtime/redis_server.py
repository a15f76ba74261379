"""A Redis server of a test's own, on a port of its own."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import trio

from tests.interop.process import HOST, free_ports, is_listening, running, until

__all__ = ["LIBRARY_LEAVES_STREAMS", "RedisServer", "redis_server"]

LIBRARY_LEAVES_STREAMS = pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")
"""coredis leaves the streams between its own tasks to the garbage collector."""


@attrs.define
class RedisServer:
    """A running one.

    Attributes:
        port: Where it listens.
        process: Its process.
    """

    port: int
    process: trio.Process

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"


@asynccontextmanager
async def redis_server(path: str, folder: Path, port: int = 0) -> AsyncIterator[RedisServer]:
    """Run Redis while the block lasts, on any port if 0; it keeps what it has in ``folder``."""
    port = port or free_ports()
    command = [path, "--port", str(port), "--bind", HOST, "--dir", str(folder)]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    log = folder / "redis.log"
    async with running(command, out=log) as process:
        await until(
            lambda: process.poll() is not None or is_listening(port),
            timeout=20,
            what=lambda: log.read_text("utf-8", "replace"),
        )
        try:
            yield RedisServer(port, process)
        finally:
            gc.collect()  # see `LIBRARY_LEAVES_STREAMS`: not in another test
