"""SIPp as the caller: its built-in ``uac`` scenario, or the one with a phone's long INVITE."""

from __future__ import annotations

import contextlib
import csv
import subprocess
import tempfile
import time
from pathlib import Path

import attrs

from benchmarks.processes import cpu_seconds, free_port, pin

__all__ = ["CountedResult", "LoadResult", "run_counted", "run_uac"]

_LONG = Path(__file__).parent / "peers" / "uac_long.xml"
_REFUSABLE = Path(__file__).parent / "peers" / "uac_overload.xml"
_THROUGH, _REFUSED = "GenericCounter1(C)", "GenericCounter2(C)"
_SETTLED_S = 3.0  # after the last call was begun: the first repeats of what was lost are over


@attrs.frozen
class LoadResult:
    """What SIPp counted.

    Attributes:
        ok: Calls that went as they should.
        failed: Calls that did not.
        retransmissions: Requests that SIPp had to send again.
        seconds: How long it took.
    """

    ok: int
    failed: int
    retransmissions: int
    seconds: float


def run_uac(
    port: int, *, rate: int, calls: int, long: bool = False, hold_ms: int = 0, transport: str = "u1"
) -> LoadResult:
    """Call a server on the loopback interface.

    Args:
        port: Where it listens.
        rate: Calls per second.
        calls: How many in all.
        long: Whether the INVITE is the one of about 900 octets.
        hold_ms: Milliseconds between ACK and BYE.
        transport: As SIPp names it: ``u1``, ``t1`` for one TCP connection, ``tn`` for one a call.
    """
    scenario = ["-sf", str(_LONG)] if long else ["-sn", "uac"]
    limit = calls / rate + hold_ms / 1_000 + 12
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "calls.csv"
        command = ["sipp", f"127.0.0.1:{port}", *scenario, "-s", "service", "-i", "127.0.0.1"]
        command += [
            "-p",
            str(free_port()),
            "-d",
            str(hold_ms),
            "-r",
            str(rate),
            "-m",
            str(calls),
            "-l",
            "200000",
        ]
        command += ["-buff_size", "4194304", "-timeout", f"{limit:.0f}s", "-nostdin"]
        command += ["-trace_stat", "-stf", str(table), "-fd", "1", "-t", transport, "-max_socket", "1000"]
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        try:
            pin(process.pid, last=True)
            with contextlib.suppress(subprocess.TimeoutExpired):  # starved: what it did not do has failed
                process.wait(limit + 10)
        finally:
            process.kill()
            process.wait()
        seconds = time.monotonic() - start
        return _result(table, calls, seconds)


def _result(table: Path, calls: int, seconds: float) -> LoadResult:
    rows = list(csv.DictReader(table.open(), delimiter=";")) if table.exists() else []
    last = rows[-1] if rows else {}
    ok, repeated = int(last.get("SuccessfulCall(C)", 0)), int(last.get("Retransmissions(C)", 0))
    # What was never made, because SIPp was stopped, has failed as well.
    return LoadResult(ok, calls - ok, repeated, seconds)


@attrs.frozen
class CountedResult:
    """What became of calls that may be refused.

    Attributes:
        created: Calls begun.
        through: Calls that went through to the answer to their BYE.
        refused: Calls that got a 503 with Retry-After.
        offered: Calls begun a second, while calls were begun.
        goodput: Calls that went through a second, in the same time.
        cpu: Share of a core that SIPp took.
    """

    created: int
    through: int
    refused: int
    offered: float
    goodput: float
    cpu: float


def run_counted(port: int, *, rate: int, seconds: float) -> CountedResult:
    """Begin calls at a rate for some seconds, whatever becomes of them."""
    calls = int(rate * seconds)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "calls.csv"
        command = ["sipp", f"127.0.0.1:{port}", "-sf", str(_REFUSABLE), "-s", "service", "-i", "127.0.0.1"]
        command += ["-p", str(free_port()), "-r", str(rate), "-m", str(calls), "-l", "200000"]
        command += ["-buff_size", "4194304", "-timeout", f"{seconds + _SETTLED_S:.0f}s", "-nostdin"]
        command += ["-trace_stat", "-stf", str(table), "-fd", "1"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        cpu = 0.0
        try:
            pin(process.pid, last=True)
            limit = time.monotonic() + seconds + 3 * _SETTLED_S
            while process.poll() is None and time.monotonic() < limit:
                cpu = cpu_seconds(process.pid) or cpu
                time.sleep(0.1)
        finally:
            process.kill()
            process.wait()
        return _count(list(csv.DictReader(table.open(), delimiter=";")), cpu)


def _count(rows: list[dict[str, str]], cpu: float) -> CountedResult:
    if not rows:
        raise SystemExit("SIPp counted nothing")
    last = rows[-1]
    created = int(last["TotalCallCreated"])
    through, refused = int(last[_THROUGH]), int(last[_REFUSED])
    # A row a second: from the first to the last one in which calls were still begun.
    steady = [row for row in rows if 0 < int(row["TotalCallCreated"]) < created]
    if len(steady) < 2:
        raise SystemExit("SIPp was too fast to be looked at: more seconds, please")
    first, until = steady[0], steady[-1]
    seconds = _time(until) - _time(first)
    offered = (int(until["TotalCallCreated"]) - int(first["TotalCallCreated"])) / seconds
    goodput = (int(until[_THROUGH]) - int(first[_THROUGH])) / seconds
    return CountedResult(created, through, refused, offered, goodput, cpu / (_time(last) - _began(last)))


def _time(row: dict[str, str]) -> float:
    return float(row["CurrentTime"].rpartition("\t")[2])


def _began(row: dict[str, str]) -> float:
    return float(row["StartTime"].rpartition("\t")[2])
