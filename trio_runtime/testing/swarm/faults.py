"""Lets things go wrong at their time, and be right again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import trio

from trio_runtime.testing.swarm.plan import Fault, FaultKind

if TYPE_CHECKING:
    from trio_runtime.testing.swarm.host import SwarmHost
    from trio_runtime.testing.wire import Wire

__all__ = ["run_faults"]


async def run_faults(faults: Sequence[Fault], hosts: Sequence[SwarmHost], wire: Wire) -> None:
    """Let every fault happen and end."""
    begun = trio.current_time()
    async with trio.open_nursery() as nursery:
        for fault in faults:
            nursery.start_soon(_run, fault, begun, hosts, wire)


async def _run(fault: Fault, begun: float, hosts: Sequence[SwarmHost], wire: Wire) -> None:
    await trio.sleep_until(begun + fault.at)
    if fault.kind is FaultKind.PARTITION:
        part = {hosts[number].visible_address for number in fault.hosts}
        partition = wire.partition(part, {host.visible_address for host in hosts} - part)
        await trio.sleep(fault.duration)
        wire.heal(partition)
        return
    (host,) = [hosts[number] for number in fault.hosts]
    host.realm.kill(host.address)
    await trio.sleep(fault.duration)
    if fault.kind is FaultKind.RESTART:
        host.restart()
    else:
        host.realm.revive(host.address)
