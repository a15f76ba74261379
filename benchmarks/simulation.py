"""What simulated time costs: an hour of held calls with session timers, the same with audio, and a swarm.

Run ``python -m benchmarks.simulation``; ``--calls`` and ``--hours`` set the first, ``--audio-seconds`` how
much of an hour with audio is measured, and ``--swarm`` the calls of the swarm.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import trio
from trio.testing import MockClock

from trio_runtime import IncomingCall
from trio_runtime.testing import NatKind, Simulation
from trio_runtime.testing.swarm import SwarmConfig, simulate_swarm

__all__ = ["hold_calls"]

_HOUR_S = 3_600.0
_SESSION_S = 1_800  # what RFC 4028 §4 recommends


async def _hold(calls: int, seconds: float, options: dict[str, Any]) -> int:
    """Hold calls between two phones, check that all live, and return how many datagrams were sent."""
    simulation = Simulation()
    wire = simulation.wire(1, max_datagrams=0)

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        await call.ended()

    async with (
        wire,
        simulation.phone(wire, "alice", "10.0.0.1", session_interval=_SESSION_S, **options) as alice,
        simulation.phone(wire, "bob", "10.0.0.2", session_interval=_SESSION_S, **options) as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, answer)
        held = [alice.start_call("sip:bob@10.0.0.2") for _ in range(calls)]
        for call in held:
            await call.answered()
        await trio.sleep(seconds)
        assert all(call.is_active for call in held), "a call ended by itself"
        for call in held:
            call.hang_up()
        for call in held:
            await call.ended()
        await simulation.settle()
        nursery.cancel_scope.cancel()
    simulation.assert_quiet()
    return wire.statistics().sent


def hold_calls(calls: int, seconds: float, *, media: bool) -> tuple[float, int]:
    """Return the CPU seconds that simulating held calls takes, and how many datagrams they sent.

    Args:
        calls: Calls at once.
        seconds: Virtual seconds.
        media: Whether audio flows both ways, 50 packets a second each.
    """
    options = {} if media else {"no_media": True}
    begun = time.process_time()
    datagrams = trio.run(_hold, calls, seconds, options, clock=MockClock(autojump_threshold=0))
    return time.process_time() - begun, datagrams


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--audio-seconds", type=float, default=20.0)
    parser.add_argument("--swarm", type=int, default=1_000)
    options = parser.parse_args()
    hold_calls(1, 1, media=True)  # loads what is loaded once
    seconds, calls = options.hours * _HOUR_S, options.calls
    cpu, datagrams = hold_calls(calls, seconds, media=False)
    print(f"{calls} calls held for {options.hours:g} h, session timers of {_SESSION_S} s, no audio:")
    print(f"  {cpu:8.2f} s of CPU, {datagrams} datagrams")
    print(f"with audio, of which {options.audio_seconds:g} s were simulated:")
    for number in (1, 10, calls):
        cpu, datagrams = hold_calls(number, options.audio_seconds, media=True)
        hour = cpu * _HOUR_S / options.audio_seconds
        print(f"  {number:5} calls {cpu:8.2f} s of CPU, {hour:8.0f} for an hour, {datagrams} datagrams")
    swarm = SwarmConfig(
        calls=options.swarm, hosts=100, rate=50, loss=0.05, nat=NatKind.SYMMETRIC, deaths=options.swarm // 100
    )
    result = simulate_swarm(swarm)
    print(f"swarm of {swarm.calls} calls, 5 % loss, symmetric NATs, {swarm.deaths} deaths:")
    virtual, sent = result.virtual_s, result.wire.sent
    print(f"  {result.cpu_s:8.2f} s of CPU, {virtual:.0f} virtual seconds, {sent} datagrams,")
    print(f"  {len(result.stuck)} stuck, {len(result.leaks)} left")


if __name__ == "__main__":
    main()
