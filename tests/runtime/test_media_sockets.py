from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest
import trio
import trio.testing

from trio_runtime.media.sockets import KernelMediaIO

with_epoll = pytest.mark.skipif(not hasattr(select, "epoll"), reason="this system has no epoll")


@pytest.fixture(params=[pytest.param(True, marks=with_epoll, id="epoll"), pytest.param(False, id="portable")])
def media(request: pytest.FixtureRequest) -> Iterator[KernelMediaIO]:
    media_io = KernelMediaIO(use_epoll=request.param)
    yield media_io
    media_io.close()


def rows(count: int = 200) -> list[memoryview]:
    return [memoryview(bytearray(2_048)) for _ in range(count)]


def test_each_readable_socket_gives_one_datagram_a_round(media: KernelMediaIO) -> None:
    """COO-13, MED-27."""
    buffer = rows()
    assert media.receive(buffer) == []
    a, b, c = (media.open("127.0.0.1", 0) for _ in range(3))
    assert media.receive(buffer) == []
    assert a.send(b"rtp", b.local_address)
    assert media.receive(buffer) == [(b, 3, a.local_address)]
    assert bytes(buffer[0][:3]) == b"rtp"
    assert media.receive(buffer) == []
    for data, receiver in ((b"1", c), (b"22", b), (b"3", b)):
        assert a.send(data, receiver.local_address)
    first = media.receive(buffer)
    assert {(socket, length) for socket, length, _ in first} == {(b, 2), (c, 1)}
    assert media.receive(buffer) == [(b, 1, a.local_address)]


def test_no_more_datagrams_than_rows(media: KernelMediaIO) -> None:
    """COO-13."""
    a, b, c = (media.open("127.0.0.1", 0) for _ in range(3))
    assert a.send(b"1", b.local_address)
    assert a.send(b"2", c.local_address)
    one = rows(1)
    assert len(media.receive(one)) == 1
    assert len(media.receive(one)) == 1
    assert media.receive(one) == []


def test_a_connected_socket_hears_its_peer_only(media: KernelMediaIO) -> None:
    """MED-27, SEC-1: strangers are kept out by the kernel, those included that waited already."""
    buffer = rows()
    a, b, stranger = (media.open("127.0.0.1", 0) for _ in range(3))
    assert not b.transmit(memoryview(b"nobody"))
    assert stranger.send(b"before", b.local_address)
    assert b.connect(a.local_address)
    assert b.peer == a.local_address
    assert repr(b).endswith(f" to 127.0.0.1:{a.local_address[1]}>")
    assert media.receive(buffer) == [(b, 6, stranger.local_address)], "its source is told"
    assert stranger.send(b"after", b.local_address)
    assert media.receive(buffer) == []
    assert a.send(b"peer", b.local_address)
    assert media.receive(buffer) == [(b, 4, None)]
    assert b.transmit(memoryview(b"back"))
    assert media.receive(buffer) == [(a, 4, b.local_address)]
    assert b.connect(None)
    assert [b.peer] == [None]
    assert stranger.send(b"again", b.local_address)
    assert media.receive(buffer) == [(b, 5, stranger.local_address)]
    assert b.local_address[1]


def test_many_datagrams_of_a_connected_peer(media: KernelMediaIO) -> None:
    """MED-27: after a while the sender is the kernel's business alone."""
    a, b = (media.open("127.0.0.1", 0) for _ in range(2))
    assert b.connect(a.local_address)
    buffer = rows(2)
    for number in range(1_100):
        assert a.send(number.to_bytes(2, "big"), b.local_address)
        assert media.receive(buffer) == [(b, 2, None)]
        assert bytes(buffer[0][:2]) == number.to_bytes(2, "big")


def test_what_is_told_of_one_datagram_loses_no_other(media: KernelMediaIO) -> None:
    """MED-27: the kernel tells of a closed port at the next datagram, which has to go out all the same."""
    a, b = (media.open("127.0.0.1", 0) for _ in range(2))
    assert a.connect(b.local_address)
    where = b.local_address
    b.close()
    assert a.transmit(memoryview(b"refused"))
    again = media.open(*where)
    assert a.transmit(memoryview(b"goodbye"))
    buffer = rows(4)
    assert [arrival for arrival in media.receive(buffer) if arrival[0] is again] == [
        (again, 7, a.local_address)
    ]
    again.close()
    assert a.send(b"refused", where)
    again = media.open(*where)
    assert a.send(b"the end", where)
    assert [socket for socket, *_ in media.receive(buffer)] == [again]


def test_a_peer_that_cannot_be(media: KernelMediaIO) -> None:
    """MED-27: then the socket is connected to nobody and goes on."""
    a = media.open("127.0.0.1", 0)
    assert not a.connect(("192.0.2.1", 70_000))
    assert a.peer is None


def test_a_closed_socket_is_forgotten_and_its_port_free(media: KernelMediaIO) -> None:
    """COO-13."""
    a = media.open("127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        media.open(*a.local_address)
    a.close()
    a.close()
    b = media.open(*a.local_address)
    with pytest.raises(OSError, match="descriptor"):
        a.read(memoryview(bytearray(10)))
    assert not a.send(b"x", b.local_address)
    assert media.receive(rows()) == []


def test_more_ready_sockets_than_one_answer_of_the_kernel_holds(media: KernelMediaIO) -> None:
    """COO-13."""
    sender = media.open("127.0.0.1", 0)
    sockets = [media.open("127.0.0.1", 0) for _ in range(100)]
    for sock in sockets:
        sender.send(b"x", sock.local_address)
    assert {socket for socket, *_ in media.receive(rows())} == set(sockets)


@pytest.mark.parametrize("destination", [("127.0.0.1", 70_000), ("::1", 9), ("a\0b", 9)])
def test_an_impossible_destination_is_a_dropped_packet(
    media: KernelMediaIO, destination: tuple[str, int]
) -> None:
    """COO-13."""
    assert not media.open("127.0.0.1", 0).send(b"x", destination)


def test_repr_shows_the_address(media: KernelMediaIO) -> None:
    """COO-13."""
    a = media.open("127.0.0.1", 0)
    assert repr(a) == f"<media UDP 127.0.0.1:{a.local_address[1]}>"


def test_late_reading_tells_how_long_ago_a_datagram_came(media: KernelMediaIO) -> None:
    """MED-21: by the kernel's own timestamps; the same datagrams otherwise."""
    a, b = (media.open("127.0.0.1", 0) for _ in range(2))
    buffer = rows()
    assert media.receive_late(buffer) == ([], [])
    assert a.send(b"one", b.local_address)
    assert a.send(b"two!", b.local_address)
    arrivals, ages = media.receive_late(buffer)
    assert arrivals == [(b, 3, a.local_address)]
    assert bytes(buffer[0][:3]) == b"one"
    assert 0.0 <= ages[0] < 60.0
    assert b.connect(a.local_address)
    arrivals, ages = media.receive_late(buffer)
    assert arrivals == [(b, 4, None)]
    assert len(ages) == 1
    assert media.receive_late(buffer) == ([], [])


def test_socket_moves_to_another_set(media: KernelMediaIO) -> None:
    """BRG-8: with what waits in it; closing it there forgets it."""
    other = KernelMediaIO(use_epoll=media._epoll is not None)
    a, b = (media.open("127.0.0.1", 0) for _ in range(2))
    assert a.send(b"before", b.local_address)
    other.adopt(b)
    assert media.receive(rows()) == []
    assert other.receive(rows()) == [(b, 6, a.local_address)]
    assert a.send(b"after", b.local_address)
    assert other.receive(rows()) == [(b, 5, a.local_address)]
    media.adopt(b)
    assert other.receive(rows()) == []
    assert a.send(b"again", b.local_address)
    assert media.receive(rows()) == [(b, 5, a.local_address)]
    other.adopt(a)
    a.close()
    assert other.receive(rows()) == []
    other.adopt(a)
    assert other.receive(rows()) == []
    other.close()


async def test_set_is_waited_for(media: KernelMediaIO) -> None:
    """BRG-8: until a socket of it has something, one that came later as well."""
    a, b = (media.open("127.0.0.1", 0) for _ in range(2))
    got: list[bytes] = []
    buffer = rows(2)

    first = trio.Event()

    async def read() -> None:
        while b"last" not in got:
            await media.wait_readable()
            got.extend(bytes(buffer[place][: item[1]]) for place, item in enumerate(media.receive(buffer)))
            if got:
                first.set()

    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            assert a.send(b"first", b.local_address)
            await first.wait()
            late = media.open("127.0.0.1", 0)
            assert a.send(b"last", late.local_address)
    assert got == [b"first", b"last"]


@with_epoll
async def test_closing_ends_the_waiting() -> None:
    """BRG-8."""
    media = KernelMediaIO(use_epoll=True)
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:

            async def wait() -> None:
                with pytest.raises(trio.ClosedResourceError):
                    await media.wait_readable()

            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            media.close()


def test_what_waited_before_connecting_is_doubted_until_it_is_read(media: KernelMediaIO) -> None:
    """MED-27, SEC-1: then the sender is the kernel's business, but for some that may be on their way."""
    a, b, stranger = (media.open("127.0.0.1", 0) for _ in range(3))
    buffer = rows(2)
    for _ in range(30):
        assert stranger.send(b"stranger", b.local_address)
    assert b.connect(a.local_address)
    for _ in range(30):
        assert media.receive(buffer) == [(b, 8, stranger.local_address)]
    assert b._doubts == 16
    for _ in range(17):
        assert a.send(b"peer", b.local_address)
        assert media.receive(buffer) == [(b, 4, None)]
    assert b._doubts == 0


@pytest.mark.parametrize(("host", "dscp"), [("127.0.0.1", 46), ("::1", 46), ("127.0.0.1", 0)])
def test_packets_are_marked_for_the_network(host: str, dscp: int) -> None:
    """MED-27: expedited forwarding (RFC 4594) over IPv4 and IPv6; over both, media passes."""
    media = KernelMediaIO(dscp)
    try:
        try:
            a, b = media.open(host, 0), media.open(host, 0)
        except OSError:
            pytest.skip("this machine has no IPv6: enable it on the loopback device")
        level, option = (
            (socket.IPPROTO_IPV6, socket.IPV6_TCLASS) if ":" in host else (socket.IPPROTO_IP, socket.IP_TOS)
        )
        assert a._socket.getsockopt(level, option) == dscp << 2
        assert b.connect(a.local_address)
        assert a.send(b"media", b.local_address)
        assert media.receive(rows()) == [(b, 5, None)]
    finally:
        media.close()
