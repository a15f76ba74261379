"""SIPp as the caller: its built-in ``uac`` scenario, or the one with a phone's long INVITE."""

from __future__ import annotations

import contextlib
import csv
import subprocess
import tempfile
import time
from pathlib import Path

import attrs

from benchmarks.processes import free_port, pin

__all__ = ["LoadResult", "run_uac"]

_LONG = Path(__file__).parent / "peers" / "uac_long.xml"


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


def run_uac(port: int, *, rate: int, calls: int, long: bool = False, hold_ms: int = 0) -> LoadResult:
    """Call a server on the loopback interface.

    Args:
        port: Where it listens.
        rate: Calls per second.
        calls: How many in all.
        long: Whether the INVITE is the one of about 900 octets.
        hold_ms: Milliseconds between ACK and BYE.
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
        command += ["-trace_stat", "-stf", str(table), "-fd", "1"]
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
