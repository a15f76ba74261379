"""Connections of the simulated network: loss is delay, a cut is silence, and a new life resets."""

from __future__ import annotations

import os
from collections.abc import Callable
from errno import ECONNREFUSED, ETIMEDOUT
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.stream_ports import Connection
from trio_runtime.testing.ways import StreamWay
from trio_runtime.testing.wire_listener import WireStreamListener
from trio_runtime.testing.wire_pipe import RESET, Pipe
from trio_runtime.testing.wire_stream import WireStream

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.testing.machines import Machine
    from trio_runtime.testing.paths import Paths
    from trio_runtime.testing.timetable import Timetable

__all__ = ["WireStreams"]

_SYN_TIMEOUTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds that a knock waits for its answer, and then the next."""
_HANDSHAKE_OCTETS = 32


class WireStreams:
    """The connections between all hosts of a wire.

    Attributes:
        opened: Connections that were opened so far.
        held: Hosts that get nothing for now: what is sent to them waits, and so does who sends it.
        give_up: Seconds of silence after which who sends finds its connection broken.
        tap: Called with each piece that is sent: its time, sender, receiver and octets; or None.
    """

    def __init__(self, timetable: Timetable, paths: Paths) -> None:
        self.opened = 0
        self.held: set[str] = set()
        self.give_up = 120.0
        self.tap: Callable[[float, Address, Address, bytes], None] | None = None
        self._released = trio.lowlevel.ParkingLot()
        self._streams: dict[WireStream, None] = {}
        self._timetable = timetable
        self._paths = paths

    def __len__(self) -> int:
        """Return how many ends are open."""
        return len(self._streams)

    def listen(self, machine: Machine, port: int) -> WireStreamListener:
        """Open a listener."""
        listener = WireStreamListener((machine.host, port), machine.listeners)
        machine.listeners[port] = listener
        return listener

    async def connect(self, machine: Machine, destination: Address) -> Connection:
        """Connect from a host.

        Raises:
            OSError: Nobody listens, or nothing answers for a minute.
        """
        await trio.lowlevel.checkpoint()
        there = StreamWay(self._paths, machine, (machine.host, machine.fresh_stream_port()), destination)
        for timeout in _SYN_TIMEOUTS:
            started = trio.current_time()
            found = there.find(started)
            arrival = None if found is None else there.link.segment_arrival(started, _HANDSHAKE_OCTETS)
            if found is not None and arrival is not None and arrival - started <= timeout:
                await trio.sleep_until(arrival)
                connection = await self._knock(there, *found)
                if connection is not None:
                    return connection
            await trio.sleep_until(started + timeout)
        raise OSError(ETIMEDOUT, os.strerror(ETIMEDOUT))

    async def _knock(self, there: StreamWay, machine: Machine, inside: Address) -> Connection | None:
        """Ask who listens; None when nothing answers."""
        seen = there.seen or there.source
        back = StreamWay(self._paths, machine, inside, seen, receiver=there.sender)
        now = trio.current_time()
        answer = None if back.find(now) is None else back.link.segment_arrival(now, _HANDSHAKE_OCTETS)
        if answer is None:
            return None
        listener = machine.listeners.get(inside[1])
        if listener is None:
            await trio.sleep_until(answer)
            raise OSError(ECONNREFUSED, os.strerror(ECONNREFUSED))
        there.receiver = machine
        ours, theirs = self._pair(there, back)
        try:
            listener.offer(Connection(theirs, inside, seen), theirs)
            await trio.sleep_until(answer)
        except trio.WouldBlock:  # so many wait to be taken that the kernel lets a new one knock again
            self._forget(ours)
            self._forget(theirs)
            return None
        except trio.Cancelled:
            ours.close()
            raise
        self.opened += 1
        return Connection(ours, there.source, there.destination)

    def _pair(self, there: StreamWay, back: StreamWay) -> tuple[WireStream, WireStream]:
        out = Pipe(
            there,
            self._timetable,
            self.give_up,
            on_break=lambda cause: ours.break_(cause),
            on_reset=lambda: theirs.break_(RESET),
            tap=self.tap,
        )
        home = Pipe(
            back,
            self._timetable,
            self.give_up,
            on_break=lambda cause: theirs.break_(cause),
            on_reset=lambda: ours.break_(RESET),
            tap=self.tap,
        )
        ours = WireStream(out, home, lambda: self._gate(there), self._forget)
        theirs = WireStream(home, out, lambda: self._gate(back), self._forget)
        self._streams[ours] = self._streams[theirs] = None
        return ours, theirs

    def _gate(self, way: StreamWay) -> trio.lowlevel.ParkingLot | None:
        """Return what a sender has to wait for while its receiver is held."""
        held = way.receiver is not None and way.receiver.host in self.held
        return self._released if held else None

    def _forget(self, stream: WireStream) -> None:
        self._streams.pop(stream, None)

    def release(self) -> None:
        """Let every host have what waits for it."""
        self.held.clear()
        self._released.unpark_all()

    async def cut(self) -> None:
        """End every connection that is open."""
        for stream in list(self._streams):
            stream.close()
        await trio.lowlevel.checkpoint()
