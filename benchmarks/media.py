"""CPU of the media engine by the number of streams: `python -m benchmarks.media`."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from .processes import cpu_seconds, pin
from .rtp_traffic import Traffic

_SERVER = Path(__file__).with_name("peers") / "own_media.py"
_WARM_UP_S = 2.0
_BEGIN_PER_S = 200


def measure(mode: str, streams: int, seconds: float) -> dict[str, Any]:
    """Run one server under load and return its figures."""
    traffic = Traffic(streams)
    server = subprocess.Popen(
        [sys.executable, str(_SERVER), mode, str(streams), str(traffic.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        pin(server.pid, last=False)
        ports = json.loads(server.stdout.readline())
        ramp_s = streams / _BEGIN_PER_S
        traffic.run(ports, ramp_s + _WARM_UP_S, ramp_s=ramp_s)
        before = cpu_seconds(server.pid)
        result = traffic.run(ports, seconds)
        spent = cpu_seconds(server.pid) - before
        server.stdin.write("\n")
        server.stdin.flush()
        figures: dict[str, Any] = json.loads(server.stdout.readline())
    finally:
        server.kill()
        server.wait()
        traffic.close()
    figures["us"] = spent / seconds / streams * 1e6
    figures["answered"] = result.received / max(1, result.sent)
    return figures


def main() -> None:
    """Print a row for each mode and number of streams."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modes", nargs="*", default=["silent", "terminate", "echo", "conf10"])
    parser.add_argument("--streams", default="4,50,100,500,1000", help="numbers of streams")
    parser.add_argument(
        "--seconds", type=float, default=6.0, help="seconds of each run (default %(default)s)"
    )
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(
        f"{'mode':10} {'streams':>7} {'us/stream/s':>11} {'answered':>8} {'lost':>6} {'late p50/p99 ms':>16} "
        "busy max ms"
    )
    for mode in options.modes:
        for streams in map(int, options.streams.split(",")):
            row = measure(mode, streams, options.seconds)
            late = f"{row['late_p50_ms']:.2f} / {row['late_p99_ms']:.2f}"
            print(
                f"{mode:10} {streams:7d} {row['us']:11.0f} {row['answered']:8.3f} {row['lost']:6d} "
                f"{late:>16} {row['busy_max_ms']:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
