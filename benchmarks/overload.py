"""What a server gets done when it is offered three times as many calls as it can take, and right after.

Run ``python -m benchmarks.overload``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import attrs

from benchmarks.processes import cpu_seconds, free_port, running
from benchmarks.servers import Server, all_servers
from benchmarks.sipp import run_counted

_PHASES = (0.5, 0.8, 1.0, 1.2)  # of what a short run says that a core can do; the best of them is the peak


@attrs.frozen
class Phase:
    """What came of one rate.

    Attributes:
        offered: Calls a second that SIPp began.
        goodput: Calls a second that went through to their end.
        refused: Share of the calls that was answered with 503 and Retry-After.
        lost: Share of the calls that had neither end.
        server: Share of a core that the server took.
        caller: The same of SIPp.
    """

    offered: float
    goodput: float
    refused: float
    lost: float
    server: float
    caller: float


def run_phase(port: int, pid: int, rate: int, seconds: float) -> Phase:
    """Offer calls at a rate and see what becomes of them."""
    before, begun = cpu_seconds(pid), time.monotonic()
    counted = run_counted(port, rate=rate, seconds=seconds)
    server = (cpu_seconds(pid) - before) / (time.monotonic() - begun)
    calls = max(counted.created, 1)
    lost = calls - counted.through - counted.refused
    return Phase(counted.offered, counted.goodput, counted.refused / calls, lost / calls, server, counted.cpu)


def show(name: str, phase: Phase, peak: float) -> None:
    """Print one row."""
    print(
        f"{name:24} offered {phase.offered:6.0f}/s  through {phase.goodput:6.0f}/s"
        f" ({phase.goodput / peak if peak else 1:5.0%} of the peak)  503 {phase.refused:6.1%}"
        f"  neither {phase.lost:6.1%}  CPU {phase.server:4.0%}, SIPp's {phase.caller:4.0%}",
        flush=True,
    )


def measure(server: Server, seconds: float, log: Path) -> None:
    """Find the peak of a server, overload it, and see whether it recovers."""
    port = free_port()
    with running(server.command(port), port, log) as pid:
        run_phase(port, pid, 200, 4)  # imports, caches, first allocations
        before = cpu_seconds(pid)
        calls = run_counted(port, rate=500, seconds=5).through
        capacity = calls / (cpu_seconds(pid) - before)
        print(f"{server.name}: some {capacity:.0f} calls take a core, by 500 calls/s")
        phases = [run_phase(port, pid, int(capacity * part), seconds) for part in _PHASES]
        peak = max(phase.goodput for phase in phases)
        for part, phase in zip(_PHASES, phases, strict=True):
            show(f"  {part:.1f} of the capacity", phase, peak)
        show("  three times the peak", run_phase(port, pid, int(3 * peak), seconds), peak)
        show("  half the peak, at once", run_phase(port, pid, int(peak / 2), seconds / 2), peak / 2)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each phase")
    parser.add_argument("--only", default="command line", help="run the servers whose name holds this")
    arguments = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    with tempfile.TemporaryDirectory() as folder:
        for server in all_servers("python"):
            if arguments.only in server.name and not server.missing:
                measure(server, arguments.seconds, Path(folder) / "server.log")


if __name__ == "__main__":
    main()
