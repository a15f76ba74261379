"""CPU per call of a whole UAS under SIPp, ours beside sippy and Kamailio, one after the other in each round.

Run ``python -m benchmarks.uas_load``.
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
from benchmarks.servers import Server, all_servers
from benchmarks.sipp import run_uac

_WARM_UP = 200  # calls before the count begins: imports, caches, first allocations

Costs = dict[tuple[int, str], list[float]]


def measure(
    server: Server, rate: int, seconds: float, *, long: bool, transport: str, log: Path
) -> float | None:
    """Print what one server does under one load; return its CPU µs per call, None if that says nothing."""
    port, calls = free_port(), int(rate * seconds)
    with running(server.command(port), port, log) as pid:
        run_uac(port, rate=100, calls=_WARM_UP, long=long, transport=transport)
        before = cpu_seconds(pid)
        result = run_uac(port, rate=rate, calls=calls, long=long, transport=transport)
        spent = cpu_seconds(pid) - before
    cost = spent / max(result.ok, 1) * 1e6
    # Who is starved of CPU by other programs answers late and gets everything again.
    disturbed = result.failed or result.retransmissions > calls // 50
    print(
        f"{rate:6}/s  {server.name:24} {cost:7.1f} µs/call  {spent / result.seconds:5.0%} of a core"
        f"  ok {result.ok}  failed {result.failed}  repeated {result.retransmissions}"
        f"{'  (does not count)' if disturbed else ''}",
        flush=True,
    )
    return None if disturbed else cost


def summarise(costs: Costs) -> None:
    """Print the least cost of each server over the rounds, as a ratio to ours."""
    for rate in sorted({rate for rate, _ in costs}):
        best = {name: min(values) for (at, name), values in costs.items() if at == rate}
        print(f"\nbest at {rate} calls/s")
        for name, cost in best.items():
            ratios = "  ".join(f"{cost / other:5.2f}x {peer}" for peer, other in best.items() if peer != name)
            print(f"  {name:24} {cost:7.1f} µs/call   {ratios if name.startswith('ours') else ''}")


def main() -> None:
    """Run all servers at all rates and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", default="500,2000", help="calls per second, separated by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of one run")
    parser.add_argument("--rounds", type=int, default=1, help="how often everything is run; the best counts")
    parser.add_argument("--long", action="store_true", help="send the INVITE of about 900 octets")
    parser.add_argument(
        "--transport",
        default="u1",
        choices=("u1", "t1", "tn"),
        help="as SIPp names it: UDP, all calls by one TCP connection, or one a call",
    )
    parser.add_argument("--only", default="", help="run the servers whose name holds this")
    parser.add_argument("--sippy-python", default=sys.executable, help="a Python that has sippy")
    arguments = parser.parse_args()
    if shutil.which("sipp") is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    found = all_servers(arguments.sippy_python, tcp=arguments.transport != "u1")
    servers = [server for server in found if arguments.only in server.name]
    for server in servers:
        if server.missing:
            print(f"{server.name}: left out, {server.missing}")
    costs: Costs = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            print(f"reference loop {cpu_us(reference_loop):.0f} µs")
            for rate in [int(text) for text in arguments.rates.split(",")]:
                for server in servers:
                    if server.missing or rate > server.max_rate:
                        continue
                    log = Path(folder) / "server.log"
                    cost = measure(
                        server,
                        rate,
                        arguments.seconds,
                        long=arguments.long,
                        transport=arguments.transport,
                        log=log,
                    )
                    if cost is not None:
                        costs[rate, server.name].append(cost)
    summarise(costs)


if __name__ == "__main__":
    main()
