"""One end of a simulated connection, as Trio wants a stream to be."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from trio_runtime.testing.wire_pipe import Pipe

__all__ = ["WireStream"]


class _OneAtATime:
    """Raises `trio.BusyResourceError` when a second task enters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._taken = False

    def __enter__(self) -> None:
        if self._taken:
            raise trio.BusyResourceError(self._text)
        self._taken = True

    def __exit__(self, *_: object) -> None:
        self._taken = False


class WireStream(trio.abc.Stream):
    """What a program holds of a connection.

    Args:
        outgoing: What it sends into.
        incoming: What it reads from.
        gate: Waited for before anything is sent.
        on_close: Called once when it is closed.
    """

    def __init__(
        self,
        outgoing: Pipe,
        incoming: Pipe,
        gate: Callable[[], trio.lowlevel.ParkingLot | None],
        on_close: Callable[[WireStream], None],
    ) -> None:
        self._outgoing = outgoing
        self._incoming = incoming
        self._gate = gate
        self._on_close = on_close
        self._closed = False
        self._broken = ""
        self._sending = _OneAtATime("another task is sending already")
        self._reading = _OneAtATime("another task is reading already")

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send octets; returns when the window has room for them, which says nothing of the far end."""
        with self._sending:
            self._check()
            await trio.lowlevel.checkpoint()
            rest = memoryview(bytes(data))
            while rest:
                await self._wait_for_room()
                room = self._outgoing.room
                self._outgoing.push(bytes(rest[:room]))
                rest = rest[room:]

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until there is room for some octets."""
        with self._sending:
            self._check()
            await trio.lowlevel.checkpoint()
            await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        self._check()
        while (gate := self._gate()) is not None:
            await gate.park()
            self._check()
        while not self._outgoing.room:
            await self._outgoing.changed.park()
            self._check()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Wait for octets; none are the end of the stream."""
        if max_bytes is not None and operator.index(max_bytes) < 1:
            raise ValueError("max_bytes must be at least 1")
        with self._reading:
            self._check()
            await trio.lowlevel.checkpoint()
            incoming = self._incoming
            while not incoming.arrived and not incoming.ended:
                self._check()
                await incoming.changed.park()
            self._check()
            data = bytes(incoming.arrived[:max_bytes])
            del incoming.arrived[:max_bytes]
            incoming.changed.unpark_all()
            return data

    def _check(self) -> None:
        if self._closed:
            raise trio.ClosedResourceError("this end was closed")
        if self._broken:
            raise trio.BrokenResourceError(self._broken)

    def break_(self, cause: str) -> None:
        """Let the connection be broken for this end."""
        self._broken = self._broken or cause
        self._outgoing.stop()
        self._incoming.changed.unpark_all()

    async def aclose(self) -> None:
        """Close this end: the far end reads what is under way, and then the end of the stream.

        Where something has come that was not read, the far end gets a reset.
        """
        self.close()
        await trio.lowlevel.checkpoint()

    def close(self) -> None:
        """Close at once."""
        if self._closed:
            return
        self._closed = True
        self._incoming.deaf = True
        if self._incoming.arrived:
            self._outgoing.reset()  # as a kernel does when nobody reads what has come
        elif not self._broken:
            self._outgoing.push(b"")
        self._outgoing.changed.unpark_all()
        self._incoming.changed.unpark_all()
        self._on_close(self)
