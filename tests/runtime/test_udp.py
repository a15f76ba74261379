from __future__ import annotations

import logging
import socket
import sys
from collections.abc import AsyncIterator

import pytest
import trio

from trio_runtime.base import NetworkError, PortInUseError, ResolutionError
from trio_runtime.media.sockets import KernelMediaIO
from trio_runtime.transport import KernelDatagramSocket, KernelNetwork

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which destination failed")
HOSTS = ["127.0.0.1"]
try:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
    HOSTS.append("::1")
except OSError:
    pass

network = KernelNetwork(open_media=KernelMediaIO)


async def open_socket(host: str = "127.0.0.1", port: int = 0) -> KernelDatagramSocket:
    return await network.open_datagram(host, port, receive_buffer=64 * 1024)


@pytest.fixture
async def pair() -> AsyncIterator[tuple[KernelDatagramSocket, KernelDatagramSocket]]:
    a, b = await open_socket(), await open_socket()
    yield a, b
    a.close()
    b.close()


def unused_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@pytest.mark.parametrize("host", HOSTS)
async def test_datagrams_arrive_with_their_source_and_drain_to_none(host: str) -> None:
    """TRN-1, TRN-7."""
    a, b = await open_socket(host), await open_socket(host)
    try:
        assert a.local_address[0] == host
        assert a.local_address[1] > 0
        assert b.receive() is None
        assert a.send(b"one", b.local_address)
        assert a.send(b"two", b.local_address)
        with trio.fail_after(5):
            await b.wait_readable()
        assert b.receive() == (b"one", a.local_address)
        assert b.receive() == (b"two", a.local_address)
        assert b.receive() is None
        assert a.statistics().sent == b.statistics().received == 2
    finally:
        a.close()
        b.close()


async def test_the_largest_datagram_passes_and_a_larger_one_is_an_error_value(
    pair: tuple[KernelDatagramSocket, KernelDatagramSocket],
) -> None:
    """TRN-1."""
    a, b = pair
    assert a.send(bytes(65_507), b.local_address)
    with trio.fail_after(5):
        await b.wait_readable()
    assert b.receive() == (bytes(65_507), a.local_address)
    assert not a.send(bytes(65_508), b.local_address)
    failed = a.next_error()
    assert failed is not None
    assert failed[0] == b.local_address
    assert a.next_error() is None
    assert (a.statistics().dropped, a.statistics().errors) == (1, 1)


@pytest.mark.parametrize(
    "destination", [("127.0.0.1", 70_000), ("127.0.0.1", 0), ("a\0b", 5060), ("::1", 5060)]
)
async def test_an_impossible_destination_is_an_error_value(
    pair: tuple[KernelDatagramSocket, KernelDatagramSocket], destination: tuple[str, int]
) -> None:
    """TRN-1, TRN-10."""
    a, b = pair
    assert not a.send(b"x", destination)
    failed = a.next_error()
    assert failed is not None
    assert failed[0] == destination
    assert a.send(b"x", b.local_address)


@linux
async def test_a_closed_port_is_reported_for_its_own_destination(
    pair: tuple[KernelDatagramSocket, KernelDatagramSocket],
) -> None:
    """TRN-10."""
    a, _ = pair
    closed = ("127.0.0.1", unused_port())
    assert a.send(b"x", closed)
    with trio.fail_after(5):
        await a.wait_readable()
    assert a.receive() is None
    assert a.next_error() == (closed, "Connection refused")
    assert a.next_error() is None
    with trio.move_on_after(0) as scope:
        await a.wait_readable()
    assert scope.cancelled_caught, "the error queue is drained: the socket is quiet again"


@linux
async def test_an_error_of_one_peer_does_not_cost_another_its_datagram(
    pair: tuple[KernelDatagramSocket, KernelDatagramSocket],
) -> None:
    """TRN-10."""
    a, b = pair
    closed = ("127.0.0.1", unused_port())
    a.send(b"x", closed)
    assert b.send(b"to a", a.local_address)
    # The pending error comes up in the next call, whatever that call is about.
    assert a.send(b"to b", b.local_address)
    assert a.receive() == (b"to a", b.local_address)
    assert b.receive() == (b"to b", a.local_address)
    assert a.next_error() == (closed, "Connection refused")
    a.send(b"x", closed)
    assert b.send(b"again", a.local_address)
    assert a.receive() == (b"again", b.local_address)


@linux
async def test_waiting_errors_end_the_wait(pair: tuple[KernelDatagramSocket, KernelDatagramSocket]) -> None:
    """TRN-10."""
    a, b = pair
    a.send(bytes(65_508), b.local_address)
    with trio.fail_after(5):
        await a.wait_readable()
    assert a.next_error() is not None


async def test_a_taken_port_is_one_clear_line() -> None:
    """TRN-7, ERR-1."""
    first = await open_socket()
    try:
        with pytest.raises(
            PortInUseError, match=rf"^UDP port {first.local_address[1]} on 127.0.0.1 is in use"
        ):
            await open_socket(port=first.local_address[1])
    finally:
        first.close()


async def test_a_foreign_address_cannot_be_bound() -> None:
    """TRN-7, ERR-1."""
    with pytest.raises(NetworkError, match=r"cannot listen on 192\.0\.2\.1"):
        await open_socket("192.0.2.1")


async def test_closing_wakes_the_waiting_task_and_frees_the_port() -> None:
    """TRN-7."""
    a = await open_socket()

    async def wait() -> None:
        with pytest.raises(trio.ClosedResourceError):
            await a.wait_readable()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        a.close()
    a.close()
    assert a.receive() is None
    assert not a.send(b"x", ("127.0.0.1", 9))
    with pytest.raises(trio.ClosedResourceError):
        await a.wait_readable()
    again = await open_socket(port=a.local_address[1])
    again.close()


@linux
async def test_a_small_receive_buffer_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    """TRN-13."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    wanted = 2**30
    with caplog.at_level(logging.WARNING, logger="trio_runtime"):
        a = KernelDatagramSocket(sock, receive_buffer=wanted)
    try:
        granted = a.statistics().receive_buffer
        assert granted == a.receive_buffer > 0
        assert ("bursts may be lost" in caplog.text) is (granted < wanted)
    finally:
        a.close()


async def test_names_resolve_and_addresses_pass() -> None:
    """TRN-7."""
    assert await network.resolve("192.0.2.7") == ["192.0.2.7"]
    assert await network.resolve("2001:db8::1") == ["2001:db8::1"]
    assert "127.0.0.1" in await network.resolve("localhost")


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 70 + ".invalid"])
async def test_an_unknown_name_is_one_clear_line(name: str) -> None:
    """ERR-1."""
    with pytest.raises(ResolutionError, match=r"^cannot find "):
        await network.resolve(name)


def test_own_address_towards_a_peer() -> None:
    """TRN-7."""
    assert network.local_host_for("127.0.0.1") == "127.0.0.1"
    with pytest.raises(NetworkError, match=r"no route to 256\.0\.0\.1"):
        network.local_host_for("256.0.0.1")


async def test_repr_shows_the_address(pair: tuple[KernelDatagramSocket, KernelDatagramSocket]) -> None:
    """TRN-7."""
    assert repr(pair[0]) == f"<UDP 127.0.0.1:{pair[0].local_address[1]}>"
