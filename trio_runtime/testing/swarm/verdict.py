"""What is stuck and what is left when a swarm should be quiet (SIM-2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trio_runtime.observe.ladder import render_ladder

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.session import Call
    from trio_runtime.testing.swarm.book import CallBook
    from trio_runtime.testing.swarm.host import SwarmHost
    from trio_runtime.testing.wire import Wire

__all__ = ["ladder_of_the_worst", "leaks_of", "stuck_of"]

_MAX_SHOWN = 60


def stuck_of(book: CallBook, hosts: Sequence[SwarmHost]) -> list[str]:
    """Return the calls that are not over on either side, in words."""
    stuck = [f"call {number} for its caller: {call!r}" for number, call in book.under_way.items()]
    called = set(book.under_way.values())
    for host in hosts:
        sessions = host.phone.list_active_sessions() if host.phone else []
        stuck += [f"host {host.number}: {call!r}" for call in sessions if call not in called]
    return stuck


def leaks_of(hosts: Sequence[SwarmHost]) -> list[str]:
    """Return what the phones still hold, in words."""
    return [f"host {host.number}: {what}" for host in hosts if host.phone for what in host.phone.leftovers()]


def ladder_of_the_worst(book: CallBook, hosts: Sequence[SwarmHost], wire: Wire) -> str:
    """Return the signalling of a call that is stuck, or else the last of all."""
    calls: list[Call] = list(book.under_way.values())
    for host in hosts:
        calls += host.phone.list_active_sessions() if host.phone else []
    entries = wire.trace.for_call(calls[0].sip_call_id) if calls else list(wire.trace)[-_MAX_SHOWN:]
    return render_ladder(entries, _names_of(hosts))


def _names_of(hosts: Sequence[SwarmHost]) -> dict[Address, str]:
    """Return the hosts' names by their addresses."""
    return {(host.address, 5060): f"h{host.number}" for host in hosts}
