"""What a server under load has to be for `benchmarks.media`, ours or another."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import attrs

from ..processes import pin
from ..rtp_traffic import Leg

__all__ = ["ROOT", "Peer", "Started", "talking_program"]

ROOT = Path(__file__).parents[2]


def _nothing() -> dict[str, Any]:
    return {}


@attrs.frozen
class Started:
    """A server whose streams are all set up.

    Attributes:
        pid: The process whose CPU time counts, with all that it started.
        ports: Where it receives each stream.
        finish: Ends the run and returns its own figures, if it has any.
    """

    pid: int
    ports: Sequence[int]
    finish: Callable[[], dict[str, Any]] = _nothing


class Peer(Protocol):
    """A program that can be put under load.

    Attributes:
        name: What the table calls it.
        modes: What it can do, and with at most how many streams.
    """

    name: str
    modes: Mapping[str, int]

    def missing(self) -> str | None:
        """Say why it cannot be run here, None when it can."""

    def legs(self, mode: str, streams: int) -> list[Leg]:
        """Return what it will be sent."""

    def run(self, mode: str, streams: int, peer_port: int) -> AbstractContextManager[Started]:
        """Run it while the block lasts; all its streams are with one port of the loopback interface."""


@contextmanager
def talking_program(command: Sequence[str]) -> Iterator[Started]:
    """Run a program that prints the list of its ports, and its figures when it is sent a line."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr, text=True, cwd=ROOT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, answers = process.stdin, process.stdout

    def finish() -> dict[str, Any]:
        asked.write("\n")
        asked.flush()
        figures: dict[str, Any] = json.loads(answers.readline())
        return figures

    try:
        pin(process.pid, last=False)
        yield Started(process.pid, json.loads(answers.readline()), finish)
    finally:
        process.kill()
        process.wait()
        asked.close()
        answers.close()
