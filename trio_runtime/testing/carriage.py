"""Carries datagrams: out through the gates, over a link, in through other gates, to a socket or nowhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from errno import ECONNREFUSED
from typing import TYPE_CHECKING, TypeAlias

import attrs
import trio

from trio_runtime.observe.trace import Trace, TraceEntry

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.testing.machines import Machine, Surroundings
    from trio_runtime.testing.paths import Paths
    from trio_runtime.testing.timetable import Timetable
    from trio_runtime.testing.wire_sockets import WireSocket

__all__ = ["Carriage", "WireStatistics"]

_Packet: TypeAlias = "tuple[Surroundings, WireSocket, Address, Address, bytes]"
"""Network that it is carried in, sending socket, source as it is seen there, destination, octets."""

_NONE: list[float] = []


@attrs.define
class WireStatistics:
    """What became of the datagrams.

    Attributes:
        sent: Datagrams that living hosts sent.
        delivered: Those that came into a socket, copies included.
        lost: Those that chance lost, or a full queue had no room for, or the test's own rule took.
        cut: Those that a partition stopped.
        refused: Those that a NAT or a firewall did not let pass.
        dead: Those that came to a dead host, or were sent by one.
        unheard: Those for which there was no socket.
    """

    sent: int = 0
    delivered: int = 0
    lost: int = 0
    cut: int = 0
    refused: int = 0
    dead: int = 0
    unheard: int = 0


class Carriage:
    """The way of every datagram.

    Args:
        timetable: Where arrivals are put down.
        paths: The links.
        loss_for: Loses the datagrams for which it returns True.
        icmp: Whether a closed port is reported to the sender.
        max_datagrams: How many the two logs keep.

    Attributes:
        trace: The datagrams of signalling sockets with their fate.
        datagrams: All datagrams, as they were sent.
        counters: What became of them.
    """

    def __init__(
        self,
        timetable: Timetable,
        paths: Paths,
        *,
        loss_for: Callable[[TraceEntry], bool] | None,
        icmp: bool,
        max_datagrams: int,
    ) -> None:
        self.trace = Trace(max_datagrams)
        self.datagrams = Trace(max_datagrams)
        self.counters = WireStatistics()
        self._timetable = timetable
        self._at = timetable.at
        self._paths = paths
        self._loss_for = loss_for
        self._icmp = icmp

    def forward(self, machine: Machine, socket: WireSocket, data: bytes, destination: Address) -> None:
        """Take one datagram over (called by the hosts)."""
        counters = self.counters
        if not machine.alive:
            counters.dead += 1
            return
        counters.sent += 1
        now, source, is_media = trio.current_time(), socket.source, socket.is_media
        realm: Surroundings = machine.realm
        arrivals = _NONE
        way = realm.leave(now, "udp", source, destination)
        if way is None:
            counters.refused += 1
        else:
            realm, source = way
            arrivals = self._arrivals(machine, source, destination, len(data), now, is_media)
            # The link has drawn all the same: the fates of the others stay as they were.
            if self._loss_for is not None and self._loss_for(TraceEntry(now, source, destination, data)):
                counters.lost += bool(arrivals)
                arrivals = _NONE
        # As it is seen outside of the sender's NAT: that is where the two ends have different addresses.
        self.datagrams.record(now, source, destination, data, lost=not arrivals)
        if not is_media:
            self.trace.record(now, source, destination, data, lost=not arrivals)
        if arrivals:
            packet: _Packet = (realm, socket, source, destination, data)
            for arrival in arrivals:
                self._at(arrival, self._arrive, packet)

    def _arrivals(
        self, machine: Machine, source: Address, destination: Address, size: int, now: float, is_media: bool
    ) -> list[float]:
        sender, receiver = source[0], destination[0]
        if self._paths.is_cut(sender, receiver):
            self.counters.cut += 1
            return []
        link = self._paths.link("rtp" if is_media else "sip", machine.origin, sender, receiver)
        arrivals = link.arrivals(now, size)
        if not arrivals:
            self.counters.lost += 1
        return arrivals

    def _arrive(self, packet: _Packet) -> None:
        realm, socket, source, destination, data = packet
        way = realm.enter(self._timetable.now, "udp", source, destination)
        if way is None:
            self.counters.refused += 1
            return
        realm, inside = way
        machine = realm.hosts.get(inside[0])
        if machine is not None and not machine.alive:
            self.counters.dead += 1
            return
        receiver = None if machine is None else machine.sockets.get(inside[1])
        if receiver is not None:
            self.counters.delivered += 1
            receiver.deliver(data, source)
            return
        self.counters.unheard += 1
        if self._icmp and not socket.closed:
            delay = self._paths.link("sip", inside[0], inside[0], source[0]).least_delay
            self._at(self._timetable.now + delay, self._report, (socket, destination))

    def _report(self, failed: tuple[WireSocket, Address]) -> None:
        socket, destination = failed
        socket.report(destination, os.strerror(ECONNREFUSED))
