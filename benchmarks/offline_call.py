"""The core's share of a call: a whole UAS call through the agent, without sockets, tasks or a clock.

Run ``python -m benchmarks.offline_call``.
"""

from __future__ import annotations

import argparse
import gc
import time

from benchmarks.measure import collector, cpu_us, parse_as_mail, reference_loop
from benchmarks.offline import Script, expire, make_agent, play, write_script
from benchmarks.traffic import INVITES, Caller

__all__ = ["call_us"]


def call_us(script: Script, calls: int, repeats: int) -> tuple[float, float]:
    """Return the CPU µs of a call until its BYE is answered, and those that its timers add later."""
    talk: list[float] = []
    rest: list[float] = []
    for _ in range(repeats):
        agent = make_agent()
        gc.collect()
        start = time.process_time()
        play(agent, script)
        talked = time.process_time()
        expire(agent)
        talk.append(talked - start)
        rest.append(time.process_time() - talked)
        left = agent.statistics()
        if left.calls or left.transactions or left.calls_in != calls:
            raise SystemExit(f"the calls did not all end: {left}")
    return min(talk) / calls * 1e6, min(rest) / calls * 1e6


def main() -> None:
    """Print one line for each kind of caller and each setting of the garbage collector."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5_000, help="calls in one run")
    parser.add_argument("--repeats", type=int, default=5, help="runs, of which the best counts")
    arguments = parser.parse_args()
    loop = cpu_us(reference_loop)
    print(f"reference loop {loop:.0f} µs")
    for kind in INVITES:
        invite = Caller(kind).invite(1)
        mail = cpu_us(lambda message=invite: parse_as_mail(message))  # type: ignore[misc]
        script = write_script(Caller(kind), arguments.calls)
        print(f"\n{kind} INVITE, {len(invite)} octets; email parses it in {mail:.1f} µs")
        for name in ("default", "tuned", "off"):
            with collector(name):
                talk, rest = call_us(script, arguments.calls, arguments.repeats)
            print(
                f"  collector {name:8} {talk:6.1f} µs/call + {rest:4.1f} for its timers;"
                f" {1e6 / talk:6.0f} calls/s; {talk / loop:5.3f} of the loop, {talk / mail:4.2f} times email"
            )


if __name__ == "__main__":
    main()
