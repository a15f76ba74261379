"""Runs a swarm: sets the hosts up, lets calls begin and things go wrong, and looks what is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import trio
from trio.testing import MockClock

from trio_runtime.testing.nat import NatConfig
from trio_runtime.testing.swarm.book import CallBook
from trio_runtime.testing.swarm.faults import run_faults
from trio_runtime.testing.swarm.host import SwarmHost
from trio_runtime.testing.swarm.plan import plan_calls, plan_faults
from trio_runtime.testing.swarm.result import Digest, SwarmResult
from trio_runtime.testing.swarm.verdict import ladder_of_the_worst, leaks_of, stuck_of
from trio_runtime.testing.wire import Wire

if TYPE_CHECKING:
    from trio_runtime.testing.swarm.config import SwarmConfig
    from trio_runtime.testing.swarm.plan import PlannedCall

__all__ = ["Progress", "run_swarm", "simulate_swarm"]

Progress: TypeAlias = Callable[[int, int, float], None]
"""Called with the calls that are over, those there are in all, and the virtual seconds so far."""

_PROGRESS_S = 5.0
_LAST_S = 200.0
"""Virtual seconds after which no call that should be over may be under way: the longest timers, twice."""


def simulate_swarm(config: SwarmConfig) -> SwarmResult:
    """Run a swarm in a loop of its own under a virtual clock and return what came out."""
    return trio.run(run_swarm, config, clock=MockClock(autojump_threshold=0))


async def run_swarm(config: SwarmConfig, on_progress: Progress | None = None) -> SwarmResult:
    """Run a swarm; call it under a virtual clock such as `trio.testing.MockClock`.

    Args:
        config: What it does.
        on_progress: Hears how far it is, every few virtual seconds.
    """
    swarm = _Swarm(config, on_progress or (lambda *_: None))
    return await swarm.run()


class _Swarm:
    def __init__(self, config: SwarmConfig, on_progress: Progress) -> None:
        self._config = config
        self._on_progress = on_progress
        self._digest = Digest()
        self._wire = Wire(config.seed, max_datagrams=config.keep_messages)
        self._wire.set_link("*", "*", config.conditions)
        self._wire.datagrams.taps.append(self._digest.take)
        self._wire.streams.tap = self._digest.take_segment
        self._book = CallBook()
        self._plan = plan_calls(config)
        self._hosts = [self._host(number) for number in range(config.hosts)]

    def _host(self, number: int) -> SwarmHost:
        place = f"{number // 250}.{number % 250 + 1}"
        realm, address = self._wire.public, f"10.0.{place}"
        if self._config.nat is not None and number % 2:
            box = NatConfig(public_host=f"10.1.{place}", kind=self._config.nat)
            realm, address = realm.private(nat=box), "192.168.1.2"
        return SwarmHost(number, address, realm, self._config, self._plan, self._book)

    async def run(self) -> SwarmResult:
        """Run it all and return what came out."""
        cpu, begun = time.process_time(), trio.current_time()
        async with self._wire:
            async with trio.open_nursery() as nursery:
                for host in self._hosts:
                    nursery.start_soon(host.live)
                    await host.opened.wait()
                async with trio.open_nursery() as troubles:
                    faults = plan_faults(self._config, self._plan[-1].at)
                    troubles.start_soon(run_faults, faults, self._hosts, self._wire)
                    await self._begin_calls()
                await self._wait_for_the_end()
                stuck = stuck_of(self._book, self._hosts)
                leaks = leaks_of(self._hosts)
                ladder = ladder_of_the_worst(self._book, self._hosts, self._wire) if stuck or leaks else ""
                nursery.cancel_scope.cancel()
            await trio.sleep(1)
            leaks += [f"open socket {host}:{port}" for host, port in self._wire.open_sockets]
        return SwarmResult(
            calls=self._config.calls,
            outcomes=dict(self._book.outcomes.most_common()),
            set_up_s=sorted(self._book.set_up_s),
            changes=self._book.changes,
            refused_changes=self._book.refused_changes,
            stuck=tuple(stuck),
            leaks=tuple(leaks),
            ladder=ladder,
            virtual_s=trio.current_time() - begun,
            cpu_s=time.process_time() - cpu,
            digest=self._digest.text(),
            wire=self._wire.statistics(),
        )

    async def _begin_calls(self) -> None:
        begun = trio.current_time()
        told = begun
        for planned in self._plan:
            await trio.sleep_until(begun + planned.at)
            self._begin(planned)
            if trio.current_time() >= told + _PROGRESS_S:
                told = trio.current_time()
                self._on_progress(self._book.over, self._config.calls, told - begun)

    def _begin(self, planned: PlannedCall) -> None:
        self._hosts[planned.caller].call(planned, self._hosts[planned.callee].uri)

    async def _wait_for_the_end(self) -> None:
        """Wait until all calls are over, and then until the last timers are."""
        longest = max(planned.at + planned.hold for planned in self._plan) - self._plan[-1].at
        with trio.move_on_after(longest + self._config.session_interval + _LAST_S):
            while self._book.over < self._config.calls:
                with trio.move_on_after(_PROGRESS_S):
                    await self._book.changed.park()
                self._on_progress(self._book.over, self._config.calls, trio.current_time())
        await trio.sleep(self._config.session_interval + _LAST_S)
