"""The program as people run it: processes, signals and real sockets on loopback."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import trio_runtime

ROOT = Path(trio_runtime.__file__).parents[1]


def _take_interrupts() -> None:
    """Have SIGINT as it is in a terminal: a shell's background jobs, and what they start, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program:
    """A running ``python -m trio_runtime``, its JSON lines read one by one."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-W", "error", "-m", "trio_runtime", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_take_interrupts,
        )

    def wait_for(self, event: str) -> dict[str, Any]:
        """Return the next record of a kind; fails when the program ends before it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            record: dict[str, Any] = json.loads(line)
            if record["event"] == event:
                return record
        pytest.fail(f"no {event}: {self.end()}")

    def deafen(self) -> None:
        """Close our end of its standard output."""
        assert self._process.stdout is not None
        self._process.stdout.close()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, timeout: float = 20) -> tuple[int, str]:
        """Wait for the end; return the exit status and standard error."""
        status = self._process.wait(timeout)
        assert self._process.stderr is not None
        return status, self._process.stderr.read()

    def insist(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal again and again, with time to take it and then to end, until the program ends."""
        for patience in (0.5, *[4.0] * 4):
            self._process.send_signal(number)
            try:
                return self.end(patience)
            except subprocess.TimeoutExpired:
                continue
        pytest.fail("it does not end")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def program(*arguments: str) -> Iterator[Program]:
    running = Program(*arguments)
    try:
        yield running
    finally:
        running.close()


@contextmanager
def server(*arguments: str) -> Iterator[tuple[Program, str]]:
    with program("serve", "--json", "--bind", "127.0.0.1:0", *arguments) as running:
        (address,) = running.wait_for("ready")["addresses"]
        yield running, f"sip:bob@{address}"


def test_demo_of_two_phones_on_loopback(tmp_path: Path) -> None:
    """PRJ-1: exit status 0, both recordings, and the numbers behind it."""
    with program("demo", "--json", "--out", str(tmp_path)) as running:
        result = running.wait_for("demo")
        assert running.end() == (0, "")
    assert (result["ok"], result["faults"]) == (True, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alice.wav", "bob.wav"]


def test_interrupt_before_the_answer_sends_cancel() -> None:
    """SES-11: SIGINT while it rings; the server sees the CANCEL."""
    with server("--answer", "ring") as (serve, uri):
        with program("call", uri, "--json") as call:
            call.wait_for("ringing")
            call.send(signal.SIGINT)
            assert call.wait_for("ended")["end"] == "Cancelled"
            assert call.end() == (1, "")
        assert serve.wait_for("ended")["end"] == "Cancelled"
        serve.send(signal.SIGTERM)
        assert serve.wait_for("statistics")["sessions"]["total_sessions"] == 1
        assert serve.end() == (0, "")


def test_interrupt_after_the_answer_sends_bye_and_interrupted_server_too() -> None:
    """SES-11, SRV-3: SIGTERM to the caller, then SIGINT to the server in the middle of another call."""
    with server("--answer", "echo") as (serve, uri):
        with program("call", uri, "--json") as call:
            call.wait_for("answered")
            call.send(signal.SIGTERM)
            assert call.wait_for("ended")["end"] == "LocallyClosed"
            assert call.end() == (0, "")
        assert serve.wait_for("ended")["end"] == "RemoteBye"
        with program("call", uri, "--json") as call:
            call.wait_for("answered")
            serve.wait_for("answered")
            serve.send(signal.SIGINT)
            assert call.wait_for("ended")["end"] == "RemoteBye"
            assert call.end() == (0, "")
        assert serve.wait_for("statistics")["left_after_drain"] == 0
        assert serve.end() == (0, "")


def test_closed_pipe_ends_the_server_without_a_traceback() -> None:
    """ERR-1: as behind ``| head -1``."""
    with server("--answer", "busy") as (serve, uri):
        serve.deafen()
        with program("call", uri) as call:
            status, errors = call.end()
            assert status == 1
            assert errors == "python -m trio_runtime: call rejected: 486 Busy Here\n"
        assert serve.end() == (1, "")


def test_second_interrupt_does_not_wait_for_a_silent_peer() -> None:
    """ERR-1: the first one would drain for four seconds; no traceback, the status of the interrupted."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(30)
        with program("call", f"sip:bob@127.0.0.1:{silent.getsockname()[1]}", "--json") as call:
            call.wait_for("calling")
            assert silent.recv(65_535).startswith(b"INVITE "), "there is something to drain"
            assert call.insist(signal.SIGINT) == (130, "")
