"""CPU per call of a stateful proxy between two SIPp, ours beside Kamailio, one after the other in each round.

Run ``python -m benchmarks.proxy_load``. A call is INVITE, 180, 200, ACK, BYE, 200: each in, and out again.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import cpu_us, reference_loop
from benchmarks.processes import cpu_seconds, free_port, pin, running
from benchmarks.sipp import run_uac

_PEERS = Path(__file__).parent / "peers"
_WARM_UP = 200  # calls before the count begins: imports, caches, first allocations


@contextmanager
def answerer(port: int, folder: Path) -> Iterator[None]:
    """Run SIPp as the called side while the block lasts; the load's CPU is its own as well."""
    command = ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-buff_size", "4194304"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        pin(process.pid, last=True)
        yield
    finally:
        process.kill()
        process.wait()


def commands(port: int, server: int, folder: Path) -> dict[str, list[str]]:
    """Return the command line of each proxy that this machine has."""
    found = {"ours": [sys.executable, str(_PEERS / "own_proxy.py"), str(port), str(server)]}
    if shutil.which("kamailio") is not None:
        config = folder / "kamailio.cfg"
        config.write_text((_PEERS / "kamailio_proxy.cfg").read_text().replace("SERVER", str(server)))
        # -x fm -X fm: its default allocator is up to three times slower.
        memory = ["-x", "fm", "-X", "fm", "-m", "512", "-M", "32"]
        found["Kamailio"] = [
            "kamailio",
            "-DD",
            "-E",
            *memory,
            "-l",
            f"udp:127.0.0.1:{port}",
            "-f",
            str(config),
        ]
    return found


def measure(name: str, rate: int, seconds: float, folder: Path) -> float | None:
    """Print what one proxy does under one load; return its CPU µs per call, None if that says nothing."""
    port, server, calls = free_port(), free_port(), int(rate * seconds)
    command = commands(port, server, folder)[name]
    with answerer(server, folder), running(command, port, folder / "proxy.log") as pid:
        run_uac(port, rate=100, calls=_WARM_UP)
        before = cpu_seconds(pid)
        result = run_uac(port, rate=rate, calls=calls)
        spent = cpu_seconds(pid) - before
    cost = spent / max(result.ok, 1) * 1e6
    disturbed = result.failed or result.retransmissions > calls // 50
    print(
        f"{rate:6}/s  {name:10} {cost:7.1f} µs/call  {spent / result.seconds:5.0%} of a core  ok {result.ok}"
        f"  failed {result.failed}  repeated {result.retransmissions}"
        f"{'  (does not count)' if disturbed else ''}",
        flush=True,
    )
    return None if disturbed else cost


def main() -> None:
    """Run each proxy at each rate, and print the ratios of the best rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", default="200,500", help="calls per second, separated by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of one run")
    parser.add_argument("--rounds", type=int, default=1, help="how often everything is run; the best counts")
    arguments = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    costs: dict[tuple[int, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(arguments.rounds):
            print(f"reference loop {cpu_us(reference_loop):.0f} µs")
            for rate in [int(text) for text in arguments.rates.split(",")]:
                for proxy in commands(0, 0, folder):
                    cost = measure(proxy, rate, arguments.seconds, folder)
                    if cost is not None:
                        costs[rate, proxy].append(cost)
    for rate in sorted({rate for rate, _ in costs}):
        best = {proxy: min(values) for (at, proxy), values in costs.items() if at == rate}
        ratio = f"{best['ours'] / best['Kamailio']:.1f}x Kamailio" if len(best) == 2 else ""
        print(f"best at {rate}/s: {', '.join(f'{p} {c:.0f} µs/call' for p, c in best.items())}  {ratio}")


if __name__ == "__main__":
    main()
