"""What the README shows is what happens."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text()


def block(kind: str, name: str) -> str:
    """The fenced block behind an HTML comment such as `<!-- example: echo -->`."""
    match = re.search(rf"<!-- {kind}: {name} -->\n```\w*\n(.*?)```", README, re.DOTALL)
    assert match is not None, f"README has no {kind} {name}"
    return match[1]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_echo_example_answers_a_call(tmp_path: Path) -> None:
    """PRJ-1, SRV-1: the README's program, with a port of the test's own, takes a call with audio."""
    port = free_port()
    example = block("example", "echo")
    assert len(example.splitlines()) <= 13
    program = example.replace("sip_port=5060", f'sip_port={port}, bind_host="127.0.0.1"')
    program = program.replace("await server.serve", 'print("ready", flush=True); await server.serve')
    (tmp_path / "echo.py").write_text(program)
    server = subprocess.Popen([sys.executable, str(tmp_path / "echo.py")], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        called = subprocess.run(
            [sys.executable, "-m", "trio_runtime", "call", f"sip:echo@127.0.0.1:{port}", "--duration", "1"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        server.terminate()
        server.communicate(timeout=10)
    assert called.returncode == 0, called.stdout + called.stderr


def test_both_commands_begin_with_a_fresh_environment() -> None:
    """PRJ-1: two commands do all set-up, with nothing before them but a Python."""
    last_of = {"demo": "python -m trio_runtime demo", "test": "python -m pytest -n 4"}
    for name, last in last_of.items():
        command = block("command", name).strip()
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -e ")
        assert command.endswith(last)


def test_demo_output_is_that_of_the_demo() -> None:
    """OBS-1: the ladder in the README has the messages of a call."""
    shown = block("output", "demo")
    for message in (
        "INVITE (SDP)",
        "180 Ringing",
        "200 OK (INVITE) (SDP)",
        "ACK",
        "BYE",
        "200 OK (BYE)",
        "MOS",
    ):
        assert message in shown
