"""RAM of a server that holds many calls, after the transactions that began them are over.

Run ``python -m benchmarks.held_calls``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.endurance import rss_of
from benchmarks.processes import cpu_seconds, free_port, pin, running
from benchmarks.servers import Server, all_servers
from benchmarks.sipp import run_uac

_RATE = 500
_OVER_S = 36.0  # 64*T1 and some more
_IDLE_S = 5.0


def hold(server: Server, calls: int, log: Path) -> None:
    """Print what a server takes for so many calls, and what it does while nothing happens in them."""
    port = free_port()
    with running(server.command(port), port, log) as pid:
        run_uac(port, rate=100, calls=200)
        time.sleep(_OVER_S)
        before = rss_of(pid)
        command = ["sipp", f"127.0.0.1:{port}", "-sn", "uac", "-s", "service", "-i", "127.0.0.1"]
        command += ["-p", str(free_port()), "-d", "3600000", "-r", str(_RATE), "-m", str(calls)]
        command += ["-l", str(calls), "-nostdin", "-buff_size", "4194304"]
        with tempfile.TemporaryDirectory() as folder:
            sipp = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
            try:
                pin(sipp.pid, last=True)
                time.sleep(calls / _RATE + _OVER_S)
                taken, spent = rss_of(pid) - before, cpu_seconds(pid)
                time.sleep(_IDLE_S)
                idle = (cpu_seconds(pid) - spent) / _IDLE_S
            finally:
                sipp.kill()
                sipp.wait()
    print(
        f"{server.name:24} {calls:6} calls held: {taken / calls / 1000:6.1f} kB a call,"
        f" {(before + taken) / 1e6:6.1f} MB in all, {idle:.1%} of a core",
        flush=True,
    )


def main() -> None:
    """Run each server with each number of calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", default="1000,10000", help="how many, separated by commas")
    parser.add_argument("--only", default="ours", help="run the servers whose name holds this")
    arguments = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    with tempfile.TemporaryDirectory() as folder:
        for server in all_servers("python"):
            if arguments.only in server.name and not server.missing:
                for calls in [int(text) for text in arguments.calls.split(",")]:
                    hold(server, calls, Path(folder) / "server.log")


if __name__ == "__main__":
    main()
