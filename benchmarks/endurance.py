"""Hold a server under load for a long time: calls that fail, memory that grows, objects that stay.

Run ``python -m benchmarks.endurance``; ten minutes by default.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from benchmarks.processes import cpu_seconds, free_port
from benchmarks.sipp import LoadResult, run_uac

_PROBE_S = 5.0
_GONE_S = 40.0  # 64*T1 and some more: every transaction of the last call is over
_PATIENCE_S = 30.0
_NOT_CALLS = ("refused_repeats", "refused_acks", "refused_forgotten")


@attrs.frozen
class Sample:
    """What was seen of the server at one moment.

    Attributes:
        at: Seconds since the load began.
        rss: Octets of memory in RAM.
        cpu: Seconds of CPU so far.
    """

    at: float
    rss: int
    cpu: float


def rss_of(pid: int) -> int:
    """Return how many octets of RAM a process has."""
    fields = Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("VmRSS:")[2].split()
    return int(fields[0]) * 1024


@contextlib.contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``serve`` while the block lasts; it writes JSON, and its statistics when it is interrupted."""
    command = [sys.executable, "-m", "trio_runtime", "serve", "--json", "--quiet", "--no-media"]
    command += ["--bind", f"127.0.0.1:{port}"]
    with (folder / "out.jsonl").open("wb") as out, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        try:
            begun = time.monotonic()
            while b"ready" not in (folder / "out.jsonl").read_bytes():
                if process.poll() is not None or time.monotonic() - begun > _PATIENCE_S:
                    raise SystemExit(f"serve does not begin: {(folder / 'errors').read_text()}")
                time.sleep(0.1)
            yield process
        finally:
            process.kill()
            process.wait()


def watch(pid: int, samples: list[Sample], stop: threading.Event) -> None:
    """Note memory and CPU every few seconds."""
    begun = time.monotonic()
    while not stop.wait(_PROBE_S):
        with contextlib.suppress(OSError, ValueError):  # it ends just now
            samples.append(Sample(time.monotonic() - begun, rss_of(pid), cpu_seconds(pid)))


def half_a_core(port: int, pid: int) -> int:
    """Return the calls a second that take half of a core, as a short run measures it."""
    run_uac(port, rate=200, calls=400)
    before = cpu_seconds(pid)
    result = run_uac(port, rate=500, calls=5_000)
    cost = (cpu_seconds(pid) - before) / max(result.ok, 1)
    return max(50, int(0.5 / cost / 50) * 50)


def report(
    result: LoadResult, samples: list[Sample], counted: dict[str, Any], rate: int, warm_s: float
) -> None:
    """Print what came of it."""
    after = [sample for sample in samples if sample.at >= warm_s]
    if len(after) < 2:
        raise SystemExit("too short a run: nothing was seen after the warm-up")
    first, last = after[0], after[-1]
    core = (last.cpu - first.cpu) / (last.at - first.at)
    growth = last.rss / first.rss - 1
    agent, pump = counted["dialogs"]["agent"], counted["dialogs"]["pump"]
    # By reason; what is called `refused` without one are those that may still be repeated.
    reasons = {name: count for name, count in agent["admission"].items() if name.startswith("refused_")}
    refused = sum(reasons.values()) - sum(reasons[name] for name in _NOT_CALLS)
    print(
        f"{rate} calls/s for {last.at:.0f} s: {result.ok} ok, {refused} refused with 503 by overload control,"
        f" {result.failed - refused} failed, {core:.0%} of a core"
    )
    print(f"messages waited for {pump['max_queue_time']:.2f} s at most")
    print(f"repeated by SIPp {result.retransmissions}, received again {agent['retransmissions_received']}")
    most = max(sample.rss for sample in after)
    print(
        f"RSS {first.rss / 1e6:.1f} MB after {first.at:.0f} s, {last.rss / 1e6:.1f} MB at the end"
        f" ({growth:+.1%}), most {most / 1e6:.1f} MB"
    )
    steps = itertools.pairwise(samples)
    minutes = [sample for before, sample in steps if before.at // 60 < sample.at // 60]
    print("MB by the minute: " + ", ".join(f"{sample.rss / 1e6:.1f}" for sample in minutes))
    left = {
        "calls": counted["sessions"]["active_sessions"] + agent["calls"],
        "transactions": agent["transactions"],
        "usages": agent["usages"],
        "lookups": agent["lookups"],
        "left after drain": counted["left_after_drain"],
    }
    print(f"left: {left}; packets that no transport took {pump['send_failures']}")


def main() -> None:
    """Run it and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="how long the load lasts")
    parser.add_argument("--rate", type=int, default=0, help="calls a second; half a core when 0")
    parser.add_argument("--warm-up", type=float, default=60.0, help="seconds before memory counts")
    arguments = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    samples: list[Sample] = []
    stop = threading.Event()
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with serving(folder, port) as process:
            rate = arguments.rate or half_a_core(port, process.pid)
            print(f"{rate} calls/s", flush=True)
            watcher = threading.Thread(target=watch, args=(process.pid, samples, stop))
            watcher.start()
            try:
                result = run_uac(port, rate=rate, calls=int(rate * arguments.seconds))
            finally:
                stop.set()
                watcher.join()
            time.sleep(_GONE_S)
            print(f"RSS {rss_of(process.pid) / 1e6:.1f} MB when all transactions are over")
            process.send_signal(signal.SIGINT)
            process.wait(_PATIENCE_S)
        counted = json.loads((folder / "out.jsonl").read_text(encoding="utf-8").splitlines()[-1])
        errors = (folder / "errors").read_text(encoding="utf-8")
    report(result, samples, counted, rate, min(arguments.warm_up, arguments.seconds / 3))
    if errors:
        print(f"it said: {errors}")


if __name__ == "__main__":
    main()
