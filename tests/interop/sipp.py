"""Running SIPp and reading what it counted."""

from __future__ import annotations

import csv
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import trio

from tests.interop.process import HOST, free_ports, is_listening, running, stop, until, written
from trio_runtime import LimitsConfig

SCENARIOS = Path(__file__).parent / "scenarios"
# A machine that does other work stands still for half a second now and then: no reason to put calls off here.
PATIENT = LimitsConfig(max_queue_time=5.0)

_COUNTERS = {
    "created": "TotalCallCreated",
    "successful": "SuccessfulCall(C)",
    "failed": "FailedCall(C)",
    "failed_unexpected": "FailedUnexpectedMessage(C)",
    "failed_timeout": "FailedMaxUDPRetrans(C)",
    "out_of_call": "OutOfCallMsgs(C)",
    "dead_call": "DeadCallMsgs(C)",
    "retransmissions": "Retransmissions(C)",
}
_MESSAGE = re.compile(r"^-{40,} [^\n]*\n(?:UDP|TCP) message (sent|received) [^\n]*:\n\n", re.MULTILINE)


@attrs.frozen(kw_only=True)
class SippResult:
    """What SIPp counted and, where it was traced, said and heard.

    Attributes:
        status: Its exit status, 0 when every call was successful.
        created: Calls begun or taken.
        successful: Calls that went through the whole scenario.
        failed: Calls that did not.
        failed_unexpected: Of these, those that failed for a message that the scenario does not have.
        failed_timeout: Of these, those that failed because retransmissions went unanswered.
        out_of_call: Messages of no call.
        dead_call: Messages of calls that were over.
        retransmissions: Messages that it sent again.
        unexpected: Messages that came where the scenario expects others, over all its steps.
        errors: Its error log.
        sent: Messages that it sent, in order; empty without `trace`.
        received: Messages that it received, retransmissions included; empty without `trace`.
    """

    status: int
    created: int
    successful: int
    failed: int
    failed_unexpected: int
    failed_timeout: int
    out_of_call: int
    dead_call: int
    retransmissions: int
    unexpected: int
    errors: str
    sent: tuple[str, ...]
    received: tuple[str, ...]

    def assert_perfect(self, calls: int) -> None:
        """Check that this many calls went through and that nothing was out of the ordinary.

        What it says again, because one of the two stood still for T1, is answered again (RFC 3261 §17.2.2):
        the second answer to its last request comes after the call, one for each retransmission at most.
        """
        counted = (self.created, self.successful, self.failed, self.unexpected)
        assert counted == (calls, calls, 0, 0), f"{self}\n{self.errors}"
        assert (self.out_of_call, self.status) == (0, 0), self
        assert self.dead_call <= self.retransmissions, self


@attrs.define
class Sipp:
    """One run of SIPp.

    Attributes:
        process: The child.
        folder: Where it writes.
        port: Its SIP port.
        media_port: Its media port.
        host: Its address.
    """

    process: trio.Process
    folder: Path
    port: int
    media_port: int
    host: str = HOST

    @property
    def uri(self) -> str:
        """The URI to call it at."""
        return f"sip:sipp@{written(self.host)}:{self.port}"

    async def finished(self, timeout: float) -> SippResult:
        """Wait for its end, at most so many seconds, and return what it counted."""
        with trio.move_on_after(timeout):
            await self.process.wait()
        return _read_result(self.folder, await stop(self.process, signal.SIGUSR1))


@asynccontextmanager
async def sipp(
    path: str,
    folder: Path,
    scenario: str,
    *arguments: str,
    target: str = "",
    trace: bool = False,
    host: str = HOST,
) -> AsyncIterator[Sipp]:
    """Run SIPp while the block lasts.

    Args:
        path: The program.
        folder: An existing folder for what it writes.
        scenario: Name of a scenario of its own, or of a file in `scenarios/` (``cancel.xml``).
        arguments: More of its options.
        target: ``host:port`` to call; empty to be called.
        trace: Whether to keep all messages.
        host: Address to be at.
    """
    port, media_port = free_ports(), free_ports(4)
    command = [path, *_scenario(scenario), "-i", host, "-mi", host, "-p", str(port), "-mp", str(media_port)]
    command += ["-bind_local", "-nostdin", "-cp", str(free_ports()), "-trace_counts", "-trace_err"]
    command += ["-trace_stat", "-stf", "stat.csv", "-fd", "1", "-error_file", "errors.log", *arguments]
    if trace:
        command += ["-trace_msg", "-message_file", "messages.log"]
    async with running([*command, *target.split()], out=folder / "screen.log", cwd=folder) as process:
        screen = folder / "screen.log"
        await until(
            lambda: process.poll() is not None or is_listening(port),
            timeout=10,
            what=lambda: f"SIPp does not listen: {_read(screen)}",
        )
        yield Sipp(process, folder, port, media_port, host)


def _scenario(name: str) -> list[str]:
    return ["-sf", str(SCENARIOS / name)] if name.endswith(".xml") else ["-sn", name]


def _last_row(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="latin-1") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert rows, f"SIPp counted nothing: {path.with_name('screen.log').read_text(encoding='latin-1')}"
    return rows[-1]


def _read_result(folder: Path, status: int) -> SippResult:
    assert (folder / "stat.csv").exists(), (folder / "screen.log").read_text(encoding="latin-1")
    row = _last_row(folder / "stat.csv")
    counts = _last_row(next(folder.glob("*_counts.csv")))
    messages = _read_messages(folder / "messages.log")
    return SippResult(
        status=status,
        unexpected=sum(int(value or 0) for name, value in counts.items() if name and name.endswith("_Unexp")),
        errors=_read(folder / "errors.log"),
        sent=tuple(text for direction, text in messages if direction == "sent"),
        received=tuple(text for direction, text in messages if direction == "received"),
        **{field: int(row[column]) for field, column in _COUNTERS.items()},
    )


def _read(path: Path) -> str:
    return path.read_text(encoding="latin-1") if path.exists() else ""


def _read_messages(path: Path) -> list[tuple[str, str]]:
    pieces = _MESSAGE.split(_read(path))[1:]
    return [(pieces[i], pieces[i + 1].rstrip("\n") + "\n") for i in range(0, len(pieces), 2)]
