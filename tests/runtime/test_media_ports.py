from __future__ import annotations

import errno
import os
from collections.abc import Sequence

import pytest
import trio

from trio_runtime.base import Address, NetworkError, PortsExhaustedError
from trio_runtime.base.ports import MediaArrival, MediaSocket
from trio_runtime.media.ports import PortAllocator


class Clock:
    time = 100.0

    def now(self) -> float:
        return self.time

    async def sleep_until(self, deadline: float) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class Socket:
    def __init__(self, io: Sockets, port: int) -> None:
        self.local_address: Address = ("0.0.0.0", port)
        self._io = io

    peer: Address | None = None

    def connect(self, peer: Address | None) -> bool:
        return False

    def transmit(self, data: memoryview) -> bool:
        return False

    def send(self, data: bytes, destination: Address) -> bool:
        return True

    def close(self) -> None:
        self._io.open_ports.discard(self.local_address[1])


class Sockets:
    """A host on which some ports are taken."""

    timed = False

    def __init__(self, taken: set[int] = frozenset(), failure: int = errno.EADDRINUSE) -> None:  # type: ignore[assignment]
        self.taken = set(taken)
        self.failure = failure
        self.open_ports: set[int] = set()

    def open(self, host: str, port: int) -> Socket:
        if port in self.taken or port in self.open_ports:
            raise OSError(self.failure, os.strerror(self.failure))
        self.open_ports.add(port)
        return Socket(self, port)

    def receive(self, rows: Sequence[memoryview]) -> list[MediaArrival]:
        return []

    def receive_late(self, rows: Sequence[memoryview]) -> tuple[list[MediaArrival], list[float]]:
        return [], []

    async def wait_readable(self) -> None:
        await trio.lowlevel.checkpoint()

    def adopt(self, socket: MediaSocket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.open_ports.clear()


def test_ports_are_even_in_order_with_the_odd_one_above() -> None:
    """MED-4."""
    io, allocator = Sockets(), PortAllocator((10_001, 10_009), Clock())
    pairs = [allocator.open(io, "0.0.0.0") for _ in range(4)]
    assert [pair.port for pair in pairs] == [10_002, 10_004, 10_006, 10_008]
    assert [pair.rtcp.local_address[1] for pair in pairs] == [10_003, 10_005, 10_007, 10_009]
    assert (allocator.in_use, allocator.available) == (4, 0)


def test_used_ports_rest_and_come_back_last() -> None:
    """MED-4."""
    clock = Clock()
    io, allocator = Sockets(), PortAllocator((20_000, 20_005), clock, quarantine_s=2)
    first = allocator.open(io, "0.0.0.0")
    allocator.release(first)
    allocator.release(first)
    assert io.open_ports == set()
    assert (allocator.in_use, allocator.available) == (0, 2)
    assert [allocator.open(io, "0.0.0.0").port for _ in range(2)] == [20_002, 20_004]
    clock.time += 1.9
    with pytest.raises(PortsExhaustedError, match="20000-20005: 2 in use, 1 resting"):
        allocator.open(io, "0.0.0.0")
    clock.time += 0.1
    assert allocator.open(io, "0.0.0.0").port == 20_000


@pytest.mark.parametrize("taken", [20_000, 20_001])
def test_ports_of_other_programs_are_passed_over_and_tried_again(taken: int) -> None:
    """MED-4."""
    clock = Clock()
    io, allocator = Sockets({taken}), PortAllocator((20_000, 20_003), clock, quarantine_s=2)
    assert allocator.open(io, "0.0.0.0").port == 20_002
    assert io.open_ports == {20_002, 20_003}, "the half that could be bound is given back"
    with pytest.raises(PortsExhaustedError):
        allocator.open(io, "0.0.0.0")
    io.taken.clear()
    clock.time += 2
    assert allocator.open(io, "0.0.0.0").port == 20_000


def test_another_failure_of_the_system_is_told_and_costs_no_port() -> None:
    """MED-4."""
    io, allocator = Sockets({20_000}, errno.EADDRNOTAVAIL), PortAllocator((20_000, 20_003), Clock())
    with pytest.raises(NetworkError, match=r"cannot open media port 20000 on 1\.2\.3\.4: .+"):
        allocator.open(io, "1.2.3.4")
    io.taken.clear()
    assert allocator.open(io, "0.0.0.0").port == 20_000
