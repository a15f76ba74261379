"""Server processes under test: started on a CPU of their own, asked for their CPU time, stopped again."""

from __future__ import annotations

import glob
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["cpu_seconds", "free_port", "pin", "running"]

_OPTIONS = (
    "OPTIONS sip:ping@127.0.0.1:{port} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bKping{number}\r\n"
    "From: <sip:ping@127.0.0.1>;tag=p{number}\r\nTo: <sip:ping@127.0.0.1>\r\nCall-ID: ping{number}\r\n"
    "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)
_PATIENCE = 15.0  # s for a server to start


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses now, for UDP and for TCP."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other,
        ):
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            try:
                other.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def pin(pid: int, last: bool) -> None:
    """Keep a process to the first CPU, or to the last one: server and load must not share one."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {cpus[-1] if last else cpus[0]})


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[int]:
    """Run a server while the block lasts and give its process id; it answers SIP when the block begins."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            pin(process.pid, last=False)
            _wait_until_it_answers(process, port, log)
            yield process.pid
        finally:
            _stop(process)


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.connect(("127.0.0.1", port))
        probe.settimeout(0.2)
        for number in range(int(_PATIENCE / 0.2)):
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended: {log.read_text(errors='replace')[-500:]}")
            text = _OPTIONS.format(port=port, own=probe.getsockname()[1], number=number)
            try:
                probe.send(text.encode())
                probe.recv(65_535)
            except ConnectionRefusedError:
                time.sleep(0.2)
            except TimeoutError:
                continue
            else:
                return
    raise RuntimeError(f"{process.args!r} does not answer")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)  # the group that this process leads, and nothing else
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
        return


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        found.append(parent)
        for children in glob.glob(f"/proc/{parent}/task/*/children"):
            waiting += [int(child) for child in _read(children).split()]
    return found


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # ended meanwhile
        return ""


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and all that it started, to the nanosecond (``schedstat``)."""
    total = 0
    for member in _family(pid):
        for task in glob.glob(f"/proc/{member}/task/*/schedstat"):
            total += int((_read(task).split() or ["0"])[0])
    return total / 1e9
