"""The servers that are compared: ours in both styles, and the peers that this machine has."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs

__all__ = ["Server", "all_servers"]

_PEERS = Path(__file__).parent / "peers"


@attrs.frozen
class Server:
    """One server.

    Attributes:
        name: In the table.
        command: Makes the command line for a port.
        max_rate: Calls per second that it is known to hold; above it is not run.
        missing: Why it cannot be run here, empty when it can.
    """

    name: str
    command: Callable[[int], list[str]]
    max_rate: int = 1_000_000
    missing: str = ""


def all_servers(sippy_python: str, *, tcp: bool = False) -> list[Server]:
    """Return every server, those that are missing too.

    Args:
        sippy_python: A Python that has sippy, as in a virtual environment of its own.
        tcp: Whether they listen for TCP too, on the same port.
    """
    return [
        Server("ours, callback", lambda port: _ours("callback", port, tcp)),
        Server("ours, a task a call", lambda port: _ours("task", port, tcp)),
        Server("ours, command line", lambda port: _ours_serve(port, tcp)),
        Server(
            "Kamailio, transactions", lambda port: _kamailio(port, tcp), missing=_missing_program("kamailio")
        ),
        Server("pjsip-perf, stateful calls", _pjsip_perf, missing=_missing_program("pjsip-perf")),
        Server(
            "sippy",
            lambda port: [sippy_python, str(_PEERS / "sippy_uas.py"), str(port)],
            max_rate=600,
            missing="it has no TCP" if tcp else _missing_sippy(sippy_python),
        ),
    ]


def _ours(style: str, port: int, tcp: bool) -> list[str]:
    listen = ["udp", "tcp"] if tcp else ["udp"]
    return [sys.executable, str(_PEERS / "own_uas.py"), style, str(port), *listen]


def _ours_serve(port: int, tcp: bool) -> list[str]:
    # It sends no 180, so its call is one message shorter than those of the others.
    return [
        sys.executable,
        "-m",
        "trio_runtime",
        "serve",
        "--bind",
        f"127.0.0.1:{port}",
        "--no-media",
        "--quiet",
        *(["--listen", "udp", "--listen", "tcp"] if tcp else []),
    ]


def _kamailio(port: int, tcp: bool) -> list[str]:
    # -x fm -X fm: its default allocator is up to three times slower.
    memory = ["-x", "fm", "-X", "fm", "-m", "512", "-M", "32"]
    where = ["-l", f"udp:127.0.0.1:{port}", "-f", str(_PEERS / "kamailio.cfg")]
    if tcp:
        where += ["-A", "WITH_TCP", "-l", f"tcp:127.0.0.1:{port}"]
    return ["kamailio", "-DD", "-E", *memory, *where]


def _pjsip_perf(port: int) -> list[str]:
    # It ends with its input; any user but 0 and 1 is a call with a dialog, which --real-sdp negotiates.
    program = f"sleep infinity | exec pjsip-perf --local-port={port} --ringing --real-sdp --log-level=0"
    return ["sh", "-c", program]


def _missing_program(name: str) -> str:
    return "" if shutil.which(name) else f"{name} is not installed"


def _missing_sippy(python: str) -> str:
    if python == sys.executable:
        return "" if importlib.util.find_spec("sippy") else "sippy is not installed (see --sippy-python)"
    try:
        subprocess.run([python, "-c", "import sippy"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{python} has no sippy: {error}"
    return ""
