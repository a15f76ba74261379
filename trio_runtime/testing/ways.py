"""The way of one direction of a connection, through gates and cuts, as it is at this moment."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.testing.link import Link
    from trio_runtime.testing.machines import Machine
    from trio_runtime.testing.paths import Paths

__all__ = ["StreamWay", "WayState"]


class WayState(Enum):
    """What a segment meets."""

    OPEN = "open"
    SILENT = "silent"
    RESET = "reset"


@attrs.define
class StreamWay:
    """One direction of a connection.

    Attributes:
        paths: The links.
        sender: Life of the host that sends.
        receiver: Life of the host that the connection was made with, None before it is made.
        source: The sender's address as it knows it.
        destination: The address that it sends to.
        seen: Its address as the receiver sees it, once something has gone out.
    """

    paths: Paths
    sender: Machine
    source: Address
    destination: Address
    receiver: Machine | None = None
    seen: Address | None = None

    @property
    def link(self) -> Link:
        """What its segments travel by."""
        seen = self.seen or self.source
        return self.paths.link("tcp", self.sender.origin, seen[0], self.destination[0])

    def find(self, now: float) -> tuple[Machine, Address] | None:
        """Go the way: return whose machine is at its end and the address there, None when all is silent."""
        if not self.sender.alive:
            return None
        out = self.sender.realm.leave(now, "tcp", self.source, self.destination)
        if out is None or self.paths.is_cut(out[1][0], self.destination[0]):
            return None
        realm, seen = out
        if self.seen is not None and seen != self.seen:
            return None  # the NAT has forgotten the connection; its new mapping is none that the peer knows
        self.seen = seen
        inside = realm.enter(now, "tcp", seen, self.destination)
        if inside is None:
            return None
        realm, address = inside
        machine = realm.hosts.get(address[0])
        return None if machine is None or not machine.alive else (machine, address)

    def state(self, now: float) -> WayState:
        """Return what a segment meets that is sent now."""
        found = self.find(now)
        if found is None:
            return WayState.SILENT
        return WayState.OPEN if found[0] is self.receiver else WayState.RESET
