"""Foreign programs as children of a test: their output, their ports, and their end with the test."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

STOP_GRACE_S = 8.0
POLL_S = 0.02
HOST = "127.0.0.1"

# Between the library's media ports and the kernel's ephemeral ones. Two runs begin at places far from each
# other, also when their process numbers are neighbours, as those of the workers of one run are.
_FIRST, _LAST, _BLOCK = 20_000, 32_000, 50
_BLOCKS = (_LAST - _FIRST) // _BLOCK
_APART = 53
_KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
_FAMILIES = (socket.AF_INET, socket.AF_INET6)
_LISTENS = {"udp": "07", "udp6": "07", "tcp": "0A", "tcp6": "0A"}  # the kernel's numbers of states
_places = itertools.count(os.getpid() * _APART)


def free_ports(count: int = 2) -> int:
    """Return the first of `count` (at most 50) neighbouring ports that nobody holds, for UDP and for TCP."""
    for _ in range(_BLOCKS):
        port = _FIRST + next(_places) % _BLOCKS * _BLOCK
        wanted = itertools.product(range(port, port + count), _KINDS, _FAMILIES)
        if all(_is_free(*each) for each in wanted):
            return port
    raise OSError("no free ports")


def _is_free(port: int, kind: int, family: int) -> bool:
    try:
        sock = socket.socket(family, kind)
    except OSError:
        return True  # a machine without IPv6: nobody holds it there
    with sock:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            sock.bind(("", port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def written(host: str) -> str:
    """Return an address as it stands before a port."""
    return f"[{host}]" if ":" in host else host


def is_listening(port: int) -> bool:
    """Tell whether somebody holds this UDP port, or listens on it for TCP, without touching it."""
    return any(_has_state(Path(f"/proc/net/{name}"), port, state) for name, state in _LISTENS.items())


def _has_state(table: Path, port: int, state: str) -> bool:
    """Tell whether a table of the kernel has a socket at the port in this state, not one that lingers."""
    if not table.exists():
        return False
    rows = [line.split() for line in table.read_text(encoding="ascii").splitlines()[1:]]
    return any(row[1].endswith(f":{port:04X}") and row[3] == state for row in rows)


@asynccontextmanager
async def running(
    command: Sequence[str],
    *,
    out: Path,
    err: Path | None = None,
    cwd: Path | None = None,
    home: Path | None = None,
    typed: bool = False,
) -> AsyncIterator[trio.Process]:
    """Run a program while the block lasts.

    Args:
        command: The program and its arguments.
        out: Where its output goes.
        err: Where its standard error goes, if not there too.
        cwd: Its working folder.
        home: Its home folder, if it must not see that of the user.
        typed: Whether it has a keyboard: `process.stdin`.
    """
    environment = None if home is None else {**os.environ, "HOME": str(home)}
    _empty(out)
    with out.open("ab") as out_file, (err or out).open("ab") as err_file:
        process = await trio.lowlevel.open_process(
            command,
            stdin=subprocess.PIPE if typed else subprocess.DEVNULL,
            stdout=out_file,
            stderr=err_file,
            cwd=cwd,
            env=environment,
        )
        try:
            yield process
        finally:
            with trio.CancelScope(shield=True):
                await stop(process, signal.SIGTERM)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


async def stop(process: trio.Process, number: signal.Signals) -> int:
    """End a child by a signal, at the latest by force, and return its exit status."""
    if process.poll() is None:
        process.send_signal(number)
    with trio.move_on_after(STOP_GRACE_S):
        return await process.wait()
    process.kill()
    return await process.wait()


async def until(ready: Callable[[], bool], *, timeout: float, what: Callable[[], str]) -> None:
    """Wait for something that another program does, in real time.

    Raises:
        AssertionError: It did not happen; the text is that of `what()`.
    """
    with trio.move_on_after(timeout):
        while not ready():  # noqa: ASYNC110 - another program sets no event of ours
            await trio.sleep(POLL_S)
        return
    raise AssertionError(what())
