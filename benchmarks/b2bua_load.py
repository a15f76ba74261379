"""CPU per call of our back-to-back user agent between two SIPp, one kind of media after the other a round.

Run ``python -m benchmarks.b2bua_load``. A call is two: INVITE, 180, 200, ACK, BYE, 200 on either side. With
``anchor`` each takes two media ports, on which nothing is sent; ``signalling`` is the same without ports
(`no_media`); ``pass`` lets the descriptions of the two SIPp pass.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.measure import cpu_us, reference_loop
from benchmarks.processes import cpu_seconds, free_port, running
from benchmarks.proxy_load import answerer
from benchmarks.sipp import run_uac

_PEER = Path(__file__).parent / "peers" / "own_b2bua.py"
_MODES = ("anchor", "signalling", "pass")
_WARM_UP = 200  # calls before the count begins: imports, caches, first allocations


def measure(mode: str, rate: int, seconds: float, folder: Path) -> float | None:
    """Print what one kind does under one load; return its CPU µs per call, None if that says nothing."""
    port, server, calls = free_port(), free_port(), int(rate * seconds)
    command = [sys.executable, str(_PEER), str(port), str(server), mode]
    with answerer(server, folder), running(command, port, folder / "b2bua.log") as pid:
        run_uac(port, rate=50, calls=_WARM_UP)
        before = cpu_seconds(pid)
        result = run_uac(port, rate=rate, calls=calls)
        spent = cpu_seconds(pid) - before
    cost = spent / max(result.ok, 1) * 1e6
    disturbed = result.failed or result.retransmissions > calls // 50
    print(
        f"{rate:6}/s  {mode:10} {cost:7.1f} µs/call  {spent / result.seconds:5.0%} of a core  ok {result.ok}"
        f"  failed {result.failed}  repeated {result.retransmissions}"
        f"{'  (does not count)' if disturbed else ''}",
        flush=True,
    )
    return None if disturbed else cost


def main() -> None:
    """Run each kind at each rate, and print the best rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", default="50,100", help="calls per second, separated by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of one run")
    parser.add_argument("--rounds", type=int, default=1, help="how often everything is run; the best counts")
    arguments = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    costs: dict[tuple[int, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        for _ in range(arguments.rounds):
            print(f"reference loop {cpu_us(reference_loop):.0f} µs")
            for rate in [int(text) for text in arguments.rates.split(",")]:
                for mode in _MODES:
                    cost = measure(mode, rate, arguments.seconds, Path(name))
                    if cost is not None:
                        costs[rate, mode].append(cost)
    for rate in sorted({rate for rate, _ in costs}):
        best = {mode: min(values) for (at, mode), values in costs.items() if at == rate}
        print(f"best at {rate}/s: {', '.join(f'{mode} {cost:.0f} µs/call' for mode, cost in best.items())}")


if __name__ == "__main__":
    main()
